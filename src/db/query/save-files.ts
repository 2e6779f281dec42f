/**
 * Files of rows on their way into storages: stored before the row is written, deleted again when that fails or the
 * transaction is rolled back. Loaded when a model with files is first written.
 */
import { imageSize } from '../../storage/image.ts'
import { isStoredFile, StoredFile } from '../../storage/stored-file.ts'
import type { Database } from '../connections.ts'
import { type AnyInstance, ROW } from '../models/instance.ts'
import { keyId, keyValue } from '../models/keys.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { onPrimary } from '../replicas.ts'
import { onCommit, onRollback } from '../transactions.ts'
import { readRows } from './rows.ts'
import { initialState } from './state.ts'
import { withFilter } from './state-ops.ts'

/** A file stored for a write. */
interface Stored {
  readonly file: StoredFile
  readonly instance: AnyInstance
  readonly field: FieldMeta
  /** Gives the instance what it had before. */
  readonly forget: () => void
}

/** What a write did to storages, to be undone or completed. */
export class WrittenFiles {
  readonly #stored: Stored[] = []
  /** Files that rows named before, and that go with the commit. */
  readonly #replaced: StoredFile[] = []
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Stores the new files of rows, and fills the fields that keep the size of their images. `replaces`: the rows are there
   * and will name other files; a copy that is inserted takes nothing from the row it is of.
   */
  async store(
    rows: readonly AnyInstance[],
    meta: ModelMeta,
    fields: readonly FieldMeta[],
    replaces: boolean,
  ): Promise<void> {
    const isAssigned = (row: AnyInstance, field: FieldMeta) => Object.hasOwn(row, field.attname)
    const before = replaces ? await storedNames(rows, meta, fields, this.#db, isAssigned) : null
    for (const [i, row] of rows.entries()) await this.#storeRow(row, fields, before?.[i] ?? null)
  }

  /** `before`: the names that the row has in the database. */
  async #storeRow(
    instance: AnyInstance,
    fields: readonly FieldMeta[],
    before: readonly string[] | null,
  ): Promise<void> {
    for (const [i, field] of fields.entries()) {
      if (!Object.hasOwn(instance, field.attname)) continue // left out by only() or defer()
      const rules = field.files!
      const given = rules.coerce(instance[field.attname] ?? null)
      instance[field.attname] = given
      if (given !== null && !isStoredFile(given)) continue // an expression, or what the encoder refuses
      const old = before?.[i] ?? ''
      const file = given !== null && isForeign(given, field) ? await this.#put(instance, field, given) : given
      const changed = (file?.name ?? '') !== old
      if (changed && old !== '' && rules.cleanup) this.#replaced.push(new StoredFile(old, rules.storage, null))
      if (changed || file !== given) await measure(instance, field, file)
    }
  }

  async #put(instance: AnyInstance, field: FieldMeta, given: StoredFile): Promise<StoredFile> {
    const { storage, nameFor, maxLength } = field.files!
    const name = await storage().save(nameFor(instance, given.name), given.source ?? given.stream(), { maxLength })
    const file = new StoredFile(name, storage, null)
    const forget = () => {
      if (instance[field.attname] === file) instance[field.attname] = given
    }
    this.#stored.push({ file, instance, field, forget })
    instance[field.attname] = file
    return file
  }

  /** Runs the write; when it fails, nothing is left of the files. Later the transaction decides. */
  async around(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      await this.#undo()
      throw error
    }
    const using = this.#db.alias
    if (this.#stored.length > 0) onRollback(() => this.#undo(), { using })
    const unused = await this.#unused()
    for (const { forget } of unused) forget()
    const gone = [...this.#replaced, ...unused.map(({ file }) => file)]
    if (gone.length > 0) await deleteLater(gone, using)
  }

  /** Files that no row took: an upsert() kept what the row had, or left the row alone; bulkCreate() ignored a conflict. */
  async #unused(): Promise<Stored[]> {
    const nameOf = ({ instance, field }: Stored) => (instance[field.attname] as StoredFile | null)?.name // a field of files
    // An instance that was written knows its row; of others the table is asked.
    const isWritten = ({ instance, field, file }: Stored) =>
      instance[ROW]?.[field.model.meta.columns.indexOf(field)] === file.name
    const unsure = this.#stored.filter((each) => nameOf(each) === each.file.name && !isWritten(each))
    const kept = new Set<Stored>()
    for (const field of new Set(unsure.map((each) => each.field))) {
      const asked = unsure.filter((each) => each.field === field)
      const state = { ...initialState(field.model.meta.model), alias: this.#db.alias }
      const named = withFilter(state, { [`${field.attname}__in`]: asked.map(({ file }) => file.name) })
      const column = field.model.meta.columns.indexOf(field)
      const rows = (await onPrimary(() => readRows(field.model, named))) as AnyInstance[] // a model's rows
      const taken = new Set(rows.map((row) => row[ROW]![column]))
      for (const each of asked) if (taken.has(each.file.name)) kept.add(each)
    }
    return this.#stored.filter((each) => nameOf(each) !== each.file.name || (unsure.includes(each) && !kept.has(each)))
  }

  async #undo(): Promise<void> {
    for (const { file, forget } of this.#stored.splice(0)) {
      forget()
      await file.delete().catch(reportOrphan(file))
    }
  }
}

/** New, or in another storage than the field's. */
function isForeign(file: StoredFile, field: FieldMeta): boolean {
  return !file.isStored || file.storage !== field.files!.storage()
}

/**
 * The names that rows have in the database, for each row those of `fields`; '' for none. What is not in memory (`only()`)
 * is read for all at once, of fields with `cleanup` that are `wanted` of the row.
 */
async function storedNames(
  rows: readonly AnyInstance[],
  meta: ModelMeta,
  fields: readonly FieldMeta[],
  db: Database,
  wanted: (row: AnyInstance, field: FieldMeta) => boolean,
): Promise<string[][]> {
  const columns = fields.map((field) => meta.columns.indexOf(field))
  const isUnread = (row: AnyInstance) =>
    fields.some((field, i) => field.files!.cleanup && row[ROW]?.[columns[i]!] === undefined && wanted(row, field))
  const keys = rows.filter(isUnread).map((row) => keyValue(row, meta.pk))
  const state = withFilter({ ...initialState(meta.model), alias: db.alias }, { pk__in: keys })
  const read = keys.length === 0 ? [] : ((await readRows(meta.model, state)) as AnyInstance[]) // a model's rows
  const byKey = new Map(read.map((row) => [keyId(keyValue(row, meta.pk)), row[ROW]]))
  return rows.map((row) => {
    const late = byKey.size === 0 ? null : byKey.get(keyId(keyValue(row, meta.pk)))
    return columns.map((i) => String(row[ROW]?.[i] ?? late?.[i] ?? ''))
  })
}

async function measure(instance: AnyInstance, { files, model }: FieldMeta, file: StoredFile | null): Promise<void> {
  const { widthField, heightField } = files!
  if (widthField === null && heightField === null) return
  const size = file === null ? null : await imageSize(file.stream()).catch(unlessMissing)
  const { byAttname } = model.meta
  if (widthField !== null && byAttname.has(widthField)) instance[widthField] = size?.width ?? null
  if (heightField !== null && byAttname.has(heightField)) instance[heightField] = size?.height ?? null
}

/** A row may name a file that is not there: as in Django, its size is not known then. */
function unlessMissing(error: { readonly code?: string }): null {
  if (error.code === 'storage.not-found') return null
  throw error
}

/** Deletes files once the current transaction is committed, at once outside of one. */
export async function deleteLater(files: readonly StoredFile[], using: string): Promise<void> {
  const run = async () => {
    for (const file of files) await file.delete().catch(reportOrphan(file))
  }
  await onCommit(run, { using, robust: true })
}

/** A file that nobody names and that could not be deleted is no reason to fail: somebody is told. */
function reportOrphan(file: StoredFile): (error: unknown) => void {
  return (error) => process.emitWarning(`The file ${JSON.stringify(file.name)} could not be deleted: ${error}`)
}

/** Files that go with rows that are to be deleted, of fields with `cleanup`: those that the database names. */
export async function filesOf(
  rows: readonly AnyInstance[],
  meta: ModelMeta,
  fields: readonly FieldMeta[],
  db: Database,
): Promise<StoredFile[]> {
  const names = await storedNames(rows, meta, fields, db, () => true)
  return names.flatMap((each) =>
    each.flatMap((name, i) => (name === '' ? [] : [new StoredFile(name, fields[i]!.files!.storage, null)])),
  )
}
