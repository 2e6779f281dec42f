/** `migrate --lint`: what the migrations to be applied lock, for how long, and what would stop nobody. It changes nothing. */
import { type LazyText, t, tLazy } from '../../../i18n/index.ts'
import { allowsMigrate } from '../../routers.ts'
import { operationsOf, type PlanStep, runOperation } from '../carry-out.ts'
import { assertConvertible } from '../conversions.ts'
import type { MigrationDatabase } from '../database.ts'
import type { MigrateTarget, MigrationExecutor } from '../executor.ts'
import type { MigrationRun } from '../operations/operation.ts'
import { renderState } from '../render.ts'
import { goesInStages } from '../stages.ts'
import type { ProjectState } from '../state.ts'
import { compareTables } from '../table-changes.ts'
import { changesOf, type Found } from './changes.ts'
import { ADVICE, type Blocks, BREAKS, CHANGES, type Change, FACTS, type Fact, type Work } from './facts.ts'
import { HeldLocks } from './held-locks.ts'
import { factOf, rebuiltBy } from './judge.ts'

export { ADVICE, BREAKS, CHANGES, type Change, FACTS, type Fact }

/** What there is to say of one change. */
export interface LintFinding {
  readonly app: string
  readonly migration: string
  /** In words: "Add index titles to Book". */
  readonly operation: string
  readonly change: Change | 'runSql' | 'runCode' | 'copyColumn' | 'keptLock'
  readonly table: string
  /** `risk`: others are stopped for a time that grows with the rows, or code that still runs breaks. */
  readonly level: 'risk' | 'note'
  readonly message: string
  readonly hint: string
  /** Why somebody who looked at it lets it be; null: nobody did. */
  readonly reviewed: string | null
}

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

/**
 * Looks at every migration, applied or not, as if it alone were to be applied and the tables of those before it had rows:
 * for a database that is empty.
 * @param target   only an app's, or those whose names begin so
 * @throws MigrationGraphError migrations.unknown-migration where there are none: whoever misspells must not hear of no risk
 */
export async function lintHistory(
  executor: MigrationExecutor,
  { app, name }: MigrateTarget = {},
): Promise<LintFinding[]> {
  const { graph } = executor.loader
  const plan = graph.all().map((migration): PlanStep => ({ migration, backwards: false }))
  const asked = plan.filter(
    ({ migration }) =>
      (app === undefined || migration.app === app) && (name === undefined || migration.name.startsWith(name)),
  )
  if (asked.length === 0 && app !== undefined) throw graph.unknown(app, name)
  const states = await executor.statesBefore(plan)
  const found: LintFinding[] = []
  for (const step of asked)
    found.push(...(await lintStep(executor.database, step, states.get(step.migration)!, new Set())))
  return found
}

async function lintStep(
  database: MigrationDatabase,
  step: PlanStep,
  before: ProjectState,
  fresh: Set<string>,
): Promise<LintFinding[]> {
  const { backend } = database
  if (!(backend.features.vendor in FACTS)) return [] // a database of somebody else's, which we know nothing of
  const vendor = backend.features.vendor as keyof typeof FACTS // just looked up
  const staged = (await goesInStages(database, step, before)) !== null
  const found: LintFinding[] = []
  const together = backend.features.transactionalDdl && step.migration.atomic !== false && !staged
  const held = new HeldLocks(together && vendor !== 'sqlite')
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
    /** What takes long while locks are held that were taken before: those who wait for them wait as long. */
    const sayKept = (but: readonly string[]) => {
      for (const { table, lock, blocks, operation } of held.others(each.operation, but))
        say('keptLock', table, {
          level: 'risk',
          message: t(
            '{table}: {lock}, which "{operation}" takes, is kept until the migration is committed; {blocked}.',
            {
              table,
              lock,
              operation,
              blocked: BLOCKED[blocks],
            },
          ),
          hint: t('Put what takes long into a migration of its own.'),
        })
    }
    const rebuilt = new Set<string>()
    const told = new Set<string>()
    const tell = (item: Found) => {
      const { change, table } = item
      const refers = item.refers.filter((name) => !fresh.has(name))
      const fact = factOf(vendor, item, rebuilt.has(table))
      const isFresh = fresh.has(table)
      if (change === 'createTable') fresh.add(table)
      if (!isFresh && change !== 'createTable') {
        const now = held.under(table, fact)
        if (now.work !== 'moment') sayKept([table, ...refers])
        const breaks = isBroken(change, each.operation.type) ? BREAKS[change] : undefined
        // A table of SQLite is made anew once, whatever of it changes.
        const isRepeated = vendor === 'sqlite' && breaks === undefined && now.work === 'writes rows' && told.has(table)
        if (!isRepeated) toldOf({ vendor, fact: now, item: { ...item, refers }, breaks, staged, say })
        told.add(table)
        held.keep(table, now, each.operation)
      }
      if (fact.referenced) for (const name of refers) held.keep(name, fact.referenced, each.operation)
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
        rebuilt.clear()
        for (const table of await rebuiltBy(backend, from, to, { ...change, allows })) rebuilt.add(table)
        for (const item of changesOf(backend, comparison, change.online)) tell(item)
      },
      atomic: step.migration.atomic !== false,
      async copyColumn(state, label, from, to) {
        const { meta } = renderState(state).get(label)
        sayKept([])
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
        if (each.operation.type !== 'runSql') return
        sayKept([])
        say('runSql', '', {
          level: 'note',
          message: t('SQL of your own: {sql}', { sql: text.trim().slice(0, 120) }),
          hint: '',
        })
      },
      code: async () => {
        sayKept([])
        say('runCode', '', {
          level: 'note',
          message: t('Code: rows that it changes stay locked until the migration is committed.'),
          hint: t('Change many rows in batches, in a migration with atomic: false.'),
        })
      },
    }
    await runOperation(each, run)
  }
  return found
}

/** In the second step of a rename the new column is what code of the version before writes, and never null. */
function isBroken(change: Change, operation: string): boolean {
  return change !== 'setNotNull' || operation !== 'contractRename'
}

function toldOf({
  vendor,
  fact: { lock, blocks, work, referenced },
  item: { change, table, name, refers, heavy },
  breaks,
  staged,
  say,
}: {
  readonly vendor: keyof typeof FACTS
  readonly fact: Fact
  readonly item: Found
  readonly breaks: LazyText | undefined
  readonly staged: boolean
  readonly say: (change: Change, table: string, rest: Pick<LintFinding, 'level' | 'message' | 'hint'>) => void
}): void {
  const stops = blocks !== 'nothing' && work !== 'moment'
  if (breaks === undefined && !stops) return
  const of = name === '' || change === 'renameTable' ? table : `${table}.${name}`
  const inStages = staged && stops
  // SQLite has one writer anyway, and a file on one machine: nobody is surprised by a pause that grows with the rows.
  const isRisk = breaks !== undefined || (stops && !inStages && vendor !== 'sqlite')
  const advice = [
    ADVICE[change]?.[vendor],
    ADVICE[change]?.all,
    ...(stops && heavy !== null && vendor === 'mysql'
      ? [t('MariaDB lets nobody write beside an index for searching or over what is computed: plan a pause.')]
      : []),
  ].filter((each) => each !== undefined)
  say(change, table, {
    level: isRisk ? 'risk' : 'note',
    message: [
      inStages
        ? t('{of}: done in stages by itself where the table is large, so that others read and write meanwhile.', { of })
        : t('{of}: {lock}; {blocked}; {works}.', { of, lock, blocked: BLOCKED[blocks], works: WORKS[work] }),
      ...(inStages || referenced === undefined || referenced.blocks === 'nothing'
        ? []
        : refers.map((other) =>
            t('{other}, which it refers to: {lock}; {blocked}.', {
              other,
              lock: referenced.lock,
              blocked: BLOCKED[referenced.blocks],
            }),
          )),
      ...(breaks === undefined ? [] : [breaks]),
    ].join(' '),
    hint: inStages && breaks === undefined ? '' : advice.join(' '),
  })
}
