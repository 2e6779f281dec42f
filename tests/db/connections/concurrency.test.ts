/** Many clients at once, on connections that really run side by side. */

import { defineApp } from 'nuages'
import { atomic, char, integer, Model, preSave } from 'nuages/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { engine } from '../backends/fresh.ts'
import { freshPath } from '../transactions/databases.ts'

class Counter extends Model<Counter>()({
  name: char({ maxLength: 20, unique: true }),
  value: integer({ default: 0 }),
  by: integer({ default: 0 }),
}) {}
defineApp({ name: 'counters', root: import.meta.url, models: { Counter } })

/** Names of one database: each has connections of its own, as processes have. */
const ALIASES = ['default', 'second', 'third']

let fresh: () => ReturnType<Awaited<ReturnType<typeof engine.fresh>>>
beforeAll(async () => {
  fresh = await engine.fresh(20)
}, 120_000)
beforeEach(async () => {
  await closeDatabases()
  const config = engine.name === 'SQLite' ? { engine: 'sqlite', url: `sqlite:${freshPath()}` } : fresh()
  // A server in this process has one connection, and a file of its own only one process.
  const aliases = engine.name === 'PGlite' ? ['default'] : ALIASES
  configureDatabases(Object.fromEntries(aliases.map((alias) => [alias, config])))
  const db = database()
  for (const statement of db.backend.schema.createTable(tableSpec(db.backend, Counter.meta))) await db.exec(statement)
})
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

const clients = <R>(count: number, work: (alias: string, i: number) => Promise<R>): Promise<R[]> => {
  const aliases = engine.name === 'PGlite' ? ['default'] : ALIASES
  return Promise.all(Array.from({ length: count }, (_, i) => work(aliases[i % aliases.length]!, i)))
}

describe(`many clients at once (${engine.name})`, () => {
  test('getOrCreate(): one row, one of them made it, nobody fails', async () => {
    for (const name of ['a', 'b', 'c']) {
      const results = await clients(30, (alias) => Counter.objects.using(alias).getOrCreate({ name }, { value: 1 }))
      expect(results.filter(([, created]) => created)).toHaveLength(1)
      expect(new Set(results.map(([row]) => row.id)).size).toBe(1)
    }
    expect(await Counter.objects.count()).toBe(3)
  })

  test('getOrCreate() inside blocks: the same', async () => {
    const results = await clients(30, (alias, i) =>
      atomic(
        async () => {
          await Counter.objects.using(alias).create({ name: `own ${i}` })
          return Counter.objects.using(alias).getOrCreate({ name: 'shared' })
        },
        { using: alias, timeout: 20_000 },
      ),
    )
    expect(results.filter(([, created]) => created)).toHaveLength(1)
    expect(await Counter.objects.count()).toBe(31)
  })

  test('updateOrCreate(): one row, with the value of one of them, nobody fails', async () => {
    const results = await clients(30, (alias, i) =>
      Counter.objects.using(alias).updateOrCreate({ name: 'x' }, { value: i }),
    )
    expect(results.filter(([, created]) => created)).toHaveLength(1)
    expect(await Counter.objects.count()).toBe(1)
    expect((await Counter.objects.get({ name: 'x' })).value).toBeLessThan(30)
  })

  test('QS-20 updateOrCreate(): what it writes is of one client, whole', async () => {
    const names = ['x', 'y', 'z']
    await Counter.objects.bulkCreate(names.map((name) => ({ name, value: 0, by: 0 })))
    // Half of them write the value that is there already, which save() does not send.
    for (const name of names) {
      await clients(24, (alias, i) =>
        Counter.objects.using(alias).updateOrCreate({ name }, { value: i % 2, by: i % 2 === 0 ? i : -i }),
      )
      const { value, by } = await Counter.objects.get({ name })
      expect(value).toBe(by < 0 ? 1 : 0)
    }
  })

  test('QS-20 updateOrCreate(): a receiver that counts on from the row loses no step', async () => {
    await Counter.objects.create({ name: 'x' })
    const stop = preSave.connect(({ instance }) => {
      if (instance instanceof Counter) instance.value += 1
    })
    try {
      await clients(24, (alias, i) => Counter.objects.using(alias).updateOrCreate({ name: 'x' }, { by: i }))
    } finally {
      stop()
    }
    expect((await Counter.objects.get({ name: 'x' })).value).toBe(24)
  })

  test('read, decide, write under forUpdate(): no step is lost', async () => {
    await Counter.objects.create({ name: 'x' })
    await clients(30, (alias) =>
      atomic(
        async () => {
          const row = await Counter.objects.using(alias).forUpdate().get({ name: 'x' })
          row.value += 1
          await row.save()
        },
        { using: alias, timeout: 20_000 },
      ),
    )
    expect((await Counter.objects.get({ name: 'x' })).value).toBe(30)
  })
})
