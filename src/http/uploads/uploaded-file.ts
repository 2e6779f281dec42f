import type { Buffer } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** A file that came with a form. Small ones are in memory, others in a temporary file removed when the request ends. */
export class UploadedFile {
  /** The field of the form. */
  readonly field: string
  /** The name it had, without directories and control characters. Chosen by the client: never a path to write to. */
  readonly name: string
  /** What the client says it is, such as `image/png`. Not checked. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  readonly #content: Buffer | null
  readonly #path: string | null
  #moved = false

  /** @param content its bytes, or the path of the temporary file */
  constructor(field: string, name: string, type: string, size: number, content: Buffer | string) {
    this.field = field
    this.name = name
    this.type = type
    this.size = size
    this.#content = typeof content === 'string' ? null : content
    this.#path = typeof content === 'string' ? content : null
  }

  /** Where it lies while the request lasts; null when it is in memory. */
  get temporaryPath(): string | null {
    return this.#moved ? null : this.#path
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#content ? Uint8Array.from(this.#content) : Uint8Array.from(await readFile(this.#path!))
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  /** Its text, read as UTF-8. */
  async text(): Promise<string> {
    return new TextDecoder().decode(this.#content ?? (await readFile(this.#path!)))
  }

  /** Its bytes as they are read. */
  stream(): ReadableStream<Uint8Array> {
    const readable = this.#content ? Readable.from([this.#content]) : createReadStream(this.#path!)
    return Readable.toWeb(readable) as ReadableStream<Uint8Array> // node's own type of the same class
  }

  /**
   * Keeps it at `path`: moved where that is on the same file system, else copied. Choose the path yourself, never from
   * `name` alone. It can still be read afterwards, while it lies in memory.
   */
  async saveTo(path: string): Promise<void> {
    if (this.#content) return writeFile(path, this.#content)
    try {
      await rename(this.#path!, path)
      this.#moved = true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await copyFile(this.#path!, path)
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: no name of a file has them on purpose
const CONTROL = /[\x00-\x1f\x7f\u2028\u2029]/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The last part of a file's name as a client sends it, or null when nothing is left that could be one. HTML entities are
 * resolved first: `&#x2e;&#x2e;/x` must not become `../x` later.
 */
export function cleanFileName(name: string): string | null {
  const plain = name.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));/g, (all, dec, hex, word) => {
    const code = dec ? Number(dec) : hex ? Number.parseInt(hex, 16) : undefined
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : ''
    return entities[word as string] ?? all
  })
  const last = plain.split(/[/\\]/).at(-1)!.replace(CONTROL, '').trim().toWellFormed()
  if (last === '' || last === '.' || last === '..') return null
  if (last.length <= 255) return last
  const dot = last.lastIndexOf('.')
  const extension = dot > 0 && last.length - dot <= 32 ? last.slice(dot) : ''
  return last.slice(0, 255 - extension.length) + extension
}
