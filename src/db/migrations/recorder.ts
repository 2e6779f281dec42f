/** Which migrations were applied, in the database itself: table `nuages_migrations` (app, name, applied). */
import type { TableSpec } from '../backends/schema.ts'
import { and, emptySelect } from '../query/nodes.ts'
import type { ColumnNode } from '../sql/nodes.ts'
import type { MigrationDatabase } from './database.ts'
import { keyOf } from './migration.ts'

export const TABLE = 'nuages_migrations'

const spec: TableSpec = {
  name: TABLE,
  columns: [
    { name: 'id', type: { kind: 'auto' }, null: false },
    { name: 'app', type: { kind: 'char', maxLength: 255 }, null: false },
    { name: 'name', type: { kind: 'char', maxLength: 255 }, null: false },
    { name: 'applied', type: { kind: 'dateTime' }, null: false },
  ],
  primaryKey: ['id'],
  uniques: [{ name: 'nuages_migrations_app_name_uniq', columns: ['app', 'name'] }],
  checks: [],
  indexes: [],
}

const column = (name: string): { expr: ColumnNode } => ({
  expr: { t: 'column', table: 'm', column: name, kind: 'char' },
})

/** Reads and writes the record. */
export class Recorder {
  readonly #database: MigrationDatabase

  constructor(database: MigrationDatabase) {
    this.#database = database
  }

  /** Keys (`library.0001_initial`) of applied migrations. Empty for a new database; creates nothing. */
  async applied(): Promise<Set<string>> {
    if (!(await this.#database.tables()).includes(TABLE)) return new Set()
    const rows = await this.#database.rows({
      ...emptySelect({ table: TABLE, alias: 'm' }),
      columns: [column('app'), column('name')],
    })
    return new Set(rows.map((row) => keyOf(row[0] as string, row[1] as string))) // two char columns, not null
  }

  /** Whether one is recorded, in a table that is there ({@link ensureTable}): its own row alone is read, however long the record. */
  async has(app: string, name: string): Promise<boolean> {
    const is = (own: string, value: string) =>
      ({ t: 'compare', op: '=', left: column(own).expr, right: { t: 'literal', value, kind: 'char' } }) as const
    const rows = await this.#database.rows({
      ...emptySelect({ table: TABLE, alias: 'm' }),
      columns: [column('name')],
      where: and([is('app', app), is('name', name)]),
    })
    return rows.length > 0
  }

  /** Creates the table where it is missing. */
  async ensureTable(): Promise<void> {
    if ((await this.#database.tables()).includes(TABLE)) return
    await this.#database.transaction(async () => {
      // Another process may have come first while this one waited for the writer.
      if ((await this.#database.tables()).includes(TABLE)) return
      for (const sql of this.#database.backend.schema.createTable(spec)) await this.#database.exec(sql)
    })
  }

  async record(app: string, name: string): Promise<void> {
    const { compiler } = this.#database.backend
    const names = ['app', 'name', 'applied'].map((each) => compiler.quote(each)).join(', ')
    const values = `${compiler.literal(app, 'char')}, ${compiler.literal(name, 'char')}, ${compiler.literal(new Date(), 'dateTime')}`
    await this.#database.exec(`insert into ${compiler.quote(TABLE)} (${names}) values (${values})`)
  }

  async forget(app: string, name: string): Promise<void> {
    const { compiler } = this.#database.backend
    const where = `${compiler.quote('app')} = ${compiler.literal(app, 'char')} and ${compiler.quote('name')} = ${compiler.literal(name, 'char')}`
    await this.#database.exec(`delete from ${compiler.quote(TABLE)} where ${where}`)
  }
}
