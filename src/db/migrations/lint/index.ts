/** `migrate --lint`: what the migrations to be applied lock, for how long, and what would stop nobody. It changes nothing. */
import { t } from '../../../i18n/index.ts'
import { allowsMigrate } from '../../routers.ts'
import { operationsOf, type PlanStep, runOperation } from '../carry-out.ts'
import { assertConvertible } from '../conversions.ts'
import type { MigrationDatabase } from '../database.ts'
import type { MigrationExecutor } from '../executor.ts'
import type { MigrationRun } from '../operations/operation.ts'
import { goesInStages } from '../stages.ts'
import type { ProjectState } from '../state.ts'
import { compareTables } from '../table-changes.ts'
import { changesOf, type Found } from './changes.ts'
import { ADVICE, type Blocks, BREAKS, CHANGES, type Change, FACTS, type Fact, type Work } from './facts.ts'

export { ADVICE, BREAKS, CHANGES, type Change, FACTS, type Fact }

/** What there is to say of one change. */
export interface LintFinding {
  readonly app: string
  readonly migration: string
  /** In words: "Add index titles to Book". */
  readonly operation: string
  readonly change: Change | 'runSql' | 'runCode'
  readonly table: string
  /** `risk`: others are stopped for a time that grows with the rows, or code that still runs breaks. */
  readonly level: 'risk' | 'note'
  readonly message: string
  readonly hint: string
  /** Why somebody who looked at it lets it be; null: nobody did. */
  readonly reviewed: string | null
}

const BLOCKED: Readonly<Record<Blocks, string>> = {
  nothing: 'others read and write meanwhile',
  writes: 'others cannot write meanwhile',
  everything: 'others can neither read nor write meanwhile',
}
const WORKS: Readonly<Record<Work, string>> = {
  moment: 'it takes a moment, whatever the rows',
  'reads rows': 'every row is read: the time grows with them',
  'writes rows': 'every row is written anew: the time grows with them',
}

/**
 * Looks at a plan. Tables that the plan itself makes have no rows yet, and are not spoken of.
 * @throws MigrationError migrations.no-conversion
 */
export async function lintPlan(executor: MigrationExecutor, plan: readonly PlanStep[]): Promise<LintFinding[]> {
  const states = await executor.statesBefore(plan)
  const fresh = new Set<string>()
  const found: LintFinding[] = []
  for (const step of plan) found.push(...(await lintStep(executor.database, step, states.get(step.migration)!, fresh)))
  return found
}

async function lintStep(
  database: MigrationDatabase,
  step: PlanStep,
  before: ProjectState,
  fresh: Set<string>,
): Promise<LintFinding[]> {
  const { backend } = database
  const facts = FACTS[backend.features.vendor as keyof typeof FACTS]
  if (facts === undefined) return [] // a database of somebody else's, which we know nothing of
  const staged = (await goesInStages(database, step, before)) !== null
  const found: LintFinding[] = []
  for (const each of operationsOf(step, before)) {
    const say = (change: LintFinding['change'], table: string, rest: Pick<LintFinding, 'level' | 'message' | 'hint'>) =>
      found.push({
        app: step.migration.app,
        migration: step.migration.name,
        operation: each.operation.describe(),
        change,
        table,
        ...rest,
        reviewed: each.operation.reviewed ?? null,
      })
    const tell = (item: Found) => {
      if (item.change === 'createTable') return void fresh.add(item.table)
      if (item.change === 'renameTable' && fresh.has(item.table)) return
      if (!fresh.has(item.table)) told(backend.features.vendor, facts[item.change], item, staged, say)
    }
    const run: MigrationRun = {
      alias: database.alias,
      vendor: backend.features.vendor,
      allows: (app, hints) => allowsMigrate(database.alias, app, hints),
      async transform(from, to, change) {
        const allows = (app: string, model: string) => allowsMigrate(database.alias, app, { model })
        const comparison = compareTables(backend, from, to, { ...change, allows })
        assertConvertible(comparison.pairs)
        for (const item of changesOf(backend, comparison, change.online)) tell(item)
      },
      sql: async (text) => {
        if (each.operation.type === 'runSql')
          say('runSql', '', {
            level: 'note',
            message: t('SQL of your own: {sql}', { sql: text.trim().slice(0, 120) }),
            hint: '',
          })
      },
      code: async () =>
        void say('runCode', '', {
          level: 'note',
          message: t('Code: rows that it changes stay locked until the migration is committed.'),
          hint: t('Change many rows in batches, in a migration with atomic: false.'),
        }),
    }
    await runOperation(each, run)
  }
  return found
}

function told(
  vendor: string,
  { lock, blocks, work }: Fact,
  { change, table, name }: Found,
  staged: boolean,
  say: (change: Change, table: string, rest: Pick<LintFinding, 'level' | 'message' | 'hint'>) => void,
): void {
  const breaks = BREAKS[change]
  const stops = blocks !== 'nothing' && work !== 'moment' && vendor !== 'sqlite'
  if (breaks === undefined && !stops && vendor !== 'sqlite') return
  if (vendor === 'sqlite' && breaks === undefined && work !== 'writes rows') return
  const of = name === '' || change === 'renameTable' ? table : `${table}.${name}`
  const inStages = staged && stops
  const advice = [ADVICE[change]?.[vendor as 'postgres'], ADVICE[change]?.all].filter((each) => each !== undefined)
  say(change, table, {
    level: breaks !== undefined || (stops && !inStages) ? 'risk' : 'note',
    message: [
      inStages
        ? t('{of}: done in stages by itself where the table is large, so that others read and write meanwhile.', { of })
        : t('{of}: {lock}; {blocked}; {works}.', { of, lock, blocked: BLOCKED[blocks], works: WORKS[work] }),
      ...(breaks === undefined ? [] : [breaks]),
    ].join(' '),
    hint: inStages && breaks === undefined ? '' : advice.join(' '),
  })
}
