/** Changes of tables, in place: PostgreSQL alters what it has, inside the transaction. */
import { converts } from '../../convertible.ts'
import type { ColumnType, Kind } from '../../kinds.ts'
import type { ColumnSpec, IndexSpec, SchemaEditor, TableSpec } from '../schema.ts'
import {
  columnsOf,
  missingFill,
  type Rename,
  renamedIndexes,
  renamedTable,
  renamedText,
  triggerChanges,
} from '../table-parts.ts'
import { postgresCompiler } from './compiler.ts'
import {
  afterCreateSql,
  type ConstraintSql,
  columnCommentSql,
  constraintsOf,
  createIndexSql,
  createTableSql,
  defaultSql,
  isIdentity,
  quote,
  tableCommentSql,
  typeSql,
} from './ddl.ts'
import { onlineStages, onlyAdds } from './online.ts'
import { createTriggerSql, dropFunctionSql, dropTriggerSql } from './triggers.ts'
import { columnType } from './types.ts'

type AlterOptions = Parameters<SchemaEditor['alterTable']>[2]

const NUMBERS: ReadonlySet<Kind> = new Set(['auto', 'integer', 'smallInteger', 'bigInteger', 'float', 'decimal'])

interface Changes {
  /** Before columns change. */
  readonly drop: string[]
  readonly add: string[]
}

/** Constraints that go, come, or only change their names with what they are of. */
function constraintChanges(before: TableSpec, moved: TableSpec, after: TableSpec, again: ReadonlySet<string>): Changes {
  const table = quote(after.name)
  const wanted = new Map(constraintsOf(after).map((constraint) => [constraint.name, constraint]))
  const drop: string[] = []
  const renames: string[] = []
  const next = constraintsOf(moved)
  for (const [i, old] of constraintsOf(before).entries()) {
    const now = next[i]! // the same constraints in the same order, with their new names
    const target = wanted.get(now.name)
    if (target !== undefined && !again.has(old.name) && same(target, now, old)) {
      wanted.delete(now.name)
      if (now.name !== old.name)
        renames.push(`ALTER TABLE ${table} RENAME CONSTRAINT ${quote(old.name)} TO ${quote(now.name)}`)
    } else drop.push(`ALTER TABLE ${table} DROP CONSTRAINT ${quote(old.name)}`)
  }
  const add = [...wanted.values()].map(({ name, sql }) => `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${sql}`)
  // A new constraint may take a name that another gives up.
  return { drop, add: [...renames, ...add] }
}

/** A check is text, which the server changes with its columns: where a column is renamed, it is made again. */
function same(target: ConstraintSql, moved: ConstraintSql, old: ConstraintSql): boolean {
  return target.sql === moved.sql && (!old.sql.startsWith('CHECK') || target.sql === old.sql)
}

function indexChanges(moved: TableSpec, after: TableSpec, again: ReadonlySet<string>): Changes {
  const text = (index: IndexSpec): string => createIndexSql('t', index)
  const old = new Set(moved.indexes.filter((index) => !again.has(index.name)).map(text))
  const wanted = new Set(after.indexes.map(text))
  const stays = (index: IndexSpec): boolean => !again.has(index.name) && wanted.has(text(index))
  const gone = moved.indexes.filter((index) => !stays(index))
  const come = after.indexes.filter((index) => !old.has(text(index)))
  const renamed = renamedIndexes(
    gone.filter(({ name }) => !again.has(name)),
    come,
  )
  const kept = new Set(renamed.values())
  return {
    drop: gone.filter((index) => !kept.has(index)).map((index) => `DROP INDEX ${quote(index.name)}`),
    add: come.map((index) => {
      const was = renamed.get(index.name)
      if (was === undefined) return createIndexSql(after.name, index)
      return `ALTER INDEX ${quote(was.name)} RENAME TO ${quote(index.name)}`
    }),
  }
}

/** One by one; two that swap names go over a third. */
function renameColumns(table: string, renamed: Readonly<Record<string, string>>): string[] {
  const pairs = Object.entries(renamed)
  const alter = (from: string, to: string): string =>
    `ALTER TABLE ${quote(table)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`
  if (!pairs.some(([, to]) => to in renamed)) return pairs.map(([from, to]) => alter(from, to))
  return [...pairs.map(([from, to]) => alter(from, `new__${to}`)), ...pairs.map(([, to]) => alter(`new__${to}`, to))]
}

function addColumn(after: TableSpec, column: ColumnSpec, fill: AlterOptions['fill']): string[] {
  const table = `ALTER TABLE ${quote(after.name)}`
  const name = quote(column.name)
  const kept = defaultSql(column)
  const given = column.name in fill && column.generated === undefined
  const filled = given ? postgresCompiler.literal(fill[column.name], column.type.kind) : null
  const fills = isIdentity(after, column) || column.generated !== undefined
  if (!column.null && kept === null && filled === null && !fills) {
    throw missingFill(after.name, column.name)
  }
  const value = filled ?? kept
  const text = `${table} ADD COLUMN ${name} ${typeSql(after, column)} ${column.null ? 'NULL' : 'NOT NULL'}`
  const added = value === null || column.generated !== undefined ? [text] : [`${text} DEFAULT ${value}`]
  if (column.comment !== undefined) added.push(columnCommentSql(after.name, column.name, column.comment))
  if (filled === null) return added
  return [...added, `${table} ALTER COLUMN ${name} ${kept === null ? 'DROP DEFAULT' : `SET DEFAULT ${kept}`}`]
}

/** The type and collation, as SQL. */
function typeOf({ type, collation }: ColumnSpec): string {
  return columnType(type) + (collation === undefined ? '' : ` COLLATE ${quote(collation)}`)
}

function alterColumn(
  before: TableSpec,
  after: TableSpec,
  old: ColumnSpec,
  now: ColumnSpec,
  fill: AlterOptions['fill'],
): string[] {
  const table = `ALTER TABLE ${quote(after.name)}`
  const name = quote(now.name)
  const statements: string[] = []
  const [oldDefault, newDefault] = [defaultSql(old), defaultSql(now)]
  const [oldType, newType] = [typeOf(old), typeOf(now)]
  const [was, is] = [isIdentity(before, old), isIdentity(after, now)]
  if (was && !is) statements.push(`${table} ALTER COLUMN ${name} DROP IDENTITY`)
  if (oldType !== newType) {
    // The default's type would stand in the way.
    if (oldDefault !== null) statements.push(`${table} ALTER COLUMN ${name} DROP DEFAULT`)
    statements.push(`${table} ALTER COLUMN ${name} TYPE ${newType}${castTo(name, old.type, now.type)}`)
  }
  if (newDefault === null && oldDefault !== null && oldType === newType)
    statements.push(`${table} ALTER COLUMN ${name} DROP DEFAULT`)
  if (newDefault !== null && (newDefault !== oldDefault || oldType !== newType))
    statements.push(`${table} ALTER COLUMN ${name} SET DEFAULT ${newDefault}`)
  if (old.null && !now.null) {
    const value = now.name in fill ? postgresCompiler.literal(fill[now.name], now.type.kind) : newDefault
    if (value !== null) statements.push(`UPDATE ${quote(after.name)} SET ${name} = ${value} WHERE ${name} IS NULL`)
    statements.push(`${table} ALTER COLUMN ${name} SET NOT NULL`)
  } else if (!old.null && now.null) statements.push(`${table} ALTER COLUMN ${name} DROP NOT NULL`)
  if (old.comment !== now.comment) statements.push(columnCommentSql(after.name, now.name, now.comment))
  // Its numbers go on after those that rows have.
  if (!was && is)
    statements.push(`${table} ALTER COLUMN ${name} ADD GENERATED BY DEFAULT AS IDENTITY`, numberOn(after, now))
  return statements
}

/** Has the next number of a column be the one after its highest. */
function numberOn(table: TableSpec, { name }: ColumnSpec): string {
  const sequence = `PG_GET_SERIAL_SEQUENCE(${postgresCompiler.literal(quote(table.name), 'text')}, ${postgresCompiler.literal(name, 'text')})`
  return `SELECT SETVAL(${sequence}, COALESCE(MAX(${quote(name)}), 1), MAX(${quote(name)}) IS NOT NULL) FROM ${quote(table.name)}`
}

/**
 * What is said of values that no cast of the server's own is for. To a text of so many letters it is never said: a cast
 * by name cuts what is too long, and without one the server refuses it.
 */
function castTo(name: string, from: ColumnType, to: ColumnType): string {
  if (columnType(to).startsWith('varchar(')) return ''
  const { maxLength: _, ...whole } = to // of an array's elements
  const cast = `::${columnType(whole)}`
  if ((from.declared ?? to.declared) === undefined) {
    // Between boolean and numbers the server knows a way to integer only.
    if (to.kind === 'boolean' && NUMBERS.has(from.kind)) return ` USING ${name} <> 0`
    if (from.kind === 'boolean' && NUMBERS.has(to.kind)) return ` USING ${name}::integer${cast}`
    // Only where no row has a value: what another process writes meanwhile is refused, as its text is none of the new type.
    if (!converts(from, to)) return ` USING ${name}::text${cast}`
  }
  return ` USING ${name}${cast}`
}

/** Whether a text names one of these columns. */
function mentions(text: string, columns: ReadonlySet<string>): boolean {
  return [...columns].some((name) => text.includes(quote(name)))
}

/** Names of the indexes and constraints that go with columns, even where columns of those names come again. */
function touched(table: TableSpec, gone: ReadonlySet<string>): Set<string> {
  const found = [
    ...table.uniques.filter((unique) => unique.columns.some((name) => gone.has(name))),
    ...(table.foreignKeys ?? []).filter((key) => key.columns.some((name) => gone.has(name))),
    ...table.checks.filter(({ sql }) => mentions(sql, gone)),
    ...table.indexes.filter(
      (index) =>
        columnsOf(index).some((name) => gone.has(name)) ||
        mentions([index.where, ...index.columns.map((part) => part.sql)].join(' '), gone),
    ),
  ]
  return new Set(gone.size === 0 ? [] : found.map((each) => each.name))
}

/**
 * Checks, and conditions and expressions of indexes, over columns of another kind: the server puts casts into them instead,
 * and no query would find `WHERE pages > 1` in an index over `(pages)::numeric > (1)::numeric`.
 */
function reworded(table: TableSpec, after: TableSpec, rename: Rename): string[] {
  const isText = (kind: Kind) => kind === 'char' || kind === 'text'
  const changed = table.columns.filter(({ name, type: { kind } }) => {
    const now = after.columns.find((each) => each.name === rename(name))?.type.kind
    return now !== undefined && now !== kind && !(isText(kind) && isText(now))
  })
  const names = new Set(changed.map(({ name }) => name))
  if (names.size === 0) return []
  return [
    ...table.checks.filter(({ sql }) => mentions(sql, names)),
    ...table.indexes.filter(({ where, columns }) =>
      mentions([where, ...columns.map((part) => part.sql)].join(' '), names),
    ),
  ].map(({ name }) => name)
}

/** What a column is computed from cannot be altered: such a column is made again. */
function sameGeneration(old: ColumnSpec, now: ColumnSpec, renamed: Readonly<Record<string, string>>): boolean {
  if (old.generated === undefined || now.generated === undefined) return old.generated === now.generated
  return (
    renamedText(old.generated.sql, renamed, quote) === now.generated.sql &&
    old.generated.stored === now.generated.stored &&
    typeOf(old) === typeOf(now)
  )
}

function alterTable(whole: TableSpec, after: TableSpec, { renamed, fill }: AlterOptions): string[] {
  const rename: Rename = (name) => renamed[name] ?? name
  const taken = new Set(Object.values(renamed))
  // A column goes when nothing of its name is wanted, or when another takes its name.
  // The type of a column that others are computed from, or that a trigger names, cannot be altered under them.
  const retyped = new Set(
    whole.columns
      .filter((column) => {
        const now = after.columns.find((each) => each.name === rename(column.name))
        return now !== undefined && typeOf(column) !== typeOf(now)
      })
      .map((column) => column.name),
  )
  const stays = (column: ColumnSpec): boolean => {
    const { name } = column
    if (!(name in renamed) && taken.has(name)) return false
    const now = after.columns.find((each) => each.name === rename(name))
    if (now === undefined || (column.generated !== undefined && mentions(column.generated.sql, retyped))) return false
    return sameGeneration(column, now, renamed)
  }
  const removed = whole.columns.filter((column) => !stays(column))
  const gone = new Set(removed.map((column) => column.name))
  const before = { ...whole, columns: whole.columns.filter(stays) }
  const moved = renamedTable(before, after.name, rename)
  const again = new Set([...touched(whole, gone), ...reworded(whole, after, rename)])
  const constraints = constraintChanges(before, moved, after, again)
  const indexes = indexChanges(moved, after, again)
  const old = new Map(moved.columns.map((column) => [column.name, column]))
  const columns = after.columns.flatMap((column) => {
    const known = old.get(column.name)
    return known === undefined ? addColumn(after, column, fill) : alterColumn(moved, after, known, column, fill)
  })
  // What rows are filled with is no change that triggers hear of.
  const fills = columns.some((sql) => sql.startsWith('UPDATE '))
  const triggers = triggerChanges(
    whole,
    after,
    fills || Object.keys(renamed).length + removed.length + retyped.size > 0,
  )
  return [
    ...triggers.drop.flatMap((trigger) => dropTriggerSql(before.name, trigger)),
    ...(before.name === after.name ? [] : [`ALTER TABLE ${quote(before.name)} RENAME TO ${quote(after.name)}`]),
    ...indexes.drop,
    ...constraints.drop,
    ...removed.map((column) => `ALTER TABLE ${quote(after.name)} DROP COLUMN ${quote(column.name)} CASCADE`),
    ...renameColumns(after.name, Object.fromEntries(Object.entries(renamed).filter(([name]) => !gone.has(name)))),
    ...columns,
    ...constraints.add,
    ...indexes.add,
    ...(before.comment === after.comment ? [] : [tableCommentSql(after)]),
    ...triggers.make.flatMap((trigger) => createTriggerSql(after.name, trigger)),
  ]
}

const FAMILIES: Partial<Record<Kind, string>> = {
  auto: 'integer',
  smallInteger: 'integer',
  bigInteger: 'integer',
  char: 'text',
}

/** Types of a family are compared with one another: a reference from one to the other may be there. */
function family(kind: Kind): string {
  return FAMILIES[kind] ?? kind
}

/** The schema editor of PostgreSQL. */
export const postgresSchemaEditor: SchemaEditor = {
  flush: (tables) => [`TRUNCATE ${tables.map((table) => quote(table.name)).join(', ')} RESTART IDENTITY`],
  resetIdentity: (table) =>
    table.columns.filter((column) => isIdentity(table, column)).map((column) => numberOn(table, column)),
  createTable: (table) => [
    createTableSql(table),
    ...afterCreateSql(table),
    ...(table.triggers ?? []).flatMap((trigger) => createTriggerSql(table.name, trigger)),
  ],
  dropTable: (table) => [
    `DROP TABLE ${quote(table.name)} CASCADE`,
    ...(table.triggers ?? []).map((trigger) => dropFunctionSql(trigger.name)),
  ],
  renameTable: (from, to) => alterTable(from, to, { renamed: {}, fill: {} }),
  alterTable,
  retypesUnreferred: (from, to) => family(from.kind) !== family(to.kind),
  columnText: (table, column) => ({
    type: columnType(column.type) + (isIdentity(table, column) ? ' identity' : ''),
    default: defaultSql(column),
  }),
  onlineStages,
  onlyAdds,
}
