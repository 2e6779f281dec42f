/** MIG-09: killed at any statement, a migration is as before, after, or goes on where it was; no row is lost. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, isSqlite, openDatabase, rows, schema } from '../history.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 })
afterEach(closeDatabase)

const child = join(import.meta.dirname, 'kill-child.ts')

/** Runs the child; gives what it printed, or null when it was killed. */
function runChild(killAt = 0, moment = 'before', target = ''): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const args = [child, JSON.stringify(database().config), String(killAt), moment, target]
    const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let problems = ''
    running.stderr.on('data', (part) => (problems += part))
    running.stdout.on('data', (part: Buffer) => (printed += part))
    running.on('close', (code, signal) =>
      code === 0 ? resolve(printed) : signal === 'SIGKILL' ? resolve(null) : reject(new Error(problems)),
    )
  })
}

async function look() {
  const found = {
    tables: await schema(),
    applied: await rows('select name from nuages_migrations order by name'),
    volumes: await rows('select id, title, pages, copy, seen from library_volume order by id'),
    authors: await rows('select number, name from library_author order by number'),
    // The place of an unfinished migration is kept only while there is one.
    rest: (await database().backend.introspector.tables((await database().open()).writer)).filter((name) =>
      name.includes('progress'),
    ),
  }
  if (isSqlite) expect(await rows('pragma foreign_key_check')).toEqual([])
  return found
}

/** How many statements a child told of, and how many of them no transaction may hold. */
const statementsOf = (printed: string | null) => printed!.split(' ').slice(1).map(Number)

/** Which statements to end at: all of them in the long round, else some, others on each run of the suite. */
function places(count: number): number[] {
  const all = Array.from({ length: count }, (_, i) => i + 1)
  if (process.env.NUAGES_LONG) return all
  const step = Math.ceil(count / 3)
  const first = Math.floor(Math.random() * step)
  // The last one, after which nothing is left to do, always.
  return all.filter((at, i) => i % step === first || at === count)
}

test('MIG-09 killed at a statement, the next run completes it: the right schema, every row', async () => {
  openDatabase()
  const [count = 0, apart] = statementsOf(await runChild())
  const wanted = await look()
  // Of `0003_apart` one index; of `0004_large`, taken in stages, three more (that of the reference, too).
  if (engine.name === 'PostgreSQL') expect(apart).toBe(4)
  expect(wanted.volumes).toEqual([
    [1, 'Nuages', 2, 'Nuages!', 7],
    [2, 'Minor Swing', 2, 'Minor Swing!', 7],
    [3, 'untitled', 2, 'null!', 7],
  ])
  expect(wanted.rest).toEqual([])
  await closeDatabase()
  for (const moment of ['before', 'after']) {
    for (const at of places(count)) {
      openDatabase()
      expect(await runChild(at, moment), `${moment} ${at}`).toBeNull()
      expect(await runChild(), `${moment} ${at}`).toMatch(/^done/)
      expect(await look(), `${moment} ${at}`).toEqual(wanted)
      await closeDatabase()
    }
  }
})

test('MIG-20 killed on the way, going back to zero undoes what there is', async () => {
  openDatabase()
  const [count = 0] = statementsOf(await runChild(0, 'before', '0002'))
  await closeDatabase()
  for (const at of places(count)) {
    openDatabase()
    expect(await runChild(at, 'after', '0002')).toBeNull()
    expect(await runChild(0, 'before', 'zero'), `after ${at}`).toMatch(/^done/)
    expect(await schema(), `after ${at}`).toEqual([])
    await closeDatabase()
  }
})

test('MIG-20 killed while it goes back, the next run goes on back, or forwards again: the right schema, every row', async () => {
  openDatabase()
  await runChild()
  const { volumes, ...wanted } = await look()
  const [count = 0] = statementsOf(await runChild(0, 'before', 'zero'))
  expect(await schema()).toEqual([])
  await closeDatabase()
  const rounds = ['before', 'after'].flatMap((moment) => ['zero', ''].map((target) => [moment, target] as const))
  for (const at of places(count)) {
    for (const [moment, target] of process.env.NUAGES_LONG ? rounds : [rounds[at % 4]!]) {
      const round = `${moment} ${at}, then ${target || 'forwards'}`
      openDatabase()
      await runChild()
      expect(await runChild(at, moment, 'zero'), round).toBeNull()
      expect(await runChild(0, 'before', target), round).toMatch(/^done/)
      if (target === 'zero') expect(await schema(), round).toEqual([])
      else {
        const { volumes: kept, ...found } = await look()
        expect(found, round).toEqual(wanted)
        // What a column held that went and came again is made from what there is then: `copy`.
        const lasting = (list: unknown[][]) => list.map(([id, title, pages, , seen]) => [id, title, pages, seen])
        expect(lasting(kept), round).toEqual(lasting(volumes))
      }
      await closeDatabase()
    }
  }
})
