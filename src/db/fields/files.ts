/** Fields of files: the column holds a name in a storage, an instance the file. */
import { t, timeZone } from '../../i18n/index.ts'
import { Temporal } from '../../std/dates.ts'
import { checkFile, endingsOf, IMAGE_EXTENSIONS } from '../../storage/checks.ts'
import type { FileStorage } from '../../storage/file-storage.ts'
import { assertSafeName, cleanName } from '../../storage/names.ts'
import { storage as storageOf, wantStorages } from '../../storage/registry.ts'
import { type FileContent, type FileLike, isFileLike } from '../../storage/source.ts'
import { isStoredFile, newFile, StoredFile } from '../../storage/stored-file.ts'
import { ValidationError } from '../../validators.ts'
import { ModelError } from '../errors.ts'
import type { Conversion } from '../kinds.ts'
import { ALIAS, type AnyInstance } from '../models/instance.ts'
import type { InstanceMethods } from '../models/instance-methods.ts'
import type { FieldOptions as AnyOptions, FileRules } from '../models/meta.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import { declare, type FieldType, numberOption } from './descriptor.ts'
import type { FieldOptions, IsOptionalText, WideField } from './types.ts'

/** Options of {@link file}. */
export interface FileOptions extends Omit<FieldOptions<string>, 'choices' | 'dbDefault' | 'primaryKey' | 'validators'> {
  /**
   * The folder of new files: `covers`, or with the date in it, `covers/%Y/%m` (strftime). Or a function that gives the
   * whole name, `(book: Book, name) => \`${book.slug}/${name}\``; the last part is made safe afterwards. Default: the top.
   */
  readonly uploadTo?: string | ((instance: never, name: string) => string)
  /** Alias of the setting `storages`, or a function that gives a storage, asked each time. Default `default`. */
  readonly storage?: string | (() => FileStorage)
  /** Characters of the name; default 100. */
  readonly maxLength?: number
  /** Endings allowed: `['pdf', 'docx']`. Default any; of images those that browsers show. */
  readonly extensions?: readonly string[]
  /** Bytes a new file may have. Default: what a request may send. */
  readonly maxSize?: number
  /**
   * Deletes a file when its row names another one or is deleted, once that is committed. Default false, as in Django:
   * another row may name it, and a backup of the database may be older.
   */
  readonly cleanup?: boolean
  /** Run by `clean()` and `fullClean()`, after the field's own. */
  readonly validators?: readonly ((file: StoredFile) => void)[]
}
/** Options of {@link image}. */
export interface ImageOptions extends FileOptions {
  /** The field that keeps the width in pixels; filled when a file is stored, null without one. */
  readonly widthField?: string
  readonly heightField?: string
}

/** null where there may be no file. */
type FileValue<O> = O extends { readonly null: true } | { readonly blank: true } ? StoredFile | null : StoredFile
/** What is taken where a file is written: an upload, a `File`, a stored file's name. */
export type FileInput = FileLike | string

/** Options of a declaration that a column knows nothing of. */
const BESIDE_COLUMN = ['uploadTo', 'storage', 'extensions', 'maxSize', 'cleanup', 'widthField', 'heightField']
const DEFAULT_LENGTH = 100

function conversionOf(options: AnyOptions): Conversion {
  const find = storageFinder(options)
  return Object.freeze({
    fromDb: (stored: unknown) => (stored === '' ? null : new StoredFile(String(stored), find, null)),
    toDb: storedName,
    ...(options.null === true ? {} : { nothing: '' }),
  })
}

/** @throws QueryValueError db.file-not-saved for a file that only save() stores */
function storedName(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (isStoredFile(value) && value.isStored) return value.name
  const what = isFileLike(value) ? `The file ${JSON.stringify(value.name)}` : picture(value)
  throw new QueryValueError(`${what} is in no storage yet.`, {
    code: 'db.file-not-saved',
    hint: 'save(), create() and bulkCreate() store files: uploads, and newFile(content, name) of content of your own. A query takes those that are stored, or their names.',
  })
}

function storageFinder({ storage }: AnyOptions): () => FileStorage {
  return typeof storage === 'function' ? (storage as () => FileStorage) : () => storageOf(storage as string | undefined)
}

/** What code may give in place of the file itself. */
function toFile(value: unknown, options: AnyOptions = {}): unknown {
  if (value === '') return null
  if (typeof value === 'string') return new StoredFile(value, storageFinder(options), null)
  return isFileLike(value) && !isStoredFile(value) ? newFile(value) : value
}

function rulesOf(options: AnyOptions, image: boolean): FileRules {
  const { uploadTo = '', widthField, heightField, cleanup } = options
  if (typeof uploadTo === 'string') assertPattern(uploadTo)
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return Object.freeze({
    image,
    storage: storageFinder(options),
    coerce: (value: unknown) => toFile(value, options),
    nameFor: (instance: AnyInstance, given: string) => nameFor(uploadTo, instance, given),
    maxLength: numberOption(options, 'maxLength') ?? DEFAULT_LENGTH,
    maxSize: numberOption(options, 'maxSize') ?? null,
    extensions: endingsOf(options.extensions as readonly string[] | undefined) ?? (image ? IMAGE_EXTENSIONS : null),
    widthField: text(widthField),
    heightField: text(heightField),
    cleanup: cleanup === true,
  })
}

/** The name a new file asks for. @throws UnsafeNameError storage.unsafe-name */
function nameFor(uploadTo: unknown, instance: AnyInstance, given: string): string {
  const base = given.split(/[/\\]/).at(-1)!
  const wanted =
    typeof uploadTo === 'function'
      ? String((uploadTo as (instance: AnyInstance, name: string) => string)(instance, base))
      : [dated(String(uploadTo)).replace(/^(?:\.\/)+|\/+$/g, ''), base].filter((part) => part !== '').join('/')
  const slash = wanted.lastIndexOf('/') + 1
  // What a function made of other fields of the row may hold `..` as much as what a visitor sent.
  if (slash > 0) assertSafeName(wanted.slice(0, slash - 1))
  return wanted.slice(0, slash) + cleanName(wanted.slice(slash))
}

const two = (value: number) => String(value).padStart(2, '0')
const PARTS: Readonly<Record<string, (now: Temporal.ZonedDateTime) => string>> = {
  Y: (now) => String(now.year).padStart(4, '0'),
  y: (now) => two(now.year % 100),
  m: (now) => two(now.month),
  d: (now) => two(now.day),
  H: (now) => two(now.hour),
  M: (now) => two(now.minute),
  S: (now) => two(now.second),
  j: (now) => String(now.dayOfYear).padStart(3, '0'),
  '%': () => '%',
}

/** @throws ModelError db.bad-field */
function assertPattern(pattern: string): void {
  const unknown = [...pattern.matchAll(/%(.?)/gs)].find(([, part]) => !Object.hasOwn(PARTS, part!))
  if (unknown === undefined && !pattern.startsWith('/') && !pattern.split('/').includes('..')) return
  throw new ModelError(`uploadTo: ${JSON.stringify(pattern)} is no folder for files.`, {
    code: 'db.bad-field',
    hint: 'Write a folder below the storage, with the date as %Y, %m, %d, %H, %M, %S, %y or %j: "covers/%Y/%m".',
  })
}

function dated(pattern: string): string {
  if (!pattern.includes('%')) return pattern
  const now = Temporal.Now.zonedDateTimeISO(timeZone())
  return pattern.replace(/%(.)/g, (_, part: string) => PARTS[part]!(now))
}

/** Checks of new files; what is stored was checked when it came. */
function checked(file: StoredFile, { extensions, maxSize }: FileRules): StoredFile {
  const { source } = file
  if (source !== null) checkFile(file.name, source.size, { extensions, maxSize })
  return file
}

function fileType(builder: string, image: boolean): FieldType {
  return {
    builder,
    kind: 'char',
    text: true,
    empty: null,
    column: (options) => ({
      kind: 'char',
      maxLength: numberOption(options, 'maxLength') ?? DEFAULT_LENGTH,
      conversion: conversionOf(options),
    }),
    coerce: toFile,
    parse(input, field) {
      if (isStoredFile(input)) return checked(input, field.files!)
      if (isFileLike(input)) return checked(newFile(input, input.name || 'file'), field.files!)
      // A name that came from outside could be that of anybody's file.
      throw new ValidationError(t('Choose a file.'), { kind: 'invalid' })
    },
    implied: (options) => (options.blank === true && options.null !== true ? () => null : null),
    files: (options) => rulesOf(options, image),
    storage: {
      builder: 'char',
      options: (options) => {
        const kept = Object.entries(options).filter(([name]) => !BESIDE_COLUMN.includes(name))
        return { ...Object.fromEntries(kept), maxLength: numberOption(options, 'maxLength') ?? DEFAULT_LENGTH }
      },
    },
  }
}
const fileFieldType = fileType('file', false)
const imageFieldType = fileType('image', true)

/**
 * A file in a storage: `report: file({ uploadTo: 'reports/%Y' })`. The column holds its name, as in Django
 * (`varchar(100)`, `''` for none); the value is a {@link StoredFile}, or null where `blank` or `null` allow none.
 * An upload given to `create()`, a form or `newFile()` is stored by `save()`; if the transaction is rolled back, it goes
 * again.
 * @throws ModelError db.bad-field for a folder that cannot be one
 */
export function file<const O extends FileOptions>(
  options?: O,
): WideField<FileValue<O>, FileInput, IsOptionalText<O>, 'text', false> {
  wantStorages() // where the model is declared: before a project decides what it loads
  return declare(fileFieldType, options)
}

/**
 * A {@link file} that is an image: PNG, JPEG, GIF, WebP, AVIF, HEIC or BMP by its header, which `fullClean()` and forms look
 * at. `widthField` and `heightField` keep its size, so that pages need not open it.
 */
export function image<const O extends ImageOptions>(
  options?: O,
): WideField<FileValue<O>, FileInput, IsOptionalText<O>, 'text', false> {
  wantStorages()
  return declare(imageFieldType, options)
}

/** Names of the attributes of an instance that hold files. */
type FileKeys<T> = { [K in keyof T]-?: Extract<T[K], StoredFile> extends never ? never : K }[keyof T] & string

/**
 * Gives a row a file and saves it: `await saveFile(book, 'cover', bytes, 'cover.png')`. What else was changed in the
 * instance is saved as well.
 * @throws StorageError storage.no-name for content without a name
 */
export async function saveFile<T extends InstanceMethods>(
  instance: T,
  field: FileKeys<T>,
  content: FileContent | StoredFile,
  name?: string,
): Promise<StoredFile> {
  const row = instance as unknown as AnyInstance // its fields, by name
  row[field] = isStoredFile(content) ? content : newFile(content, name)
  await instance.save()
  return row[field] as StoredFile
}

/**
 * Takes a row's file away: the row is saved without it, then the file is deleted, once that is committed. Nothing happens
 * where there is none.
 */
export async function deleteFile<T extends InstanceMethods>(instance: T, field: FileKeys<T>): Promise<void> {
  const row = instance as unknown as AnyInstance // as above
  const file = row[field]
  if (!isStoredFile(file)) return
  row[field] = null
  await instance.save()
  if (!file.isStored) return
  const { deleteLater } = await import('../query/save-files.ts')
  await deleteLater([file], row[ALIAS]!)
}
