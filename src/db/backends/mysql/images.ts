/**
 * Copies of databases for tests. The server has no words for it: what it says of tables and triggers is said again, and rows
 * are copied from another database, by the server and as they are.
 */
import type { ImageWords, SendSql } from '../test-databases.ts'
import { mysqlCompiler } from './compiler.ts'

/** What {@link mysqlImages} keeps: statements, whose rows are read from `image`. */
interface Kept {
  readonly tables: readonly string[]
  readonly rows: readonly string[]
  readonly triggers: readonly string[]
}

const quote = (name: string): string => mysqlCompiler.quote(name)

export const mysqlImages: ImageWords = {
  async keep(from, image, on) {
    const found = await on(from, describe)
    if (found === null) return null
    const copied = [...found.filled].map(([table, columns]) => ({ table: quote(table), columns }))
    const inImage = copied.flatMap(({ table, columns }) => [
      `CREATE TABLE ${quote(image)}.${table} LIKE ${quote(from)}.${table}`,
      `INSERT INTO ${quote(image)}.${table} (${columns}) SELECT ${columns} FROM ${quote(from)}.${table}`,
    ])
    await on(null, (send) => send([`CREATE DATABASE ${quote(image)}`, ...asWritten(inImage)].join(';\n')))
    const rows = copied.map(
      ({ table, columns }) => `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${quote(image)}.${table}`,
    )
    const kept: Kept = { tables: found.tables, rows, triggers: found.triggers }
    return JSON.stringify(kept)
  },
  async restore(text, name, on) {
    const kept = JSON.parse(text) as Kept // as keep() wrote it
    await on(null, (send) => send(`CREATE DATABASE ${quote(name)} CHARACTER SET utf8mb4`))
    await on(name, (send) =>
      // Together: what is set counts for all of them. Triggers last, they would fire.
      send(['SET foreign_key_checks = 0', ...kept.tables, ...asWritten(kept.rows), ...kept.triggers].join(';\n')),
    )
  },
}

/** Statements in which a key of 0 is none to be given. Triggers keep the modes they are made in: only these have it. */
function asWritten(inserts: readonly string[]): string[] {
  return [
    "SET @nuages_modes = @@sql_mode, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
    ...inserts,
    'SET sql_mode = @nuages_modes',
  ]
}

interface Described {
  readonly tables: string[]
  readonly triggers: string[]
  /** Tables with rows, and the columns that are written, hidden ones too. */
  readonly filled: ReadonlyMap<string, string>
}

/** What a database holds; null where that is more than tables with triggers: views, sequences, routines, tables with a history. */
async function describe(send: SendSql): Promise<Described | null> {
  const all = await send(
    'SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name',
  )
  if (all.some(([, type]) => type !== 'BASE TABLE')) return null
  const [[others]] = (await send(
    'SELECT (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = DATABASE()) + (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = DATABASE())',
  )) as [[unknown]]
  if (Number(others) > 0) return null
  const columns = new Map<string, string[]>()
  for (const [table, column] of await send(
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position",
  ))
    columns.set(String(table), [...(columns.get(String(table)) ?? []), quote(String(column))])
  const tables: string[] = []
  const filled = new Map<string, string>()
  for (const [name] of all) {
    const table = String(name)
    tables.push(String((await send(`SHOW CREATE TABLE ${quote(table)}`))[0]![1]))
    const [row] = await send(`SELECT 1 FROM ${quote(table)} LIMIT 1`)
    if (row !== undefined) filled.set(table, columns.get(table)!.join(', ')) // every table has columns
  }
  const triggers: string[] = []
  for (const [name] of await send('SHOW TRIGGERS'))
    triggers.push(String((await send(`SHOW CREATE TRIGGER ${quote(String(name))}`))[0]![2]))
  return { tables, triggers, filled }
}
