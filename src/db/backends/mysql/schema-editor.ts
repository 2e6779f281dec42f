/**
 * Changes of tables, in place. The server commits with each statement, so as much as can be stands in one ALTER TABLE,
 * which happens as a whole or not at all.
 */
import { converts } from '../../convertible.ts'
import type { Kind } from '../../kinds.ts'
import type { ColumnSpec, IndexSpec, SchemaEditor, TableSpec } from '../schema.ts'
import { missingFill, type Rename, renamedIndexes, renamedTable, triggerChanges } from '../table-parts.ts'
import {
  type ConstraintSql,
  columnSql,
  commentText,
  constraintName,
  constraintSql,
  constraintsOf,
  createTableSql,
  defaultSql,
  dropIndexParts,
  indexParts,
  isIdentity,
  literalDefault,
  quote,
  typeSql,
} from './ddl.ts'
import { withHiddenColumns } from './hidden-columns.ts'
import { createTriggerSql, dropTriggerSql } from './triggers.ts'
import { columnType } from './types.ts'

type AlterOptions = Parameters<SchemaEditor['alterTable']>[2]

/** Clauses of ALTER TABLE, in the order of their rounds. */
interface Clauses {
  /** References and checks that go: they stand in the way of everything else. */
  readonly free: string[]
  /** Indexes and columns that go, names that change. */
  readonly change: string[]
  /** Constraints and indexes that come. */
  readonly add: string[]
  /** References of new columns, which are null in every row. */
  readonly empty: string[]
  /** References of which only a name changes: they go and come in one. */
  readonly renamed: { readonly drop: string; readonly add: string }[]
  /** What was only needed meanwhile. */
  readonly last: string[]
}

/** With the check MariaDB copies the rows, and writers of both tables wait. */
const UNCHECKED = '/*M! SET STATEMENT foreign_key_checks = 0 FOR */ '

const DROP_KEY = 'DROP PRIMARY KEY'

function dropConstraint({ kind, name }: ConstraintSql): string {
  if (kind === 'primaryKey') return DROP_KEY
  if (kind === 'unique') return `DROP INDEX ${quote(name)}`
  return kind === 'foreignKey' ? `DROP FOREIGN KEY ${quote(name)}` : `DROP CONSTRAINT ${quote(name)}`
}

/** Constraints that go or come. Where only the name of a key changes, it is renamed. */
function constraintChanges(
  before: TableSpec,
  moved: TableSpec,
  after: TableSpec,
  clauses: Clauses,
  empty: ReadonlySet<string>,
): void {
  const wanted = new Map(constraintsOf(after).map((constraint) => [constraint.name, constraint]))
  const next = constraintsOf(moved)
  for (const [i, old] of constraintsOf(before).entries()) {
    const now = next[i]! // the same constraints in the same order, with their new names
    const target = wanted.get(now.name)
    // Checks are text, which no renaming of columns reaches; of references the name cannot be changed.
    const renamable = old.kind === 'unique' || old.kind === 'primaryKey'
    const same =
      target !== undefined && target.sql === now.sql && (renamable || (old.name === now.name && old.sql === now.sql))
    if (same) {
      wanted.delete(now.name)
      if (now.name !== old.name) clauses.change.push(`RENAME INDEX ${quote(old.name)} TO ${quote(now.name)}`)
    } else if (target !== undefined && onlyRenamed(before, old, now, target, after)) {
      wanted.delete(now.name)
      clauses.renamed.push({ drop: dropConstraint(old), add: `ADD ${constraintSql(target)}` })
    } else if (old.kind === 'foreignKey') {
      clauses.free.push(dropConstraint(old))
      // The index that the server made for it.
      if (hasOwnIndex(before, old)) clauses.change.push(`DROP INDEX /*M! IF EXISTS */ ${quote(old.name)}`)
    } else if (old.kind === 'check') clauses.free.push(dropConstraint(old))
    else clauses.change.push(dropConstraint(old))
  }
  for (const constraint of wanted.values()) {
    const isEmpty = constraint.kind === 'foreignKey' && constraint.columns.some((name) => empty.has(name))
    ;(isEmpty ? clauses.empty : clauses.add).push(`ADD ${constraintSql(constraint)}`)
  }
}

/** Whether a reference is the same but for its name, or its column's, and has an index that is not the server's. */
function onlyRenamed(
  before: TableSpec,
  old: ConstraintSql,
  now: ConstraintSql,
  target: ConstraintSql,
  after: TableSpec,
): boolean {
  if (old.kind !== 'foreignKey' || target.sql !== now.sql || hasOwnIndex(before, old)) return false
  if (constraintsOf(before).some(({ name }) => name === target.name)) return false
  const type = ({ columns }: TableSpec, name: string) => typeSql(columns.find((column) => column.name === name)!) // its own
  return old.columns.every((name, i) => type(before, name) === type(after, now.columns[i]!))
}

/** Whether the server made an index for a reference, since no other of the table begins with its column. */
function hasOwnIndex(table: TableSpec, { columns }: ConstraintSql): boolean {
  return !leading(table).has(columns[0]!)
}

/** Columns that keys and indexes of a table begin with. */
function leading(table: TableSpec): Set<string> {
  const keys = constraintsOf(table).filter(({ kind }) => kind === 'primaryKey' || kind === 'unique')
  // One for searching serves no reference.
  const indexes = table.indexes.filter(({ method }) => method !== 'fulltext')
  return new Set([...keys.map(({ columns }) => columns[0]!), ...indexes.map((index) => index.columns[0]!.name!)])
}

function indexChanges(before: TableSpec, moved: TableSpec, after: TableSpec, clauses: Clauses): void {
  const text = (table: TableSpec, index: IndexSpec): string => indexParts(table, index).join(', ')
  const old = new Map<string, string>()
  for (const [i, index] of moved.indexes.entries()) {
    // What the column of one for searching is computed from is text, which no renaming reaches.
    const same = index.method !== 'fulltext' || text(before, before.indexes[i]!) === text(moved, index)
    if (same) old.set(index.name, text(moved, index))
  }
  const wanted = new Map(after.indexes.map((index) => [index.name, index]))
  // One for searching stands on a column of its name, which would have to be renamed with it.
  const renamed = renamedIndexes(
    moved.indexes.filter(({ name, method }) => method !== 'fulltext' && old.has(name)),
    after.indexes,
  )
  // Where its columns become longer text, it is another one.
  for (const [name, was] of renamed)
    if (text(moved, { ...was, name }) !== text(after, wanted.get(name)!)) renamed.delete(name)
  const same = new Set([...renamed.values()].map(({ name }) => name))
  for (const index of before.indexes) {
    if (same.has(index.name)) continue
    const now = wanted.get(index.name)
    const kept = old.get(index.name)
    if (kept === undefined || now === undefined || kept !== text(after, now))
      clauses.change.push(...dropIndexParts(index))
  }
  for (const [name, index] of wanted) {
    const was = renamed.get(name)
    if (was !== undefined) clauses.add.push(`RENAME INDEX ${quote(was.name)} TO ${quote(name)}`)
    else if (old.get(name) !== text(after, index))
      clauses.add.push(...indexParts(after, index).map((part) => `ADD ${part}`))
  }
}

/**
 * References that stay need an index all the time. Where theirs goes, one like the server's own comes before; where
 * another comes, that one goes again.
 */
function keptReferences(whole: TableSpec, after: TableSpec, dropped: ReadonlySet<string>, clauses: Clauses): void {
  const old = constraintsOf(whole)
  const [was, is] = [leading(whole), leading(after)]
  const between = leading({
    ...whole,
    primaryKey: clauses.change.includes(DROP_KEY) ? [] : whole.primaryKey,
    columns: whole.columns.map((column) => ({
      ...column,
      unique: column.unique === true && !dropped.has(constraintName(whole.name, [column.name], 'uniq')),
    })),
    uniques: whole.uniques.filter(({ name }) => !dropped.has(name)),
    indexes: whole.indexes.filter(({ name }) => !dropped.has(name)),
  })
  for (const { name, kind, columns, sql } of constraintsOf(after)) {
    const [first] = columns
    const stays = kind === 'foreignKey' && old.some((each) => each.name === name && each.sql === sql)
    if (!stays || first === undefined) continue
    if (was.has(first) && !between.has(first)) {
      clauses.free.push(`ADD INDEX /*M! IF NOT EXISTS */ ${quote(name)} (${columns.map(quote).join(', ')})`)
      if (is.has(first)) clauses.last.push(`DROP INDEX /*M! IF EXISTS */ ${quote(name)}`)
    } else if (!was.has(first) && is.has(first)) {
      // MySQL drops its own by itself.
      clauses.last.push(`/*M! DROP INDEX IF EXISTS ${quote(name)} */`)
    }
  }
}

/** What a column is computed from is text, which no renaming reaches: such a column is made again. */
function sameGeneration(old: ColumnSpec, now: ColumnSpec): boolean {
  if (old.generated === undefined || now.generated === undefined) return old.generated === now.generated
  const same = old.generated.sql === now.generated.sql && old.generated.stored === now.generated.stored
  return same && old.name === now.name && typeSql(old) === typeSql(now)
}

/** Kept in no row. MariaDB adds and drops such a column in a moment, and copies the table where anything else stands in the statement. */
function isVirtual({ generated }: ColumnSpec): boolean {
  return generated !== undefined && !generated.stored
}

const NUMBERS: ReadonlySet<Kind> = new Set(['integer', 'smallInteger', 'bigInteger', 'float', 'decimal'])

/** Whether numbers become yes and no, which the server keeps as any small number. */
function turnsBoolean({ type: from }: ColumnSpec, { type: to }: ColumnSpec): boolean {
  return to.kind === 'boolean' && NUMBERS.has(from.kind) && (from.declared ?? to.declared) === undefined
}

function fillOf(after: TableSpec, column: ColumnSpec, fill: AlterOptions['fill']): string | null {
  if (column.generated !== undefined) return null
  const filled = column.name in fill ? literalDefault(fill[column.name], column) : null
  if (!column.null && filled === null && defaultSql(column) === null && !isIdentity(after, column)) {
    throw missingFill(after.name, column.name)
  }
  return filled
}

function alterTable(whole: TableSpec, after: TableSpec, { renamed, fill }: AlterOptions): string[] {
  const rename: Rename = (name) => renamed[name] ?? name
  const taken = new Set(Object.values(renamed))
  // A column goes when nothing of its name is wanted, or when another takes its name.
  const stays = (column: ColumnSpec): boolean => {
    const { name } = column
    if (!(name in renamed) && taken.has(name)) return false
    const now = after.columns.find((each) => each.name === rename(name))
    return now !== undefined && sameGeneration(column, now)
  }
  const removed = whole.columns.filter((column) => !stays(column))
  const gone = new Set(removed.map(({ name }) => name))
  const moved = renamedTable(whole, after.name, (name) => (gone.has(name) ? `-${name}` : rename(name)))
  const clauses: Clauses = { free: [], change: [], add: [], empty: [], renamed: [], last: [] }
  const old = new Map(moved.columns.map((column) => [column.name, column]))
  // At once MariaDB would compute one number for all rows that are there.
  const isRandom = ({ name, default: value }: ColumnSpec) =>
    !old.has(name) && value !== undefined && 'sql' in value && /\bRAND\(/i.test(value.sql)
  const isEmpty = ({ name, null: nullable, default: value, generated }: ColumnSpec) =>
    !old.has(name) && nullable && value === undefined && generated === undefined && !(name in fill)
  const empty = new Set(after.columns.filter(isEmpty).map(({ name }) => name))

  constraintChanges(whole, moved, after, clauses, empty)
  indexChanges(whole, moved, after, clauses)
  const dropped = clauses.change.flatMap(
    (clause) => /^DROP INDEX "(.*)"$/.exec(clause)?.[1]?.replaceAll('""', '"') ?? [],
  )
  keptReferences(whole, after, new Set(dropped), clauses)
  if (dropped.length > 0 || clauses.change.includes(DROP_KEY)) {
    // The index that they stand on may go.
    clauses.free.unshift(...clauses.renamed.map(({ drop }) => drop))
    clauses.add.unshift(...clauses.renamed.splice(0).map(({ add }) => add))
  }
  if (clauses.change.includes(DROP_KEY)) {
    // What counts must be a key: a column that stays stops counting in the same statement.
    const counting = whole.columns.find((column) => isIdentity(whole, column) && !gone.has(column.name))
    if (counting !== undefined && rename(counting.name) === counting.name)
      clauses.change.unshift(`MODIFY COLUMN ${columnSql({ ...whole, primaryKey: [] }, counting)}`)
  }
  const drop = ({ name }: ColumnSpec): string => `DROP COLUMN ${quote(name)}`
  const renames = Object.entries(renamed).flatMap(([from, to]) =>
    from !== to && !gone.has(from) ? [`RENAME COLUMN ${quote(from)} TO ${quote(to)}`] : [],
  )
  const fills: string[] = []
  const viaText: string[] = []
  const columns: string[] = []
  const virtuals: string[] = []
  const defaults: string[] = []
  for (const column of after.columns) {
    const known = old.get(column.name)
    const kept = defaultSql(column)
    if (known === undefined) {
      const filled = fillOf(after, column, fill)
      if (filled === 'NULL' && !column.null) {
        // Right for a table without rows; where there are some, the second step refuses. In one, MariaDB would fill in 0.
        columns.push(`ADD COLUMN ${columnSql(after, { ...column, null: true })}`)
        defaults.push(`MODIFY COLUMN ${columnSql(after, column)}`)
        continue
      }
      ;(isVirtual(column) ? virtuals : columns).push(`ADD COLUMN ${columnSql(after, column, filled ?? kept)}`)
      if (filled !== null)
        defaults.push(`ALTER COLUMN ${quote(column.name)} ${kept === null ? 'DROP DEFAULT' : `SET DEFAULT ${kept}`}`)
      continue
    }
    if (columnSql(moved, known) === columnSql(after, column)) continue
    if (loses(known, column)) viaText.push(`MODIFY COLUMN ${quote(column.name)} varchar(255) NULL`)
    if (known.null && !column.null) {
      const value = column.name in fill ? literalDefault(fill[column.name], column) : kept
      const name = quote(column.name)
      if (value !== null) fills.push(`UPDATE ${quote(after.name)} SET ${name} = ${value} WHERE ${name} IS NULL`)
    }
    if (turnsBoolean(known, column)) {
      const name = quote(column.name)
      fills.push(`UPDATE ${quote(after.name)} SET ${name} = 1 WHERE ${name} NOT IN (0, 1)`)
    }
    columns.push(`MODIFY COLUMN ${columnSql(after, column)}`)
  }
  if (after.columns.some(isRandom)) columns.push('ALGORITHM=COPY')
  if (whole.comment !== after.comment) clauses.add.push(`COMMENT = ${commentText(after.comment ?? '')}`)
  // What rows are filled with is no change that triggers hear of.
  const triggers = triggerChanges(whole, after, fills.length + Object.keys(renamed).length + removed.length > 0)
  const table = `ALTER TABLE ${quote(after.name)}`
  const alter = (list: readonly string[]): string[] => (list.length === 0 ? [] : [`${table} ${list.join(', ')}`])
  const unchecked = (list: readonly string[]): string[] => alter(list).map((sql) => UNCHECKED + sql)
  // Indexes of new references: without them the server makes its own.
  const own = clauses.add.filter(
    (clause) =>
      /^ADD [^(]*(INDEX|UNIQUE)\b/.test(clause) && [...empty].some((name) => clause.includes(`(${quote(name)}`)),
  )
  const together = (...lists: readonly (readonly string[])[]): string[] =>
    [...whole.columns, ...after.columns].some(isVirtual) ? lists.flatMap(alter) : alter(lists.flat())
  return [
    ...triggers.drop.flatMap(dropTriggerSql),
    ...(whole.name === after.name ? [] : [`RENAME TABLE ${quote(whole.name)} TO ${quote(after.name)}`]),
    ...alter(clauses.free),
    ...together(clauses.change, removed.filter(isVirtual).map(drop), [
      ...removed.filter((column) => !isVirtual(column)).map(drop),
      ...renames,
    ]),
    ...unchecked(clauses.renamed.flatMap(({ drop, add }) => [drop, add])),
    ...alter(viaText),
    ...fills,
    ...(clauses.empty.length === 0
      ? together(columns, virtuals, clauses.add)
      : [
          ...alter(columns.filter((clause) => clause.startsWith('MODIFY '))),
          ...unchecked([...columns.filter((clause) => !clause.startsWith('MODIFY ')), ...clauses.empty, ...own]),
          ...together(
            [],
            virtuals,
            clauses.add.filter((clause) => !own.includes(clause)),
          ),
        ]),
    ...alter([...defaults, ...clauses.last]),
    ...triggers.make.flatMap((trigger) => createTriggerSql(after.name, trigger)),
  ]
}

/**
 * Migrations ask for it only where no row has a value. Some types MariaDB lets become others only by way of text, and a
 * value that another process writes meanwhile is refused then: its text is none of the new type.
 */
function loses(known: ColumnSpec, column: ColumnSpec): boolean {
  return known.generated === undefined && column.generated === undefined && !converts(known.type, column.type)
}

/** With the columns behind indexes on both sides: they come, go and change like any column that is computed. */
function altered(before: TableSpec, after: TableSpec, options: AlterOptions): string[] {
  return alterTable(withHiddenColumns(before), withHiddenColumns(after), options)
}

/** The schema editor of MariaDB and MySQL. */
export const mysqlSchemaEditor: SchemaEditor = {
  // The next number follows the largest by itself.
  // Not TRUNCATE, which would end the transaction: numbers go on.
  flush: (tables) => [
    'SET FOREIGN_KEY_CHECKS = 0',
    ...tables.map((table) => `DELETE FROM ${quote(table.name)}`),
    'SET FOREIGN_KEY_CHECKS = 1',
  ],
  resetIdentity: () => [],
  createTable: (table) => [
    createTableSql(withHiddenColumns(table)),
    ...(table.triggers ?? []).flatMap((trigger) => createTriggerSql(table.name, trigger)),
  ],
  dropTable: (table) => [`DROP TABLE ${quote(table.name)}`],
  renameTable: (from, to) => altered(from, to, { renamed: {}, fill: {} }),
  alterTable: altered,
  retypesUnreferred: () => true,
  columnText: (table, column) => ({
    type: columnType(column.type) + (isIdentity(table, column) ? ' auto_increment' : ''),
    default: defaultSql(column),
  }),
}
