/** Which models have files: asked at every write, and all that writes of other models load. */
import type { Database } from '../connections.ts'
import type { AnyInstance } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'

const known = new WeakMap<ModelMeta, readonly FieldMeta[]>()

/** A model's fields of files. */
export function fileFields(meta: ModelMeta): readonly FieldMeta[] {
  let fields = known.get(meta)
  if (fields === undefined) {
    fields = meta.columns.filter((field) => field.files !== null)
    known.set(meta, fields)
  }
  return fields
}

/** What a write does to rows. */
interface FileWrite {
  /** The rows are in the database already; else they are inserted. */
  readonly replaces: boolean
  /** The fields it writes; default all. */
  readonly only?: readonly FieldMeta[] | undefined
}

/** Runs a write of rows with their new files stored before. */
export async function withFiles(
  rows: readonly AnyInstance[],
  meta: ModelMeta,
  db: Database,
  write: () => Promise<void>,
  { replaces, only }: FileWrite,
): Promise<void> {
  const all = fileFields(meta)
  const fields = only === undefined ? all : all.filter((field) => only.includes(field))
  if (fields.length === 0) return write()
  const { WrittenFiles } = await import('./save-files.ts')
  const files = new WrittenFiles(db)
  await files.around(async () => {
    await files.store(rows, meta, fields, replaces)
    await write()
  })
}
