/** `migrate --check-drift`: the tables of a database beside those that its applied migrations make. It changes nothing. */
import type { TableSpec } from '../../backends/schema.ts'
import { allowsMigrate } from '../../routers.ts'
import type { MigrationDatabase } from '../database.ts'
import type { MigrationLoader } from '../loader.ts'
import { keyOf } from '../migration.ts'
import { PROGRESS_TABLE } from '../progress.ts'
import { TABLE as RECORD_TABLE, Recorder } from '../recorder.ts'
import { tablesOf } from '../table-changes.ts'
import { countDifferences } from './counting.ts'
import { type Drift, differences } from './differences.ts'
import { asShown, spelled, spelledTriggers, triggerTexts } from './spelling.ts'

export type { Drift }

/** How the tables of a database differ from what the migrations made: what `nuages migrate --check-drift` prints. */
export interface DriftReport {
  readonly differences: readonly Drift[]
  /** Tables that no migration makes: somebody else's, and left alone. */
  readonly others: readonly string[]
  /** Tables that were compared. */
  readonly compared: number
}

/** Compares. @throws OperationalError and what introspection throws */
export async function findDrift(loader: MigrationLoader, database: MigrationDatabase): Promise<DriftReport> {
  const recorded = await new Recorder(database).applied()
  const counting = loader.forApplied(recorded)
  const applied = counting.applied(recorded)
  const state = counting.state((migration) => applied.has(keyOf(migration.app, migration.name)))
  const allows = (app: string, model: string) => allowsMigrate(database.alias, app, { model })
  const specs = tablesOf(database.backend, state, allows).map(({ spec }) => spec)
  const there = new Set(await database.tables())
  const views = new Set(await database.views())
  const found: Drift[] = []
  const present: TableSpec[] = []
  for (const spec of specs) {
    if (there.has(spec.name)) present.push(spec)
    else {
      const other = views.has(spec.name) ? 'a view' : null
      found.push({ table: spec.name, part: 'table', name: '', expected: 'a table', found: other })
    }
  }
  const expected = await spelled(database, present)
  for (const [i, spec] of present.entries()) {
    const live = await database.table(spec.name)
    if (live === null) continue // dropped meanwhile
    found.push(...differences(database.backend, expected[i]!, await asShown(database, live)))
    found.push(...(await countDifferences(database, live)))
    found.push(...(await triggerDifferences(database, spec)))
  }
  const ours = new Set([...specs.map(({ name }) => name), RECORD_TABLE, PROGRESS_TABLE])
  // Tables of models that are not managed are somebody else's, too.
  const others = [...there].filter((name) => !ours.has(name)).sort()
  return { differences: found, others, compared: present.length }
}

async function triggerDifferences(database: MigrationDatabase, spec: TableSpec): Promise<Drift[]> {
  const live = await database.triggers(spec.name)
  const wanted = triggerTexts(database, spec)
  const inItsWords = await spelledTriggers(database, spec, new Set(live.map(({ name }) => name)))
  const list: Drift[] = []
  const note = (name: string, expected: string | null, found: string | null) =>
    list.push({ table: spec.name, part: 'trigger', name, expected, found })
  for (const [name, { sql }] of wanted) {
    const there = live.find((each) => each.name === name)
    if (there === undefined) note(name, sql.join('; '), null)
    else if (!isSame(inItsWords.get(name) ?? null, sql, there.sql)) note(name, sql.join('; '), there.sql.join('; '))
  }
  for (const { name, sql } of live) if (!wanted.has(name)) note(name, null, sql.join('; '))
  return list
}

/**
 * PostgreSQL gives a function with its body as it was written, and the trigger in words of its own: `spelled` is ours in
 * them. A third statement is what was done to it afterwards: it is switched off.
 */
function isSame(spelled: string | null, wanted: readonly string[], found: readonly string[]): boolean {
  const plain = (texts: readonly string[]) => texts.join(';').replace(/\s+/g, ' ').trim()
  if (spelled === null) return plain(wanted) === plain(found)
  const body = /AS (\$\w*\$)(.*)\1/s.exec(wanted[0] ?? '')?.[2]
  if (body === undefined || !(found[0] ?? '').includes(body) || found.length > 2) return false
  return withoutTable(spelled) === withoutTable(found[1] ?? '')
}

/** When, on what and on which condition: the table it is on is another one where it was spelled. */
function withoutTable(trigger: string): string {
  const name = '(?:"(?:[^"]|"")+"|[^\\s".]+)'
  return trigger.replace(new RegExp(` ON ${name}(?:\\.${name})? FOR EACH`), ' FOR EACH')
}
