/** Indexes, constraints and triggers as data: with columns renamed, compared, and as the text that databases share. */
import { NotSupportedError, ProgrammingError } from '../errors.ts'
import type { Features } from './features.ts'
import type { ForeignKeySpec, IndexPart, IndexSpec, TableSpec, TriggerSpec, UniqueSpec } from './schema.ts'

/** The name that a column has now, by the one it had. */
export type Rename = (name: string) => string
type Quote = (name: string) => string

/** An index whose columns have new names. Text (conditions, expressions) stays as it is. */
export function renamedIndex(index: IndexSpec, rename: Rename): IndexSpec {
  return {
    ...index,
    columns: index.columns.map((part) => (part.name === undefined ? part : { ...part, name: rename(part.name) })),
    ...(index.include === undefined ? {} : { include: index.include.map(rename) }),
  }
}

/** A unique constraint whose columns have new names. */
export function renamedUnique(unique: UniqueSpec, rename: Rename): UniqueSpec {
  return {
    ...unique,
    columns: unique.columns.map(rename),
    ...(unique.include === undefined ? {} : { include: unique.include.map(rename) }),
  }
}

/** A reference whose own columns have new names. */
export function renamedForeignKey(key: ForeignKeySpec, rename: Rename): ForeignKeySpec {
  return { ...key, columns: key.columns.map(rename) }
}

/** The table as it would be were its columns (and itself) only renamed. */
export function renamedTable(table: TableSpec, name: string, rename: Rename): TableSpec {
  return {
    ...table,
    name,
    columns: table.columns.map((column) => ({ ...column, name: rename(column.name) })),
    primaryKey: table.primaryKey.map(rename),
    uniques: table.uniques.map((unique) => renamedUnique(unique, rename)),
    indexes: table.indexes.map((index) => renamedIndex(index, rename)),
    ...(table.foreignKeys && { foreignKeys: table.foreignKeys.map((key) => renamedForeignKey(key, rename)) }),
  }
}

/** Indexes that only get another name, by the new one: what they are is the same, and neither name is taken by another. */
export function renamedIndexes(before: readonly IndexSpec[], after: readonly IndexSpec[]): Map<string, IndexSpec> {
  const shape = ({ name: _, ...rest }: IndexSpec) => JSON.stringify(rest)
  const without = (list: readonly IndexSpec[], others: readonly IndexSpec[]) =>
    list.filter(({ name }) => others.every((other) => other.name !== name))
  const gone = without(before, after)
  const renamed = new Map<string, IndexSpec>()
  for (const index of without(after, before)) {
    const at = gone.findIndex((old) => shape(old) === shape(index))
    if (at >= 0) renamed.set(index.name, gone.splice(at, 1)[0]!)
  }
  return renamed
}

/** Triggers that go, and those that come; `all`: what they name may have changed, so that each is made again. */
export function triggerChanges(
  before: TableSpec,
  after: TableSpec,
  all: boolean,
): { drop: TriggerSpec[]; make: TriggerSpec[] } {
  const [old, wanted] = [before.triggers ?? [], after.triggers ?? []]
  if (all || before.name !== after.name) return { drop: [...old], make: [...wanted] }
  const without = (list: readonly TriggerSpec[], others: readonly TriggerSpec[]): TriggerSpec[] => {
    const texts = new Set(others.map((trigger) => JSON.stringify(trigger)))
    return list.filter((trigger) => !texts.has(JSON.stringify(trigger)))
  }
  return { drop: without(old, wanted), make: without(wanted, old) }
}

/** The error for a column that existing rows would have no value of. */
export function missingFill(table: string, column: string): ProgrammingError {
  return new ProgrammingError(
    `The column ${table}.${column} is new and not null, but nothing says what existing rows get.`,
    { code: 'db.missing-fill', hint: 'Give the field a default, or let it be null.' },
  )
}

/** `FOREIGN KEY ("a", "b") REFERENCES "t" ("a", "b") ON DELETE CASCADE` */
export function foreignKeySql({ columns, table, targets, onDelete }: ForeignKeySpec, quote: Quote): string {
  const list = (names: readonly string[]): string => names.map(quote).join(', ')
  return `FOREIGN KEY (${list(columns)}) REFERENCES ${quote(table)} (${list(targets)})${onDeleteSql(onDelete)}`
}

/** Whether some of an index is text, which a rename of columns changes. */
export function hasText(index: IndexSpec): boolean {
  return index.where !== undefined || index.columns.some((part) => part.name === undefined)
}

/**
 * Text of an expression with columns renamed: to compare what was declared before with what is declared now. A
 * string constant that holds a quoted name is renamed, too, which makes the two differ and costs a rebuild.
 */
export function renamedText(text: string, renamed: Readonly<Record<string, string>>, quote: Quote): string {
  const names = Object.keys(renamed)
  if (names.length === 0) return text
  const found = new RegExp(names.map((name) => quote(name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g')
  const byText = new Map(names.map((name) => [quote(name), quote(renamed[name]!)]))
  return text.replace(found, (name) => byText.get(name)!)
}

/** `"status" DESC NULLS LAST`; what a database cannot say and no result depends on is left out. */
function indexPartSql(part: IndexPart, features: Features, quote: Quote): string {
  let text = part.name === undefined ? `(${part.sql})` : quote(part.name)
  if (part.collation !== undefined) text += ` COLLATE ${quote(part.collation)}`
  if (part.opclass !== undefined && features.indexMethods.length > 0) text += ` ${part.opclass}`
  if (part.desc) text += ' DESC'
  if (part.nulls !== undefined && features.indexNulls) text += ` NULLS ${part.nulls.toUpperCase()}`
  return text
}

/**
 * `CREATE INDEX`. Methods, operator classes, included columns and storage parameters are left out where the database
 * has none of them: an index without them gives the same rows.
 * @throws NotSupportedError db.unsupported-constraint for what would give other rows
 */
export function indexSql(table: string, index: IndexSpec, features: Features, quote: Quote): string {
  if (index.columns.some((part) => part.name === undefined) && !features.expressionIndexes) {
    throw unsupported(`The index ${index.name} is on an expression`, 'Give the index columns, or generated columns.')
  }
  if (index.nullsDistinct === false) assertNullsDistinct(index.name, features)
  if (index.where !== undefined && !features.partialIndexes && index.unique === true) {
    throw unsupported(`The unique index ${index.name} has a condition`, 'Leave the condition out.')
  }
  const parts = index.columns.map((part) => indexPartSql(part, features, quote)).join(', ')
  let text = `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} `
  if (index.method !== undefined && features.indexMethods.includes(index.method)) text += `USING ${index.method} `
  text += `(${parts})`
  if (index.include !== undefined && features.coveringIndexes)
    text += ` INCLUDE (${index.include.map(quote).join(', ')})`
  if (index.nullsDistinct === false) text += ' NULLS NOT DISTINCT'
  if (index.with !== undefined && features.indexMethods.length > 0) {
    const settings = Object.entries(index.with).map(([name, value]) => `${name} = ${value}`)
    text += ` WITH (${settings.join(', ')})`
  }
  return index.where === undefined || !features.partialIndexes ? text : `${text} WHERE ${index.where}`
}

/**
 * `UNIQUE ("a", "b")` and what else a database can say of it.
 * @throws NotSupportedError db.unsupported-constraint
 */
export function uniqueSql(unique: UniqueSpec, features: Features, quote: Quote): string {
  if (unique.nullsDistinct === false) assertNullsDistinct(unique.name, features)
  if (unique.deferrable !== undefined && !features.deferrableUnique) {
    throw unsupported(`The unique constraint ${unique.name} is deferrable`, 'Leave deferrable out.')
  }
  const nulls = unique.nullsDistinct === false ? ' NULLS NOT DISTINCT' : ''
  let text = `UNIQUE${nulls} (${unique.columns.map(quote).join(', ')})`
  if (unique.include !== undefined && features.coveringIndexes) {
    text += ` INCLUDE (${unique.include.map(quote).join(', ')})`
  }
  if (unique.deferrable !== undefined) text += ` DEFERRABLE INITIALLY ${unique.deferrable.toUpperCase()}`
  return text
}

function assertNullsDistinct(name: string, features: Features): void {
  if (!features.nullsNotDistinct) {
    throw unsupported(
      `The unique constraint ${name} counts nulls as equal`,
      'Leave nullsDistinct out, and add a second constraint with a condition: unique([…], { where: { x__isnull: true } }).',
    )
  }
}

/** What a table asks of a database that cannot do it. */
export function unsupported(what: string, hint: string): NotSupportedError {
  return new NotSupportedError(`${what}, which this database does not have.`, {
    code: 'db.unsupported-constraint',
    hint,
  })
}

/** What to do about a key that is too long. */
export function shorterKey({ longestKey }: Features): string {
  return `Write char({ maxLength: … }), ${longestKey} characters in all at most; or give the rows another key, and keep the text in a unique field.`
}

/** `ON DELETE CASCADE`, or nothing. */
export function onDeleteSql(action: 'cascade' | 'setNull' | 'setDefault' | undefined): string {
  if (action === undefined) return ''
  return { cascade: ' ON DELETE CASCADE', setNull: ' ON DELETE SET NULL', setDefault: ' ON DELETE SET DEFAULT' }[action]
}

/** The names of columns that an index mentions, its text aside. */
export function columnsOf(index: IndexSpec): string[] {
  return [...index.columns.flatMap((part) => (part.name === undefined ? [] : [part.name])), ...(index.include ?? [])]
}
