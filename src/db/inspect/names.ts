/** Names of models and fields from names on disk. */
import { capitalize } from '../../std/text.ts'
import { INSTANCE_NAMES } from '../models/instance.ts'
import { columnName } from '../models/names.ts'

/** Words that a class cannot be called, or that a file of models means something else by. */
const WORDS = new Set([
  'Model',
  'Temporal',
  'Date',
  'Object',
  'Array',
  'Map',
  'Set',
  'String',
  'Number',
  'Boolean',
  'Symbol',
  'Function',
  'Error',
  'Promise',
  'BigInt',
  'Uint8Array',
  'JSON',
  'Math',
  'Record',
])

/** A name as one in camel case, the first letter as it is: `Odd Table-2` → `OddTable2`, `UPPER CASE` → `upperCase`. */
function camelCase(name: string): string {
  const words = name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  return words
    .map((word) => (/[a-z]/.test(word) ? word : word.toLowerCase()))
    .map((word, i) => (i === 0 ? word : capitalize(word)))
    .join('')
}

/** A name that is not among `taken`, which it joins: with a number behind where it must be. */
function unusedName(name: string, taken: Set<string>): string {
  let unused = name
  for (let n = 2; taken.has(unused); n++) unused = `${name}${n}`
  taken.add(unused)
  return unused
}

/** `library_book_review` → `LibraryBookReview`; of the app `library`: `BookReview`. */
export function modelName(table: string, app: string | undefined, taken: Set<string>): string {
  const own = app !== undefined && table.startsWith(`${app}_`) && table.length > app.length + 1
  const camel = capitalize(camelCase(own ? table.slice(app.length + 1) : table))
  const name = /^[A-Za-z]/.test(camel) ? camel : `Table${camel}`
  return unusedName(WORDS.has(name) ? `${name}Row` : name, taken)
}

/**
 * The name of a column's field: `published_at` → `publishedAt`; of a relation `author_id` → `author`. `taken` are
 * attributes that are used already.
 */
export function fieldName(column: string, isRelation: boolean, taken: Set<string>): string {
  const bare = isRelation ? column.replace(/(.)_?[iI][dD]$/, '$1') : column
  const camel = camelCase(bare)
  let name = camel === '' ? 'field' : camel[0]!.toLowerCase() + camel.slice(1)
  if (!/^[A-Za-z]/.test(name)) name = `field${capitalize(name)}`
  // A `then` would make a promise of every instance.
  if (INSTANCE_NAMES.has(name) || name in Object.prototype || name === 'then') name = `${name}Field`
  const free = (candidate: string) => !taken.has(candidate) && !(isRelation && taken.has(`${candidate}Id`))
  let unused = free(name) ? name : `${name}${isRelation ? 'Ref' : 'Field'}`
  for (let n = 2; !free(unused); n++) unused = `${name}${n}`
  taken.add(unused)
  if (isRelation) taken.add(`${unused}Id`)
  return unused
}

/** The column that a field of this name has unless it says otherwise. */
export function impliedColumn(name: string, isRelation: boolean): string {
  return columnName(name) + (isRelation ? '_id' : '')
}
