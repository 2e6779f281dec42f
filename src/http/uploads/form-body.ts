import type { UploadedFile } from './uploaded-file.ts'

/** The files of a form, by field. */
export class FormFiles {
  readonly #files: ReadonlyMap<string, readonly UploadedFile[]>

  constructor(files: ReadonlyMap<string, readonly UploadedFile[]>) {
    this.#files = files
  }

  /** The last file of a field, or null when none was chosen. */
  get(name: string): UploadedFile | null {
    return this.#files.get(name)?.at(-1) ?? null
  }

  getAll(name: string): readonly UploadedFile[] {
    return this.#files.get(name) ?? []
  }

  has(name: string): boolean {
    return this.#files.has(name)
  }

  get size(): number {
    return this.#files.size
  }

  *[Symbol.iterator](): IterableIterator<[string, UploadedFile]> {
    for (const [name, files] of this.#files) for (const file of files) yield [name, file]
  }
}

/** What a form sent: text by field, and `files`. Fields come in the order sent; names are only text, whatever they are. */
export class FormBody {
  readonly #fields: ReadonlyMap<string, readonly string[]>
  readonly files: FormFiles

  constructor(
    fields: ReadonlyMap<string, readonly string[]>,
    files: ReadonlyMap<string, readonly UploadedFile[]> = new Map(),
  ) {
    this.#fields = fields
    this.files = new FormFiles(files)
  }

  /** The last value of a field (as in Django), or null when it was not sent. */
  get(name: string): string | null {
    return this.#fields.get(name)?.at(-1) ?? null
  }

  /** All values of a field, in the order sent. */
  getAll(name: string): readonly string[] {
    return this.#fields.get(name) ?? []
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  keys(): IterableIterator<string> {
    return this.#fields.keys()
  }

  /** Number of different fields. */
  get size(): number {
    return this.#fields.size
  }

  /** Each value with its field. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [name, values] of this.#fields) for (const value of values) yield [name, value]
  }

  /** A plain object without prototype: one value as text, several as a list. */
  toJSON(): Record<string, string | readonly string[]> {
    const out = Object.create(null) as Record<string, string | readonly string[]>
    for (const [name, values] of this.#fields) out[name] = values.length === 1 ? values[0]! : values
    return out
  }
}

/** Adds a value to a list of lists. */
export function addTo<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [value])
  else list.push(value)
}
