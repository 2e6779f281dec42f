/** Tables between the two sides of a many-to-many field, found by their shape. */
import type { TableSpec } from '../backends/schema.ts'
import type { InspectOptions } from './models.ts'
import { fieldName } from './names.ts'

/** The table of a many-to-many field without a model of its own. */
export interface Between {
  readonly table: string
  readonly owner: string
  readonly field: string
  readonly target: string
}

/** Tables that are just what a manyToMany field makes: a key, two references unique together, and names that follow. */
export function betweenTables(
  tables: readonly TableSpec[],
  names: ReadonlyMap<string, string>,
  options: InspectOptions,
): Map<string, Between> {
  const found = new Map<string, Between>()
  for (const table of tables) {
    const [id, from, to, ...more] = table.columns
    if (!id || !from?.references || !to?.references || more.length > 0 || table.primaryKey.join() !== id.name) continue
    const pairs = [
      ...table.uniques.map((each) => each.columns),
      ...table.indexes
        .filter((index) => index.unique && !index.where)
        .map((index) => index.columns.map((column) => column.name)),
    ]
    if (id.name !== 'id' || !pairs.some((columns) => columns.join() === `${from.name},${to.name}`)) continue
    const owner = tables.find((each) => each.name === from.references!.table)
    const [one, two] = [names.get(from.references.table), targetName(to.references.table, names, options)]
    if (owner === undefined || one === undefined || two === undefined) continue
    const same = from.references.table === to.references.table
    const [a, b] = [one.toLowerCase(), two.toLowerCase()]
    const expected = same || a === b ? `from_${a}_id,to_${b}_id` : `${a}_id,${b}_id`
    if (expected !== `${from.name},${to.name}` || !table.name.startsWith(`${owner.name}_`)) continue
    const field = fieldName(
      table.name.slice(owner.name.length + 1),
      false,
      new Set(owner.columns.map((column) => column.name)),
    )
    found.set(table.name, { table: table.name, owner: owner.name, field, target: to.references.table })
  }
  return found
}

function targetName(table: string, names: ReadonlyMap<string, string>, options: InspectOptions): string | undefined {
  return names.get(table) ?? options.known?.get(table)?.name
}
