/** Carries out operations: alters tables by comparing states, runs SQL and code; or only lists the statements. */
import type { Backend } from '../backends/backend.ts'
import type { ExistingTrigger } from '../backends/schema.ts'
import { allowsMigrate } from '../routers.ts'
import type { Vendor } from '../sql/nodes.ts'
import type { HistoricalModels, MigrationCode, MigrationRun, SchemaChange } from './operations/operation.ts'
import { renderState } from './render.ts'
import { changeTables } from './schema.ts'
import type { ProjectState } from './state.ts'

/** Where statements go. */
export interface StatementSink {
  execute(sql: string): Promise<void>
  comment(text: string): void
  /** A database is behind it: code runs. Otherwise code becomes a comment. */
  readonly live: boolean
  /** Where the migration as a whole is in no transaction: a change of tables still happens whole or not at all. */
  transaction?(fn: () => Promise<void>): Promise<void>
  /** Triggers that a table has now, where a database is behind it. */
  triggers?(table: string): Promise<readonly ExistingTrigger[]>
  /** Told of each table that is created. */
  created?(table: string): void
}

export class DatabaseRun implements MigrationRun {
  readonly alias: string
  readonly #backend: Backend
  readonly #sink: StatementSink

  constructor(backend: Backend, alias: string, sink: StatementSink) {
    this.#backend = backend
    this.alias = alias
    this.#sink = sink
  }

  allows(app: string, hints?: Readonly<Record<string, unknown>>): boolean {
    return allowsMigrate(this.alias, app, hints)
  }

  /** What ran before an operation that fails stays, whatever the migration says. */
  get keepsChanges(): boolean {
    return !this.#backend.features.transactionalDdl
  }

  get vendor(): Vendor {
    return this.#backend.features.vendor
  }

  comment(text: string): void {
    this.#sink.comment(text)
  }

  async transform(from: ProjectState, to: ProjectState, change: SchemaChange): Promise<void> {
    const { statements, created } = changeTables(this.#backend, from, to, {
      ...change,
      allows: (app, model) => allowsMigrate(this.alias, app, { model }),
    })
    for (const table of created) this.#sink.created?.(table)
    const own: string[] = []
    const all = async () => {
      for (const [i, sql] of statements.entries()) {
        const table = this.#backend.schema.rebuiltAt?.(statements, i) ?? null
        const kept = table === null ? [] : await this.#ownTriggers(table, from, to)
        await this.#sink.execute(sql)
        own.push(...kept)
      }
      // Triggers of the project's own go with a table that is made anew: they are made again.
      for (const sql of own) await this.#sink.execute(sql)
    }
    await (statements.length > 0 && this.#sink.transaction ? this.#sink.transaction(all) : all())
  }

  /** Statements that make the triggers of a table which no model declares. */
  async #ownTriggers(table: string, from: ProjectState, to: ProjectState): Promise<string[]> {
    const found = (await this.#sink.triggers?.(table)) ?? []
    const declared = [from, to].flatMap((state) =>
      [...state.models.values()].flatMap((model) => model.options.triggers ?? []),
    )
    const isDeclared = (name: string) =>
      declared.some(
        (each) =>
          name === each.name ||
          (/^_(insert|update|delete)$/.test(name.slice(each.name.length)) && name.startsWith(each.name)),
      )
    return found.filter(({ name }) => !isDeclared(name)).flatMap(({ sql }) => sql)
  }

  async sql(text: string): Promise<void> {
    await this.#sink.execute(text)
  }

  async code(fn: MigrationCode, state: ProjectState, app: string): Promise<void> {
    if (!this.#sink.live) return this.#sink.comment('code, which cannot be shown as SQL')
    await import('../index.ts') // models query only once the query room is loaded
    const rendered = renderState(state)
    const models: HistoricalModels = { get: (label) => rendered.get(label.includes('.') ? label : `${app}.${label}`) }
    await fn({ models, alias: this.alias })
  }
}
