/** What a database's error says of a model: which constraint is broken, which field a value is too long for. */
import { type DatabaseError, DataError, IntegrityError } from '../errors.ts'
import type { AnyModel, FieldMeta, ModelConstraint } from './meta.ts'
import { live } from './registry.ts'

/**
 * The error with the constraint's name and the fields of its columns, and with its own message where the model gives it
 * one; others as they are. Asked only when a statement has failed.
 */
export function explained(error: DatabaseError): DatabaseError {
  if (error instanceof IntegrityError) return withConstraint(error)
  return error instanceof DataError && error.code === 'db.invalid-value' ? withFields(error) : error
}

/** More of them would be no help. */
const MAX_NAMED = 4

/**
 * A value that a column does not hold. MariaDB names the column; PostgreSQL tells the type, `character varying(10)`,
 * which the columns that were written, of that length, are asked for.
 */
function withFields(error: DataError): DataError {
  const { sql = '', cause } = error
  const [head = ''] = sql.split(/ (?:WHERE|RETURNING) /, 1)
  const table = /^(?:INSERT INTO|UPDATE|COPY) "([^"]+)"/i.exec(head)?.[1]
  const model = table === undefined ? undefined : modelOf(table)
  if (model === undefined) return error
  const told = cause instanceof Error ? cause.message : error.message
  const found = model.meta.columns.filter((field) => head.includes(`"${field.column}"`) && isMeant(field, told))
  const names = [...new Set(found.map((field) => (field.whole ?? field).name))]
  if (names.length === 0 || names.length > MAX_NAMED) return error
  const where = names.map((name) => `${model.meta.label}.${name}`).join(' or ')
  const { code, status, hint } = error
  const options = { code, status, sql, cause, fields: names }
  return new DataError(`${where}: ${error.message}`, hint === undefined ? options : { ...options, hint })
}

function isMeant(field: FieldMeta, told: string): boolean {
  const column = /for column (?:[`"'][^`"']+[`"']\.)*[`"']([^`"']+)[`"']/.exec(told)?.[1]
  if (column !== undefined) return field.column === column
  const length = /too long for type character(?: varying)?\((\d+)\)/.exec(told)?.[1]
  if (length !== undefined) return field.options.maxLength === Number(length)
  const range = /out of range for type (\w+)/.exec(told)?.[1]
  return range !== undefined && RANGES[range]?.includes(field.kind!) === true
}

const RANGES: Readonly<Record<string, readonly string[]>> = {
  smallint: ['smallInteger'],
  integer: ['integer'],
  bigint: ['bigInteger', 'auto'],
}

function modelOf(table: string): AnyModel | undefined {
  return live.models().find(({ meta }) => !meta.proxy && meta.table === table)
}

function withConstraint(error: IntegrityError): IntegrityError {
  const constraint = brokenBy(error)
  const known = fieldsOf(error)
  if (constraint === null && known === null) return error
  const { message, hint } = said(error, constraint, known)
  return new IntegrityError(message, {
    code: error.code,
    constraint: error.constraint,
    table: error.table,
    columns: error.columns,
    fields: known?.names ?? [],
    name: constraint?.name ?? error.constraintName,
    sql: error.sql,
    hint,
    cause: error.cause,
  })
}

interface Known {
  readonly model: AnyModel
  /** Names of the fields, as their model has them. */
  readonly names: readonly string[]
}

function said(
  error: IntegrityError,
  constraint: ModelConstraint | null,
  known: Known | null,
): { readonly message: string; readonly hint: string | undefined } {
  if (constraint?.message !== undefined) return { message: String(constraint.message), hint: error.hint }
  const label = known?.model.meta.label
  const columns = `${error.table}.${error.columns.join(', ')}`
  const { constraint: kind } = error
  if (kind === 'notNull' && known !== null)
    return {
      message: `${known.names.map((name) => `${label}.${name}`).join(', ')} cannot be null (column ${columns}).`,
      hint: 'Give it a value or a default, or declare it with null: true and migrate.',
    }
  if (kind === 'unique' || kind === 'primaryKey')
    return {
      message:
        known === null
          ? error.message
          : `A ${label} with the same ${andList(known.names)} already exists (${columns}).`,
      hint:
        error.hint ??
        'Catch IntegrityError, whose `fields` these are; ask before with fullClean(); or write with upsert() or getOrCreate().',
    }
  if (kind === 'check')
    return {
      message: error.message,
      hint: error.hint ?? 'fullClean() tells of it before the database does, in words for people.',
    }
  return { message: error.message, hint: error.hint }
}

function andList(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The fields whose columns the database named; null where it named none, or no model has them. */
function fieldsOf({ table, columns }: IntegrityError): Known | null {
  if (table === null || columns.length === 0) return null
  const model = modelOf(table)
  if (model === undefined) return null
  try {
    const fields = columns.map((column) => model.meta.columns.find((each) => each.column === column))
    const names = fields.flatMap((field) => (field === undefined ? [] : [(field.whole ?? field).name]))
    return names.length === columns.length ? { model, names: [...new Set(names)] } : null
  } catch {
    return null // as below
  }
}

function brokenBy(error: IntegrityError): ModelConstraint | null {
  for (const model of live.models()) {
    if (error.table !== null && error.table !== model.meta.table) continue
    const found = constraintsOf(model).find((each) => isBroken(model, each, error))
    if (found !== undefined) return found
  }
  return null
}

/** A model that cannot be read says so elsewhere: here is another error to tell. */
function constraintsOf(model: AnyModel): readonly ModelConstraint[] {
  try {
    return model.meta.constraints
  } catch {
    return []
  }
}

function isBroken({ meta }: AnyModel, constraint: ModelConstraint, error: IntegrityError): boolean {
  if (error.constraintName !== null) return error.constraintName === constraint.name
  // SQLite names the columns of a unique constraint, and the table; not the constraint.
  if (constraint.type !== 'unique' || error.constraint !== 'unique' || constraint.fields.length === 0) return false
  // A relation to a key of several fields has several columns and none of its own.
  const columns = constraint.fields.flatMap((name) => meta.fields.get(name)?.parts.map((part) => part.column) ?? [])
  return columns.length === error.columns.length && columns.every((column) => error.columns.includes(column ?? ''))
}
