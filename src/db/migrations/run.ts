/** Carries out operations: alters tables by comparing states, runs SQL and code; or only lists the statements. */
import type { Backend } from '../backends/backend.ts'
import type { ExistingTrigger, OnlineStage, TableSpec } from '../backends/schema.ts'
import { allowsMigrate } from '../routers.ts'
import type { Vendor } from '../sql/nodes.ts'
import { MigrationError } from './errors.ts'
import type { HistoricalModels, MigrationCode, MigrationRun, SchemaChange } from './operations/operation.ts'
import { renderState } from './render.ts'
import { type AddedColumn, changeTables } from './schema.ts'
import type { ProjectState } from './state.ts'

/** Rows that are changed, and locked, at once. */
const BATCH = 1000

/** Where statements go. */
export interface StatementSink {
  execute(sql: string): Promise<void>
  comment(text: string): void
  /** A database is behind it: code runs. Otherwise code becomes a comment. */
  readonly live: boolean
  /** Where the migration as a whole is in no transaction: a change of tables still happens whole or not at all. */
  transaction?(fn: () => Promise<void>): Promise<void>
  /** Runs a stage that takes no transaction. */
  alone?(stage: OnlineStage): Promise<void>
  /** Every change of tables takes its online form, where it has one. */
  readonly online?: boolean
  /** A table as it is now, where a database is behind it that makes tables anew. */
  asDeclared?(table: string): Promise<TableSpec | null>
  /** Whether a column holds a value in any row, where a database is behind it. */
  holds?(table: string, column: string): Promise<boolean>
  /** Triggers that a table has now, where a database is behind it. */
  triggers?(table: string): Promise<readonly ExistingTrigger[]>
  /** Of a table that was made anew: a view or a trigger that names what is gone. */
  broken?(table: string): Promise<string | null>
  /** Told of each table that is created. */
  created?(table: string): void
  /** And of each column that a table which is there gets. */
  added?(column: AddedColumn): void
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

  get atomic(): boolean {
    return this.#sink.transaction === undefined
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
    const allows = (app: string, model: string) => allowsMigrate(this.alias, app, { model })
    const sink = this.#sink
    const live = { read: sink.asDeclared?.bind(sink), holds: sink.holds?.bind(sink) }
    const changes = await changeTables(this.#backend, from, to, { ...change, allows }, live)
    const { statements } = changes
    for (const table of changes.created) this.#sink.created?.(table)
    for (const column of changes.added) this.#sink.added?.(column)
    const online = change.online ?? (this.#sink.online ? 'whole' : undefined)
    if (online !== undefined && this.#backend.schema.onlineStages) return this.#inStages(statements, online)
    const own: string[] = []
    const rebuilt: string[] = []
    const all = async () => {
      for (const [i, sql] of statements.entries()) {
        const table = this.#backend.schema.rebuiltAt?.(statements, i) ?? null
        const kept = table === null ? [] : await this.#ownTriggers(table, from, to)
        await this.#sink.execute(sql)
        own.push(...kept)
        if (table !== null) rebuilt.push(table)
      }
      // Triggers of the project's own go with a table that is made anew: they are made again.
      for (const sql of own) await this.#sink.execute(sql)
      for (const table of rebuilt) await this.#assertUsable(table)
    }
    await (statements.length > 0 && this.#sink.transaction ? this.#sink.transaction(all) : all())
  }

  /** @throws MigrationError migrations.broken-view */
  async #assertUsable(table: string): Promise<void> {
    const broken = (await this.#sink.broken?.(table)) ?? null
    if (broken === null) return
    throw new MigrationError(`${table} is made anew, and what stands on it would not work any more: ${broken}`, {
      code: 'migrations.broken-view',
      hint: 'Drop the view or the trigger before this operation, and make it again after: runSql(…, { reverse: … }).',
    })
  }

  /** Each stage in a transaction of its own, or in none. */
  async #inStages(statements: readonly string[], online: 'whole' | 'unchecked'): Promise<void> {
    const sink = this.#sink
    for (const statement of statements) {
      let stages = this.#backend.schema.onlineStages!(statement) ?? [{ sql: [statement] }]
      // Without its index there is nothing to check: such a constraint comes as always.
      if (online === 'unchecked' && stages.some(({ builds }) => builds !== undefined)) stages = [{ sql: [statement] }]
      for (const stage of stages) {
        if (stage.validates && online === 'unchecked') continue
        if ((stage.builds ?? stage.drops) !== undefined && sink.alone) {
          await sink.alone(stage)
          continue
        }
        const all = async () => {
          for (const sql of stage.sql) await sink.execute(sql)
        }
        await (sink.transaction ? sink.transaction(all) : all())
      }
    }
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

  async copyColumn(state: ProjectState, label: string, from: string, to: string): Promise<void> {
    const { transaction, live } = this.#sink
    if (!this.allows(label.split('.')[0]!, { model: label })) return
    const { F } = await import('../index.ts') // models query only once the query room is loaded
    const model = renderState(state).get(label)
    const [source, target] = [from, to].map((name) => model.meta.getField(name).parts[0]!) // columns that a state has
    if (transaction === undefined || !live) {
      if (transaction !== undefined) this.comment(`in batches of ${BATCH} rows, each a transaction of its own`)
      const quote = (name: string) => this.#backend.compiler.quote(name)
      const [table, old, now] = [model.meta.table, source!.column!, target!.column!].map(quote) // parts are columns
      return this.#sink.execute(`UPDATE ${table} SET ${now} = ${old} WHERE ${now} IS NULL AND ${old} IS NOT NULL`)
    }
    const rows = model.objects.using(this.alias)
    for (let last: unknown; ; ) {
      const rest = last === undefined ? rows : rows.dynamic({ pk__gt: last })
      const keys: unknown[] = await rest.orderBy('pk').slice(0, BATCH).valuesList('pk', { flat: true })
      if (keys.length === 0) return
      last = keys.at(-1)
      const unfilled = { [`${source!.name}__isnull`]: false, [`${target!.name}__isnull`]: true }
      const batch = rows.dynamic({ pk__gte: keys[0], pk__lte: last, ...unfilled })
      await transaction.call(
        this.#sink,
        async () => void (await batch.dynamicUpdate({ [to]: F(source!.name as never) })),
      ) // of a model that a state has
    }
  }

  async sql(text: string, values?: readonly unknown[]): Promise<void> {
    await this.#sink.execute(values === undefined ? text : withValues(this.#backend, text, values))
  }

  async code(fn: MigrationCode, state: ProjectState, app: string): Promise<void> {
    if (!this.#sink.live) return this.#sink.comment('code, which cannot be shown as SQL')
    await import('../index.ts') // models query only once the query room is loaded
    const rendered = renderState(state)
    const models: HistoricalModels = { get: (label) => rendered.get(label.includes('.') ? label : `${app}.${label}`) }
    await fn({ models, alias: this.alias })
  }
}

/** Values in the places of `%s`, as the database writes constants; `%%` is a percent sign. */
function withValues({ compiler }: Backend, text: string, values: readonly unknown[]): string {
  let used = 0
  const sql = text.replace(/%%|%s/g, (found) => {
    if (found === '%%') return '%'
    if (used >= values.length) throw wrongCount(text, values)
    return constant(compiler, values[used++])
  })
  if (used < values.length) throw wrongCount(text, values)
  return sql
}

function constant(compiler: Backend['compiler'], value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'boolean') return compiler.literal(value, 'boolean')
  if (typeof value === 'bigint') return compiler.literal(value, 'bigInteger')
  if (typeof value === 'number') return compiler.literal(value, Number.isInteger(value) ? 'integer' : 'float')
  if (value instanceof Date) return compiler.literal(value, 'dateTime')
  return compiler.literal(typeof value === 'string' ? value : JSON.stringify(value), 'text')
}

function wrongCount(text: string, values: readonly unknown[]): MigrationError {
  const places = text.match(/%%|%s/g)?.filter((found) => found === '%s').length ?? 0
  return new MigrationError(`runSql has ${values.length} params for ${places} places: ${text.trim().slice(0, 200)}`, {
    code: 'migrations.wrong-params',
    hint: 'Write %s once for each; %% for a percent sign.',
  })
}
