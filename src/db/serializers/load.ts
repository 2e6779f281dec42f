/** Fixtures into a database: all files in one transaction, a few hundred rows at a time. */

import { NuagesError } from '../../std/errors.ts'
import { currentAlias, type Database, database } from '../connections.ts'
import { tableSpec } from '../migrations/table-spec.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { AnyModel } from '../models/meta.ts'
import { allowsMigrate, routedTo } from '../routers.ts'
import { atomic } from '../transactions.ts'
import { type DeserializedRow, type DeserializeOptions, RowReader } from './deserialize.ts'
import { DeserializationError } from './errors.ts'
import { formatNamed } from './format.ts'
import { brokenReference } from './references.ts'
import { saveRaw, saveRelations } from './save.ts'

/** Where rows come from. */
export interface FixtureSource {
  /** For messages: a file's path, or `stdin`. */
  readonly name: string
  /** Name of the format. */
  readonly format: string
  /** Its text, from the beginning at each call; null once it cannot be read again. */
  open(): AsyncIterable<string> | null
}

/** How fixtures are loaded. */
export interface LoadOptions extends Omit<DeserializeOptions, 'source'> {
  /** Told every few hundred rows, with how many there were. */
  readonly onProgress?: (rows: number) => void
}

/** What was loaded. */
export interface LoadResult {
  readonly rows: number
  /** Rows by label: `{ 'library.Book': 2 }`. */
  readonly perModel: Readonly<Record<string, number>>
}

/** Rows written by one statement. */
const BATCH = 500

/**
 * Loads fixtures, all of them or nothing. References are checked when all rows are there, so that rows may come in any
 * order; then numbers of new rows go on after those that were loaded.
 * @throws DeserializationError with file, line, row and field; nothing was written then
 */
export async function loadFixtures(sources: readonly FixtureSource[], options: LoadOptions = {}): Promise<LoadResult> {
  const alias = options.using ?? currentAlias()
  return atomic(() => new Loader(database(alias), sources, { ...options, using: alias }).run(), { using: alias })
}

class Loader {
  readonly #db: Database
  readonly #sources: readonly FixtureSource[]
  readonly #options: LoadOptions
  readonly #counts = new Map<AnyModel, number>()
  #rows = 0
  /** Of one model, with different keys. */
  #pending: DeserializedRow[] = []
  #pendingKeys = new Set<unknown>()
  /** Not written: a reference that must not be null names a row not there yet. */
  #held: DeserializedRow[] = []
  /** Written, with references still to be filled in. */
  #unfinished: DeserializedRow[] = []

  constructor(db: Database, sources: readonly FixtureSource[], options: LoadOptions) {
    this.#db = db
    this.#sources = sources
    this.#options = options
  }

  async run(): Promise<LoadResult> {
    await this.#db.currentBlock()?.connection.deferConstraints?.()
    for (const source of this.#sources) {
      const reader = new RowReader({ ...this.#options, source: source.name })
      reader.beforeLookUp = () => this.#flush()
      for await (const item of read(source)) {
        const row = await reader.row(item)
        if (row !== null) await this.#take(row)
      }
    }
    await this.#flush()
    await this.#finish()
    await this.#checkReferences()
    await this.#resetNumbers()
    const counts = [...this.#counts].map(([model, count]) => [model.meta.label, count] as const)
    return { rows: this.#rows, perModel: Object.fromEntries(counts) }
  }

  async #take(row: DeserializedRow): Promise<void> {
    const { app, name } = row.model.meta
    if (!this.#counts.has(row.model) && !allowsMigrate(this.#db.alias, app, { model: name }))
      throw keptElsewhere(row, this.#db.alias)
    if (++this.#rows % BATCH === 0) this.#options.onProgress?.(this.#rows)
    this.#counts.set(row.model, (this.#counts.get(row.model) ?? 0) + 1)
    const needed = [...row.waiting.keys()].some((field) => field.column !== null && !field.null)
    if (needed) {
      this.#held.push(row)
      return
    }
    if (row.waiting.size > 0) this.#unfinished.push(row)
    await this.#add(row)
  }

  async #add(row: DeserializedRow): Promise<void> {
    const { pk } = row.instance as AnyInstance
    const key = typeof pk === 'object' && pk !== null ? JSON.stringify(pk, (_, part: unknown) => String(part)) : pk
    const known = key !== null && this.#pendingKeys.has(key)
    if (known || this.#pending.length === BATCH || (this.#pending[0] && this.#pending[0].model !== row.model)) {
      await this.#flush()
    }
    this.#pending.push(row)
    this.#pendingKeys.add(key)
  }

  async #flush(): Promise<void> {
    const rows = this.#pending
    if (rows.length === 0) return
    this.#pending = []
    this.#pendingKeys = new Set()
    try {
      await this.#write(rows)
    } catch (error) {
      if (rows.length === 1) throw unsaved(error, rows[0]!)
      // One of them is to blame: which one is found out one by one.
      for (const row of rows) {
        await this.#write([row]).catch((cause: unknown) => {
          throw unsaved(cause, row)
        })
      }
    }
  }

  #write(rows: readonly DeserializedRow[]): Promise<void> {
    const { alias } = this.#db
    const write = async (): Promise<void> => {
      await saveRaw(rows, alias)
      await saveRelations(rows, alias)
    }
    return atomic(write, { using: alias })
  }

  /** Natural keys that named rows further on: again and again, as long as one is found. */
  async #finish(): Promise<void> {
    for (let left = this.#held; left.length > 0; left = this.#held) {
      this.#held = []
      for (const row of left) {
        if (await row.resolve()) await this.#add(row)
        else this.#held.push(row)
      }
      await this.#flush()
      if (this.#held.length === left.length) throw this.#held[0]!.missing()
    }
    for (const row of this.#unfinished) {
      if (!(await row.resolve())) throw row.missing()
      await this.#add(row)
    }
    await this.#flush()
  }

  async #checkReferences(): Promise<void> {
    const models = [...this.#counts.keys()].flatMap((model) => [
      model,
      ...model.meta.manyToMany.map((field) => field.relation!.through!.model), // each has a table between
    ])
    const broken = await brokenReference(this.#db, new Set(models))
    if (broken === null) return
    const { model, field, pk, value } = broken
    // A row of a table between stands in the row of its owner.
    const owner = model.meta.autoCreated ? ownerOf(model) : model
    const line = await this.#find(owner, owner === model ? pk : null, value)
    throw new DeserializationError(
      `${model.meta.label} refers to ${field.relation!.target.meta.label} ${String(value)}, which does not exist.`,
      {
        ...line,
        model: owner.meta.label,
        ...(owner === model && { pk: readable(pk) }),
        field: field.name,
        code: 'serializers.broken-reference',
        hint: 'Load the row it refers to as well, or mend the value. Nothing was written.',
      },
    )
  }

  /** Where a row stands, found by reading the files once more. */
  async #find(model: AnyModel, pk: unknown, value: unknown): Promise<{ source?: string; line?: number }> {
    for (const source of this.#sources) {
      const text = source.open()
      if (text === null) continue
      for await (const item of formatNamed(source.format).read(text)) {
        const row = item.value as { model?: unknown; pk?: unknown; fields?: Record<string, unknown> } // read before
        const label = String(row.model).toLowerCase()
        const renamed = Object.entries(this.#options.models ?? {}).find(([from]) => from.toLowerCase() === label)?.[1]
        if ((renamed ?? label).toLowerCase() !== model.meta.label.toLowerCase()) continue
        const same =
          pk === null
            ? Object.values(row.fields ?? {}).some(
                (list) => Array.isArray(list) && list.map(String).includes(String(value)),
              )
            : String(row.pk).replaceAll('-', '') === String(pk).replaceAll('-', '')
        if (same) return { source: source.name, ...(item.line > 0 && { line: item.line }) }
      }
    }
    return {}
  }

  async #resetNumbers(): Promise<void> {
    const { backend } = this.#db
    for (const model of this.#counts.keys()) {
      for (const statement of backend.schema.resetIdentity(tableSpec(backend, model.meta)))
        await this.#db.exec(statement)
    }
  }
}

/** A key as a message shows it: what holds a bigint cannot be logged as JSON. */
function readable(pk: unknown): unknown {
  return Array.isArray(pk) ? pk.map(readable) : typeof pk === 'bigint' ? String(pk) : pk
}

async function* read(source: FixtureSource) {
  const text = source.open()
  if (text === null) return
  try {
    yield* formatNamed(source.format).read(text)
  } catch (error) {
    if (!(error instanceof DeserializationError) || error.source !== undefined) throw error
    throw new DeserializationError(error.message.replace(/^line \d+: /, ''), {
      code: error.code,
      source: source.name,
      line: error.line,
      cause: error.cause,
      ...(error.hint !== undefined && { hint: error.hint }),
    })
  }
}

function ownerOf(between: AnyModel): AnyModel {
  const [first] = between.meta.columns.filter((field) => field.relation !== null)
  return first!.relation!.target // a table between has two references, the owner's first
}

/** Routers keep the model's table out of the database. */
function keptElsewhere({ model, where }: DeserializedRow, alias: string): DeserializationError {
  const { label } = model.meta
  const home = routedTo(model)
  const known = home !== null && home !== alias
  return new DeserializationError(
    `Routers keep rows of ${label} out of the database "${alias}"${known ? `; they are in "${home}"` : ''}.`,
    {
      ...where,
      code: 'serializers.other-database',
      hint: `Load them where they are: loaddata --database ${known ? home : '…'}; leave them out here: --exclude ${label}. Nothing was written.`,
    },
  )
}

function unsaved(error: unknown, { where }: DeserializedRow): unknown {
  if (!(error instanceof NuagesError) || error instanceof DeserializationError) return error
  return new DeserializationError(`The row cannot be written: ${error.message}`, {
    ...where,
    code: 'serializers.cannot-save',
    cause: error,
    hint: `${error.hint ?? 'The database refuses it.'} Nothing was written.`,
  })
}
