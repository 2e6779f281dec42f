import { Buffer } from 'node:buffer'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { inWords, tooLarge } from '../body.ts'
import { BadRequest, ContentTooLarge } from '../errors.ts'
import type { BodyLimits } from '../limits.ts'
import { addTo, FormBody } from './form-body.ts'
import { cleanFileName, UploadedFile } from './uploaded-file.ts'
import { tooManyFields } from './urlencoded.ts'

/** A file up to this size stays in memory: with the default of 100 files, at most 25 MB a request. */
const IN_MEMORY = 256 * 1024

/** What a body may have beside fields and files: headers and boundaries of parts, and a chunk, so that the limits that
 *  say more are met first. */
const PART_OVERHEAD = 1024
const CHUNK = 256 * 1024

/**
 * Reads a multipart form as it arrives. Whatever fails, temporary files are gone afterwards; when it succeeds they stay
 * until `cleanup` runs what it is given.
 *
 * @param cleanup takes a function to be called when the request ends
 * @throws BadRequest http.malformed-multipart, http.body-incomplete
 * @throws ContentTooLarge http.body-too-large, http.file-too-large, http.too-many-fields, http.too-many-files
 */
export async function readMultipart(
  body: AsyncIterable<Uint8Array> | null,
  contentType: string,
  limits: BodyLimits,
  cleanup: (remove: () => Promise<void>) => void,
): Promise<FormBody> {
  const reader = new MultipartReader(contentType, limits)
  try {
    const form = await reader.read(body ?? empty())
    if (reader.hasTemporaryFiles) cleanup(() => reader.remove())
    return form
  } catch (error) {
    await reader.remove()
    throw error
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

class MultipartReader {
  /** Temporary directory of this request, once a file needed one. */
  #directory: Promise<string> | null = null
  readonly #limits: BodyLimits
  readonly #parser: BusboyInstance
  readonly #fields = new Map<string, string[]>()
  readonly #files = new Map<string, UploadedFile[]>()
  readonly #open = new Set<BusboyFileStream>()
  readonly #writing: Promise<void>[] = []
  #fieldBytes = 0
  #fileBytes = 0
  #counter = 0
  #failure: Error | null = null
  #wake: (() => void) | null = null
  #done = false

  constructor(contentType: string, limits: BodyLimits) {
    this.#limits = limits
    try {
      this.#parser = new Busboy({
        headers: { 'content-type': contentType },
        isPartAFile: (_field, _type, fileName) => fileName !== undefined,
        limits: {
          fields: limits.maxFields,
          files: limits.maxFiles,
          parts: limits.maxFields + limits.maxFiles + 1,
          fieldSize: limits.maxBody,
          fileSize: limits.maxFileSize,
          headerPairs: 50,
          headerSize: 16 * 1024,
        },
      })
    } catch (cause) {
      throw malformed('its Content-Type names no boundary', cause)
    }
    this.#parser
      .on('field', (name, value, _nameCut, cut, encoding, type) => this.#onField(name, value, cut, encoding, type))
      .on('file', (name, stream, fileName, encoding, type) => this.#onFile(name, stream, fileName, encoding, type))
      .on('fieldsLimit', () => this.#fail(tooManyFields(limits.maxFields)))
      .on('partsLimit', () => this.#fail(tooManyFields(limits.maxFields)))
      .on('filesLimit', () => this.#fail(tooManyFiles(limits.maxFiles)))
      .on('error', (error) => this.#fail(malformed('it ends in the middle or has a broken part', error)))
      .on('finish', () => this.#finish())
  }

  async read(body: AsyncIterable<Uint8Array>): Promise<FormBody> {
    try {
      await this.#feed(body)
      while (!this.#done && !this.#failure) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } catch (error) {
      this.#fail(error as Error) // the connection's, or a parser's that threw
    }
    // Whatever happened, no file is left open: those being written end here.
    if (this.#failure) for (const stream of this.#open) stream.destroy()
    await Promise.all(this.#writing)
    if (this.#failure) throw this.#failure
    return new FormBody(this.#fields, this.#files)
  }

  async #feed(body: AsyncIterable<Uint8Array>): Promise<void> {
    const { maxBody, maxUpload, maxFields, maxFiles } = this.#limits
    const most = maxBody + maxUpload + PART_OVERHEAD * (maxFields + maxFiles) + CHUNK
    let size = 0
    for await (const chunk of body) {
      size += chunk.length
      if (size > most) this.#fail(tooLarge(maxBody + maxUpload))
      if (!this.#failure) await this.#write(chunk)
      if (this.#failure) return
    }
    this.#parser.end()
  }

  get hasTemporaryFiles(): boolean {
    return this.#directory !== null
  }

  async remove(): Promise<void> {
    const directory = await this.#directory
    this.#directory = null
    if (directory !== null) await rm(directory, { recursive: true, force: true })
  }

  /** Waits until the parser has taken a chunk, which it does once the file being written has. */
  #write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#parser.write(chunk, () => resolve())
    })
  }

  #onField(name: string | undefined, value: string, cut: boolean, encoding: string, type: string): void {
    if (this.#failure || name === undefined) return
    // A file input left empty: the parser does not tell an empty file name from none.
    if (value === '' && type === 'application/octet-stream') return
    if (isEncoded(encoding)) this.#fail(unsupportedEncoding(encoding))
    this.#fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (cut || this.#fieldBytes > this.#limits.maxBody) this.#fail(tooLarge(this.#limits.maxBody))
    if (!this.#failure) addTo(this.#fields, name, value)
  }

  #onFile(name: string | undefined, stream: BusboyFileStream, fileName: string, encoding: string, type: string): void {
    stream.on('error', () => {}) // reported by the parser, or by whoever reads it
    const clean = cleanFileName(fileName)
    if (isEncoded(encoding)) this.#fail(unsupportedEncoding(encoding))
    if (this.#failure || name === undefined || clean === null) {
      stream.resume()
      return
    }
    this.#open.add(stream)
    if (!this.#files.has(name)) this.#files.set(name, [])
    const list = this.#files.get(name)!
    const index = list.push(undefined as never) - 1 // filled below, before anyone sees the list
    this.#writing.push(
      this.#store(stream, name, clean, type).then(
        (file) => {
          list[index] = file
        },
        (error) => this.#fail(error),
      ),
    )
  }

  /** In memory while it is small, then to a file of its own. Reading waits for the disk. */
  async #store(stream: BusboyFileStream, field: string, name: string, type: string): Promise<UploadedFile> {
    let chunks: Buffer[] = []
    let size = 0
    let file: FileHandle | null = null
    let path = ''
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length
        this.#fileBytes += chunk.length
        if (this.#fileBytes > this.#limits.maxUpload)
          throw fileTooLarge('All files together are', this.#limits.maxUpload)
        if (file === null) chunks.push(chunk)
        else await file.write(chunk)
        if (file === null && size > IN_MEMORY) {
          path = await this.#temporaryPath()
          file = await open(path, 'wx', 0o600)
          await file.writev(chunks)
          chunks = []
        }
      }
      if (stream.truncated) throw fileTooLarge(`The file ${JSON.stringify(name)} is`, this.#limits.maxFileSize)
      return new UploadedFile(field, name, type, size, file === null ? Buffer.concat(chunks, size) : path)
    } finally {
      this.#open.delete(stream)
      await file?.close()
    }
  }

  /** Named by us, in a directory only we can enter: nothing of what was sent reaches a path. */
  async #temporaryPath(): Promise<string> {
    this.#directory ??= mkdtemp(join(tmpdir(), 'nuages-upload-'))
    return join(await this.#directory, String(this.#counter++))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  #finish(): void {
    this.#done = true
    this.#wake?.()
  }
}

function isEncoded(encoding: string): boolean {
  return encoding === 'base64' || encoding === 'quoted-printable'
}

function unsupportedEncoding(encoding: string): BadRequest {
  return malformed(`a part is in ${encoding}, which forms have not been sent in since RFC 7578`)
}

function malformed(what: string, cause?: unknown): BadRequest {
  return new BadRequest(`The multipart form cannot be read: ${what}.`, { code: 'http.malformed-multipart', cause })
}

function tooManyFiles(limit: number): ContentTooLarge {
  return new ContentTooLarge(`More than ${limit} files were sent.`, {
    code: 'http.too-many-files',
    hint: 'The limit is the setting limits.maxFiles.',
  })
}

function fileTooLarge(what: string, limit: number): ContentTooLarge {
  return new ContentTooLarge(`${what} larger than ${inWords(limit)}.`, {
    code: 'http.file-too-large',
    hint: 'The limit is the setting limits.maxUpload.',
  })
}
