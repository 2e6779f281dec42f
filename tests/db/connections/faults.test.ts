/**
 * Whatever call of the driver fails: nothing is half stored, callbacks run after a commit only, what was to follow a
 * rollback does, locks and connections are free afterwards, and the next transaction works.
 */
import { atomic, onCommit, setRollback } from 'nuages/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { onRollback } from '../../../src/db/transactions.ts'
import { engine } from '../backends/fresh.ts'
import { Company } from '../query/models.ts'
import { createTables } from '../query/setup.ts'
import { freshPath } from '../transactions/databases.ts'
import { Fault, Faults, faulty, type Plan } from './faulty.ts'

const faults = new Faults()

afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

const add = (name: string) => Company.objects.create({ name })

/** What one run did, as the program that ran it knows. */
interface Run {
  /** Names that must be there if the whole is committed. */
  readonly expected: Set<string>
  readonly ran: string[]
  /** Levels that were begun, and those that were told of their rollback. */
  readonly begun: string[]
  readonly undone: string[]
  outcome: 'committed' | 'failed'
}

/** Blocks in blocks; errors of inner ones are caught, whatever they are. */
async function scenario(): Promise<Run> {
  const run: Run = { expected: new Set(), ran: [], begun: [], undone: [], outcome: 'failed' }
  const begin = (level: string): void => {
    run.begun.push(level)
    onRollback(() => void run.undone.push(level))
  }
  const block = async (names: readonly string[], work: () => Promise<unknown>): Promise<void> => {
    try {
      await atomic(async () => {
        begin(names[0]!)
        onCommit(() => void run.ran.push(names[0]!))
        await work()
      })
      for (const name of names) run.expected.add(name)
    } catch {
      // The outer block goes on, if it can.
    }
  }
  try {
    await atomic(async () => {
      begin('outer')
      onCommit(() => void run.ran.push('outer'))
      const outer = await add('outer')
      await block(['bulk1', 'bulk2'], async () => {
        await Company.objects.bulkCreate([{ name: 'bulk1' }, { name: 'bulk2' }])
      })
      await block(['saved', 'deep'], async () => {
        const row = await add('draft')
        row.name = 'saved'
        await row.save()
        await atomic(() => add('deep'))
      })
      await block(['never'], async () => {
        await add('never')
        await add('never either')
        throw new Error('undone')
      })
      await atomic(async () => {
        begin('dropped')
        await add('dropped')
        onCommit(() => void run.ran.push('dropped'))
        setRollback()
      }).catch(() => undefined)
      await atomic(() => add('joined'), { savepoint: false })
      run.expected.add('joined')
      for await (const company of Company.objects.iterator({ chunk: 2 })) void company
      await Company.objects.filter({ id: outer.id }).update({ name: 'outer' })
      run.expected.add('outer')
    })
    run.outcome = 'committed'
  } catch (error) {
    // The first error is what is told, or what says that the block cannot go on because of it.
    const cause = error instanceof Fault ? error : (error as Error).cause
    expect(cause).toBeInstanceOf(Fault)
  }
  return run
}

const stored = async () => (await Company.objects.valuesList('name', { flat: true })).toSorted()

async function check(plan: Plan): Promise<void> {
  faults.start(plan)
  const run = await scenario()
  const hit = faults.calls[plan.at - 1]
  faults.start(null)
  const found = await stored()
  const whole = [...run.expected].toSorted()
  if (run.outcome === 'committed') {
    expect(found).toEqual(whole)
    const callbacks = ['outer', 'bulk1', 'saved'].filter((name) => run.expected.has(name))
    expect(run.ran).toEqual(callbacks)
  } else {
    // A commit that failed after it was done is stored: what the server did cannot be known from here.
    expect(found).toEqual(hit === 'commit' && plan.when === 'after' ? whole : [])
    expect(run.ran).toEqual([])
  }
  // After a COMMIT that failed nobody knows, so that nothing is undone then but what was before.
  const kept = run.outcome === 'committed' || hit === 'commit'
  const left = run.begun.filter((level) => !(kept && (level === 'outer' || run.expected.has(level))))
  expect(run.undone.toSorted()).toEqual(left.toSorted())
  // Locks and connections are free: more blocks at once than there are connections.
  await Promise.all(Array.from({ length: 8 }, (_, i) => atomic(() => add(`after${i}`))))
  expect(await stored()).toHaveLength(found.length + 8)
  await Company.objects.delete()
  expect(database().currentBlock()).toBeNull()
}

describe(`a driver that fails (${engine.name})`, () => {
  for (const memory of engine.name === 'SQLite' ? [false, true] : [false]) {
    describe(memory ? 'in memory' : 'on disk', () => {
      beforeAll(async () => {
        await closeDatabases()
        const fresh = await engine.fresh(2)
        const onDisk = engine.name === 'SQLite' && !memory
        const config = onDisk ? { engine: 'sqlite', url: `sqlite:${freshPath()}` } : fresh()
        configureDatabases({ default: faulty(config, faults) })
        await createTables()
      }, 120_000)

      test('without a failure everything is stored, and callbacks run in order', async () => {
        faults.start(null)
        const run = await scenario()
        expect(run.outcome).toBe('committed')
        expect(await stored()).toEqual(['bulk1', 'bulk2', 'deep', 'joined', 'outer', 'saved'])
        expect(run.ran).toEqual(['outer', 'bulk1', 'saved'])
        await Company.objects.delete()
      })

      for (const when of ['before', 'after'] as const) {
        test(`at any call, ${when} it did its work`, { timeout: 60_000 }, async () => {
          faults.start(null)
          await scenario()
          const { calls } = faults
          expect(new Set(calls)).toEqual(new Set(['begin', 'rows', 'run', 'exec', 'iterate', 'chunk', 'commit']))
          await Company.objects.delete()
          for (let at = 1; at <= calls.length; at++) await check({ at, when })
        })
      }
    })
  }

  test('a failing rollback does not hide why it was rolled back', async () => {
    faults.start(null)
    const reason = new Error('the reason')
    const block = atomic(async () => {
      await add('x')
      faults.start({ at: 1, when: 'before' })
      throw reason
    })
    await expect(block).rejects.toBe(reason)
    expect(faults.calls).toEqual(['rollback'])
    faults.start(null)
    expect(await stored()).toEqual([])
  })
})
