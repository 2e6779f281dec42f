/**
 * Changes of tables in the form that stops nobody for long: the work that grows with the rows is done under locks that
 * readers and writers pass. It takes several transactions, and indexes take none.
 */
import type { OnlineStage } from '../schema.ts'
import { quote } from './ddl.ts'

const NAME = '"(?:[^"]|"")+"'
const INDEX = new RegExp(`^(CREATE (?:UNIQUE )?INDEX) (${NAME}) (ON .*)$`, 's')
const DROP_INDEX = new RegExp(`^DROP INDEX (${NAME})$`)
const CONSTRAINT = new RegExp(`^ALTER TABLE (${NAME}) ADD CONSTRAINT (${NAME}) (.*)$`, 's')
const UNIQUE = /^UNIQUE( NULLS NOT DISTINCT)? (\(.*?\)(?: INCLUDE \(.*?\))?)( DEFERRABLE.*)?$/s
const NOT_NULL = new RegExp(`^ALTER TABLE (${NAME}) ALTER COLUMN (${NAME}) SET NOT NULL$`)

const bare = (name: string): string => name.slice(1, -1).replaceAll('""', '"')
const inTransaction = (...sql: string[]): OnlineStage => ({ sql })
const building = (name: string, sql: string): OnlineStage => ({ sql: [sql], builds: bare(name) })

/** A statement of this schema editor in stages; null for one that is quick as it is, or has no other form. */
export function onlineStages(statement: string): OnlineStage[] | null {
  const [, create, index, rest] = INDEX.exec(statement) ?? []
  if (create !== undefined) return [building(index!, `${create} CONCURRENTLY ${index} ${rest}`)]
  const [, dropped] = DROP_INDEX.exec(statement) ?? []
  if (dropped !== undefined) return [{ sql: [`DROP INDEX CONCURRENTLY IF EXISTS ${dropped}`], drops: bare(dropped) }]
  const [, table, column] = NOT_NULL.exec(statement) ?? []
  if (table !== undefined) return notNull(table, column!)
  const [, of, name, text] = CONSTRAINT.exec(statement) ?? []
  return of === undefined ? null : constraint(of, name!, text!)
}

function constraint(table: string, name: string, text: string): OnlineStage[] | null {
  const [unique, nulls = '', columns, deferrable = ''] = UNIQUE.exec(text) ?? []
  if (unique !== undefined) {
    return [
      building(name, `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${table} ${columns}${nulls}`),
      inTransaction(`ALTER TABLE ${table} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}${deferrable}`),
    ]
  }
  if (!/^(CHECK|FOREIGN KEY)\b/.test(text)) return null
  return [
    inTransaction(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${text} NOT VALID`),
    { sql: [`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`], validates: true },
  ]
}

/** A check that holds spares SET NOT NULL its scan. */
function notNull(table: string, column: string): OnlineStage[] {
  const name = quote(`${bare(table)}_${bare(column)}`.slice(0, 50).concat('__not_null'))
  return [
    inTransaction(`ALTER TABLE ${table} ADD CONSTRAINT ${name} CHECK (${column} IS NOT NULL) NOT VALID`),
    inTransaction(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`),
    inTransaction(
      `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL`,
      `ALTER TABLE ${table} DROP CONSTRAINT ${name}`,
    ),
  ]
}

/** Whether a statement takes nothing away: what it made can be dropped again, and no row misses it. */
export function onlyAdds(statement: string): boolean {
  if (DROP_INDEX.test(statement)) return false
  if (onlineStages(statement) !== null || CONSTRAINT.test(statement)) return true
  return /^ALTER TABLE "(?:[^"]|"")+" (ADD COLUMN|ALTER COLUMN "(?:[^"]|"")+" (SET|DROP) DEFAULT)\b|^COMMENT ON /.test(
    statement,
  )
}
