/**
 * What no migration knows of a table that is made anew: made on another branch that was migrated on this database, or by
 * hand. Columns come along with what they hold and with the indexes and constraints that name them; so do indexes of
 * columns that migrations know. And what migrations know and the table does not have.
 */
import type { ColumnSpec, IndexSpec, TableSpec } from '../backends/schema.ts'
import { renamedForeignKey, renamedIndex, renamedText, renamedUnique } from '../backends/table-parts.ts'
import { MigrationError } from './errors.ts'
import type { TablePair } from './table-changes.ts'

/**
 * The pair with the unknown columns and indexes of the table that is there, on both sides: to the schema editor they do not change.
 * `later`: the table that is there with its references to what they are called after the change.
 */
export function withUnknown(
  pair: TablePair,
  there: TableSpec,
  later: TableSpec,
  quote: (name: string) => string,
): TablePair {
  const { was, is, renamed } = pair
  assertGoing(pair, there)
  const known = new Set(was.spec.columns.map(({ name }) => name.toLowerCase())) // SQLite's names know no case
  const unknownOf = (table: TableSpec) => table.columns.filter(({ name }) => !known.has(name.toLowerCase()))
  const columns = unknownOf(there)
  if (columns.length === 0 && ownIndexes(there, [was.spec, is.spec]).length === 0) return pair
  const wanted = new Set(is.spec.columns.map(({ name }) => name.toLowerCase()))
  for (const { name } of columns) {
    if (wanted.has(name.toLowerCase()))
      throw unknownColumn(was.spec.name, name, 'this migration makes one of that name')
    if (there.primaryKey.includes(name)) throw unknownColumn(was.spec.name, name, "it is of the table's primary key")
  }
  const unknown = columns.map(({ name }) => name)
  const rename = (name: string): string => renamed[name] ?? name
  const gone = was.spec.columns.map(({ name }) => name).filter((name) => !wanted.has(rename(name).toLowerCase()))
  const own = partsNaming(there, unknown, [was.spec, is.spec])
  const staying = withoutColumns(partsNaming(later, unknown, [was.spec, is.spec]), gone)
  const text = (sql: string): string => renamedText(sql, renamed, quote)
  const after: Parts = {
    uniques: staying.uniques.map((each) => renamedUnique(each, rename)),
    checks: staying.checks.map(({ name, sql }) => ({ name, sql: text(sql) })),
    indexes: staying.indexes.map((each) => renamedTexts(renamedIndex(each, rename), text)),
    foreignKeys: staying.foreignKeys.map((each) => renamedForeignKey(each, rename)),
  }
  const joined = (spec: TableSpec, added: readonly ColumnSpec[], parts: Parts): TableSpec => ({
    ...spec,
    columns: [...spec.columns, ...added],
    uniques: [...spec.uniques, ...parts.uniques],
    checks: [...spec.checks, ...parts.checks],
    indexes: [...spec.indexes, ...parts.indexes],
    ...(parts.foreignKeys.length > 0 && { foreignKeys: [...(spec.foreignKeys ?? []), ...parts.foreignKeys] }),
  })
  return {
    ...pair,
    was: { ...was, spec: joined(was.spec, columns, own) },
    is: { ...is, spec: joined(is.spec, unknownOf(later), after) },
  }
}

/** A table made anew would go without what is gone already, and what is not as migrations know it would pass for done. */
function assertGoing({ was, is, renamed }: TablePair, there: TableSpec): void {
  const has = new Set(there.columns.map(({ name }) => name.toLowerCase()))
  const wanted = new Set(is.spec.columns.map(({ name }) => name))
  const gone = was.spec.columns.find(({ name }) => !wanted.has(renamed[name] ?? name) && !has.has(name.toLowerCase()))
  if (gone === undefined) return
  throw new MigrationError(`The table ${was.spec.name} has no column ${gone.name} that could go.`, {
    code: 'migrations.missing-column',
    hint: 'Nothing was changed. The table is not what the migrations before have made: see `migrate --check-drift`.',
  })
}

type Parts = Required<Pick<TableSpec, 'uniques' | 'checks' | 'indexes' | 'foreignKeys'>>

/** What of a table names one of these columns, and is not the states' own. */
function partsNaming(there: TableSpec, columns: readonly string[], states: readonly TableSpec[]): Parts {
  const foreign = (kind: keyof Parts) => {
    const taken = new Set(states.flatMap((state) => (state[kind] ?? []).map(({ name }) => name)))
    return (part: { readonly name: string }) => !taken.has(part.name) && namesOne(part, columns)
  }
  return {
    uniques: there.uniques.filter(foreign('uniques')),
    checks: there.checks.filter(foreign('checks')),
    indexes: ownIndexes(there, states, columns),
    foreignKeys: (there.foreignKeys ?? []).filter(foreign('foreignKeys')),
  }
}

/**
 * Indexes of a table that are not the states' own, nor the same as one of theirs under another name. One for searching is a
 * table of its own, which stays by itself.
 */
function ownIndexes(there: TableSpec, states: readonly TableSpec[], columns: readonly string[] = []): IndexSpec[] {
  const known = states.flatMap(({ indexes }) => indexes)
  const shape = ({ name: _, ...rest }: IndexSpec) => JSON.stringify(rest)
  const shapes = new Set(known.map(shape))
  // Django makes unique constraints of SQLite as indexes: the same by another name for it.
  const uniques = new Set(states.flatMap(({ uniques }) => uniques.map(({ columns: own }) => own.join('\0'))))
  const isConstraint = ({ unique, where, columns: own }: IndexSpec) =>
    unique === true && where === undefined && uniques.has(own.map(({ name }) => name ?? '').join('\0'))
  return there.indexes.filter(
    (index) =>
      known.every(({ name }) => name !== index.name) &&
      !shapes.has(shape(index)) &&
      !isConstraint(index) &&
      (index.method !== 'fulltext' || namesOne(index, columns)),
  )
}

/** As databases do it that drop a column in place: what names it goes, too. */
function withoutColumns(parts: Parts, gone: readonly string[]): Parts {
  const stays = (part: { readonly name: string }) => !namesOne(part, gone)
  return {
    uniques: parts.uniques.filter(stays),
    checks: parts.checks.filter(stays),
    indexes: parts.indexes.filter(stays),
    foreignKeys: parts.foreignKeys.filter(stays),
  }
}

/** Whether a part's columns, or the words of its text, are one of these. */
function namesOne(part: object, columns: readonly string[]): boolean {
  const {
    columns: own = [],
    sql = '',
    where = '',
  } = part as {
    columns?: readonly (string | IndexSpec['columns'][number])[]
    sql?: string
    where?: string
  }
  const texts = [sql, where]
  const names = new Set<string>()
  for (const each of own) {
    if (typeof each === 'string') names.add(each.toLowerCase())
    else if (each.name !== undefined) names.add(each.name.toLowerCase())
    else texts.push(each.sql)
  }
  const text = texts.join(' ').toLowerCase()
  const words = new Set(text.match(/[\p{L}\p{N}_$]+/gu))
  return columns.some((column) => {
    const name = column.toLowerCase()
    return names.has(name) || words.has(name) || (/[^\p{L}\p{N}_$]/u.test(name) && text.includes(name))
  })
}

function renamedTexts(index: IndexSpec, text: (sql: string) => string): IndexSpec {
  return {
    ...index,
    columns: index.columns.map((part) => (part.name === undefined ? { ...part, sql: text(part.sql) } : part)),
    ...(index.where !== undefined && { where: text(index.where) }),
  }
}

function unknownColumn(table: string, column: string, why: string): MigrationError {
  return new MigrationError(
    `The table ${table} has a column ${column} that no applied migration of this project knows, and ${why}: it would be lost.`,
    {
      code: 'migrations.unknown-column',
      hint:
        'Nothing was changed. Perhaps another branch was migrated on this database: `showmigrations` says (no file) of ' +
        `its migrations, \`migrate --check-drift\` lists such columns. Bring that branch's files here, or drop ${column}.`,
    },
  )
}
