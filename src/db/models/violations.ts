/** What a constraint of a model says when the database tells that it is broken. */
import { IntegrityError } from '../errors.ts'
import type { AnyModel, ModelConstraint } from './meta.ts'
import { live } from './registry.ts'

/**
 * The error with the constraint's name, and with its own message where the model gives it one; others as they are.
 * Asked only when a statement has failed.
 */
export function explained(error: IntegrityError): IntegrityError {
  const constraint = brokenBy(error)
  if (constraint === null) return error
  const own = constraint.message === undefined ? error.message : String(constraint.message)
  if (own === error.message && error.constraintName === constraint.name) return error
  return new IntegrityError(own, {
    code: error.code,
    constraint: error.constraint,
    table: error.table,
    columns: error.columns,
    name: constraint.name,
    sql: error.sql,
    cause: error.cause,
  })
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
