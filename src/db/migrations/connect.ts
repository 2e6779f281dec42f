import { ConfigurationError } from '../../std/errors.ts'
import type { Connection, StatementTimeouts } from '../backends/backend.ts'
import { type Database, database, primaryOf, using } from '../connections.ts'
import { atomic } from '../transactions.ts'
import type { MigrationDatabase } from './database.ts'
import { exclusively, hasSessions, outsideTransactions, plain } from './sessions.ts'

/** Of what migrations write of themselves: those of the database are for requests. */
const OWN_TIMEOUTS: StatementTimeouts = { lock: 5000, statement: 0 }

/** A configured database, for migrating. @throws DatabaseNotFoundError db.unknown-database; ConfigurationError migrations.replica */
export function migrationDatabase(alias: string): MigrationDatabase {
  const open = database(alias)
  const primary = primaryOf(alias)
  if (primary !== null) {
    throw new ConfigurationError(`"${alias}" is a replica of "${primary}": its tables follow by themselves.`, {
      code: 'migrations.replica',
      hint: `Run: npx nuages migrate --database ${primary}`,
    })
  }
  const { backend } = open
  return {
    alias,
    backend,
    transaction: (fn, given) => {
      // One inside of another keeps to what that was given.
      const timeouts = given ?? (open.currentBlock() === null ? OWN_TIMEOUTS : null)
      const bounded = async () => {
        if (timeouts !== null) await open.currentBlock()!.connection.setTimeouts?.(timeouts) // atomic() made it
        return fn()
      }
      return using(alias, () => atomic(bounded, { using: alias, schemaChange: true }))
    },
    exec: async (sql) => open.exec(sql),
    hasSessions: hasSessions(open),
    session: (statements, timeouts) => outsideTransactions(open, statements, timeouts),
    rows: async (statement) => open.rows(backend.compiler.compile(statement), []),
    query: async (sql) => open.rows(plain(sql), []),
    tables: () => backend.introspector.tables(joined(open)),
    views: async () => (await backend.introspector.views?.(joined(open))) ?? [],
    table: (name) => backend.introspector.table(joined(open), name),
    asDeclared: async (name) => (await backend.introspector.asDeclared?.(joined(open), name)) ?? null,
    holds: async (table, column) => {
      const there = await backend.introspector.table(joined(open), table)
      if (!there?.columns.some(({ name }) => name === column)) return false
      const [from, value] = [table, column].map((name) => backend.compiler.quote(name))
      return (await open.rows(plain(`SELECT 1 FROM ${from} WHERE ${value} IS NOT NULL LIMIT 1`), [])).length > 0
    },
    triggers: (table) => backend.introspector.triggers(joined(open), table),
    broken: async (table) => (await backend.introspector.broken?.(joined(open), table)) ?? null,
    exclusively: (fn, onWaiting) => exclusively(open, fn, onWaiting),
  }
}

/** The connection of the current block, or the database's own. Introspection sends no values. */
export function joined(open: Database): Connection {
  return {
    rows: (statement, params) => open.rows(statement, params),
    run: (statement, params) => open.run(statement, params),
    iterate: (statement, params, chunk) => open.iterate(statement, params, chunk),
    exec: (sql) => open.exec(sql),
  }
}
