/** `migrate --lint`: what the migrations to be applied lock, for how long, and what would stop nobody. It changes nothing. */
import { type LazyText, t, tLazy } from '../../../i18n/index.ts'
import { allowsMigrate } from '../../routers.ts'
import { operationsOf, type PlanStep, runOperation } from '../carry-out.ts'
import { assertConvertible } from '../conversions.ts'
import type { MigrationDatabase } from '../database.ts'
import type { MigrationExecutor } from '../executor.ts'
import type { MigrationRun } from '../operations/operation.ts'
import { renderState } from '../render.ts'
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
  readonly change: Change | 'runSql' | 'runCode' | 'copyColumn'
  readonly table: string
  /** `risk`: others are stopped for a time that grows with the rows, or code that still runs breaks. */
  readonly level: 'risk' | 'note'
  readonly message: string
  readonly hint: string
  /** Why somebody who looked at it lets it be; null: nobody did. */
  readonly reviewed: string | null
}

/** From the weakest. */
const BLOCKS: readonly Blocks[] = ['nothing', 'writes', 'everything']
const BLOCKED: Readonly<Record<Blocks, LazyText>> = {
  nothing: tLazy('others read and write meanwhile'),
  writes: tLazy('others cannot write meanwhile'),
  everything: tLazy('others can neither read nor write meanwhile'),
}
const WORKS: Readonly<Record<Work, LazyText>> = {
  moment: tLazy('it takes a moment, whatever the rows'),
  'reads rows': tLazy('every row is read: the time grows with them'),
  'writes rows': tLazy('every row is written anew: the time grows with them'),
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
  const together = backend.features.transactionalDdl && step.migration.atomic !== false && !staged
  const held = new Map<string, Fact>()
  /** A lock is kept until the transaction ends: what reads rows after a stronger one is done under that. */
  const under = (table: string, fact: Fact): Fact => {
    const before = held.get(table)
    const stronger = before !== undefined && BLOCKS.indexOf(before.blocks) > BLOCKS.indexOf(fact.blocks)
    const now = stronger ? { ...fact, lock: before.lock, blocks: before.blocks } : fact
    if (together) held.set(table, now)
    return now
  }
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
      if (fresh.has(item.table)) return
      told(backend.features.vendor, under(item.table, facts[item.change]), item, staged, say)
    }
    const run: MigrationRun = {
      alias: database.alias,
      vendor: backend.features.vendor,
      allows: (app, hints) => allowsMigrate(database.alias, app, hints),
      async transform(from, to, change) {
        const allows = (app: string, model: string) => allowsMigrate(database.alias, app, { model })
        const comparison = compareTables(backend, from, to, { ...change, allows })
        const holds = async (table: string, column: string) =>
          !fresh.has(table) && (await database.holds(table, column))
        await assertConvertible(comparison.pairs, holds)
        for (const item of changesOf(backend, comparison, change.online)) tell(item)
      },
      atomic: step.migration.atomic !== false,
      async copyColumn(state, label, from, to) {
        const { meta } = renderState(state).get(label)
        if (fresh.has(meta.table) || backend.features.vendor === 'sqlite' || step.migration.atomic === false) return
        say('copyColumn', meta.table, {
          level: 'risk',
          message: t(
            '{table}: what {from} holds is copied to {to} in one statement; others wait until the last row is.',
            {
              table: meta.table,
              from,
              to,
            },
          ),
          hint: t('Write atomic: false into the migration: rows are copied in batches then.'),
        })
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
