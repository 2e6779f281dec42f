/**
 * Files of rows on their way into storages: stored before the row is written, deleted again when that fails or the
 * transaction is rolled back. Loaded when a model with files is first written.
 */
import { imageSize } from '../../storage/image.ts'
import { isStoredFile, StoredFile } from '../../storage/stored-file.ts'
import type { Database } from '../connections.ts'
import { type AnyInstance, ROW } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import { onCommit, onRollback } from '../transactions.ts'

/** What a write did to storages, to be undone or completed. */
export class WrittenFiles {
  /** Files stored for this write, and how their instances forget it. */
  readonly #stored: { readonly file: StoredFile; readonly forget: () => void }[] = []
  /** Files that rows named before, and that go with the commit. */
  readonly #replaced: StoredFile[] = []
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Stores the new files of a row, and fills the fields that keep the size of its images. */
  async store(instance: AnyInstance, meta: ModelMeta, fields: readonly FieldMeta[]): Promise<void> {
    for (const field of fields) {
      if (!Object.hasOwn(instance, field.attname)) continue // left out by only() or defer()
      const rules = field.files!
      const given = rules.coerce(instance[field.attname] ?? null)
      instance[field.attname] = given
      if (given !== null && !isStoredFile(given)) continue // an expression, or what the encoder refuses
      const before = nameBefore(instance, meta, field)
      const file = given !== null && isForeign(given, field) ? await this.#put(instance, field, given) : given
      const changed = (file?.name ?? '') !== before
      if (changed && before !== '' && rules.cleanup) this.#replaced.push(new StoredFile(before, rules.storage, null))
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
    this.#stored.push({ file, forget })
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
    if (this.#replaced.length > 0) await deleteLater(this.#replaced, using)
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

/** The name the row has in the database; '' for none. */
function nameBefore(instance: AnyInstance, meta: ModelMeta, field: FieldMeta): string {
  const stored = instance[ROW]?.[meta.columns.indexOf(field)]
  return typeof stored === 'string' ? stored : ''
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

/** Files that go with deleted rows, of fields with `cleanup`. */
export function filesOf(rows: readonly AnyInstance[], fields: readonly FieldMeta[]): StoredFile[] {
  return rows.flatMap((row) =>
    fields.flatMap((field) => {
      const file = row[field.attname]
      return isStoredFile(file) && file.isStored ? [file] : []
    }),
  )
}
