/** Random blocks in blocks, with failures and callbacks, against a plain model of what must be left. */
import fc from 'fast-check'
import { atomic, onCommit, setRollback } from 'nuages/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { freshPath } from '../transactions/databases.ts'

beforeAll(async () => {
  await closeDatabases()
  const fresh = await engine.fresh(2)
  configureDatabases({
    default: engine.name === 'SQLite' ? { engine: 'sqlite', url: `sqlite:${freshPath()}` } : fresh(),
  })
  await createTables()
}, 120_000)
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

/** One thing that a block does. */
type Step =
  | { readonly t: 'add' | 'bulk' | 'callback' | 'undo' | 'clash' }
  | { readonly t: 'block'; readonly steps: readonly Step[]; readonly end: End; readonly savepoint: boolean }
/** How a block ends: by itself, by an error that is caught around it, or by one that goes on outwards. */
type End = 'well' | 'caught' | 'thrown'

const { block } = fc.letrec<{ block: Extract<Step, { t: 'block' }>; step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.record({
      t: fc.constantFrom('add', 'add', 'bulk', 'callback', 'callback', 'undo', 'clash'),
    }) as fc.Arbitrary<Step>,
    tie('block'),
  ),
  block: fc.record({
    t: fc.constant('block' as const),
    steps: fc.array(tie('step'), { maxLength: 5 }),
    end: fc.constantFrom('well', 'well', 'well', 'caught', 'thrown'),
    // Not one in four: what happens then is the outer block's.
    savepoint: fc.constantFrom(true, true, true, false),
  }),
}))

class Thrown extends Error {}

/** What a level has done so far. */
interface Level {
  rows: string[]
  callbacks: string[]
  undone: boolean
  /** A level without a savepoint failed inside: nothing more can be done, and it cannot be kept. */
  broken: boolean
}
const level = (): Level => ({ rows: [], callbacks: [], undone: false, broken: false })

/** Runs a block for real and in the model, side by side; `own` is the level around it. */
async function run(
  { steps, end, savepoint }: Extract<Step, { t: 'block' }>,
  own: Level | null,
  ran: string[],
  name: () => string,
): Promise<void> {
  const joins = own !== null && !savepoint
  const mine = joins ? own : level()
  const work = async (): Promise<void> => {
    for (const step of steps) {
      if (step.t === 'block') await run(step, mine, ran, name)
      else await act(step, mine, ran, name)
    }
    if (end !== 'well') throw new Thrown()
  }
  let failure: unknown = null
  try {
    await atomic(work, { savepoint })
  } catch (error) {
    failure = error
  }
  const fails = end !== 'well' || mine.broken || failure instanceof Thrown
  // An error is what the model expects, and nothing else.
  if (fails) expect((failure as { code?: string } | null)?.code ?? failure).toSatisfy(isExpected)
  else expect(failure).toBeNull()
  if (joins) {
    if (fails) own.broken = true
  } else if (!fails && !mine.undone && own !== null) {
    own.rows.push(...mine.rows)
    own.callbacks.push(...mine.callbacks)
  } else if (fails || mine.undone) {
    mine.rows = []
    mine.callbacks = []
  }
  if (own === null) {
    const left = (await Company.objects.orderBy('id').valuesList('name', { flat: true })).toSorted()
    expect(left).toEqual(mine.rows.toSorted())
    expect(ran).toEqual(mine.callbacks)
  }
  if (failure !== null && (end === 'thrown' || joins)) throw failure
}
const isExpected = (found: unknown) => found === 'db.broken-transaction' || found instanceof Thrown

async function act(step: Exclude<Step, { t: 'block' }>, mine: Level, ran: string[], name: () => string): Promise<void> {
  // A level that is broken says so at the first thing that is asked of it.
  const own = name()
  switch (step.t) {
    case 'add':
      await Company.objects.create({ name: own })
      mine.rows.push(own)
      break
    case 'bulk':
      await Company.objects.bulkCreate([{ name: own }, { name: `${own}+` }])
      mine.rows.push(own, `${own}+`)
      break
    case 'callback':
      onCommit(() => void ran.push(own))
      mine.callbacks.push(own)
      break
    case 'undo':
      setRollback()
      mine.undone = true
      break
    case 'clash':
      // An error of the database in a block of its own: nothing of it is left, and the level goes on.
      await atomic(async () => {
        const { id } = await Company.objects.create({ name: own })
        await Company.objects.create({ id, name: `${own} again` })
      }).catch((error: { code: string }) => {
        if (error.code !== 'db.unique-violation') throw error
      })
  }
}

test(`what is left is what no level undid, and callbacks are those of it, in order (${engine.name})`, {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(block, async (outer) => {
      let made = 0
      const ran: string[] = []
      try {
        await run({ ...outer, savepoint: true }, null, ran, () => `n${made++}`)
      } catch (error) {
        if (!isExpected((error as { code?: string }).code ?? error)) throw error
      }
      await Company.objects.delete()
      // Nothing is held: the next one begins at once.
      await atomic(() => Company.objects.count())
    }),
    { numRuns: Number(process.env.NUAGES_RUNS ?? 60) },
  )
})
