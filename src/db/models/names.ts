/**
 * Names on disk, as Django makes them: a database that Django made is found, and one that Nuages made is found by
 * Django. Sources: django/db/models/options.py, indexes.py, django/db/backends/base/schema.py, backends/utils.py.
 */
import { createHash } from 'node:crypto'
import { camelToSnake } from '../../std/text.ts'

/** `library` + `BookReview` → `library_bookreview` */
export function tableName(app: string, model: string): string {
  return boundedName(`${app}_${model.toLowerCase()}`)
}
/** A name that no database cuts: a longer one ends in a hash of the whole, as Django's `truncate_name` makes it. */
export function boundedName(name: string): string {
  return isShort(name) ? name : start(name, MAX_NAME - 4) + digest([name], 4)
}
/** Whether every database keeps a name whole: PostgreSQL counts bytes, and cuts what is longer without a word. */
export function isShort(name: string): boolean {
  return name.length <= MAX_NAME && Buffer.byteLength(name) <= MAX_NAME
}
/** As much of a name as fits in so many bytes. */
function start(name: string, bytes: number): string {
  let cut = name.slice(0, bytes)
  while (Buffer.byteLength(cut) > bytes) cut = cut.slice(0, -1)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
/** A name of an abstract base's options, on one of its models: Django's `%(app_label)s_%(class)s_rank`. */
export function filledName(name: string, app: string, model: string): string {
  return name.includes('{')
    ? name.replaceAll('{app}', app.toLowerCase()).replaceAll('{model}', model.toLowerCase())
    : name
}
/** `publishedAt` → `published_at` */
export function columnName(field: string): string {
  return camelToSnake(field)
}
/** `library_book` + `tags` → `library_book_tags` */
export function throughTableName(table: string, field: string): string {
  return boundedName(`${table}_${camelToSnake(field)}`)
}

/** First characters of the MD5 of all parts: a short name that is the same everywhere, not a protection. */
function digest(parts: readonly string[], length: number): string {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest('hex').slice(0, length)
}
/** Oracle's rule, which Django keeps everywhere: no leading underscore or digit. */
function startWithLetter(name: string): string {
  return /^[_0-9]/.test(name) ? `D${name.slice(1)}` : name
}

/**
 * The name of an index of the options, at most 30 characters: `library_bo_status_1a2b3c_idx`.
 * @param columns   column names, `-` in front of descending ones
 */
export function indexName(table: string, columns: readonly string[], suffix = 'idx'): string {
  const first = columns[0]!.replace(/^-/, '')
  return startWithLetter(
    `${table.slice(0, 11)}_${first.slice(0, 7)}_${digest([table, ...columns, suffix], 6)}_${suffix}`,
  )
}

/** Longest name PostgreSQL keeps; the same on every database, so that a project can move. */
const MAX_NAME = 63
/**
 * The name of what is declared without one: the index of a field (`suffix` ''), a unique constraint (`_uniq`), a
 * check (`_check`), a foreign key (`_fk_…`): `library_book_author_id_title_1a2b3c4d_uniq`.
 */
export function schemaName(table: string, columns: readonly string[], suffix = '', hashed = columns): string {
  const end = `${digest([table, ...hashed], 8)}${suffix}`
  const name = `${table}_${columns.join('_')}_${end}`
  if (isShort(name)) return name
  const tail = end.length > MAX_NAME / 3 ? end.slice(0, Math.floor(MAX_NAME / 3)) : end
  const rest = Math.floor((MAX_NAME - tail.length) / 2) - 1
  return startWithLetter(`${start(table, rest)}_${start(columns.join('_'), rest)}_${tail}`)
}
