/** MIG-09, MIG-20 on a server that commits each change of tables: ended at any statement, it goes on, and back to nothing. */
import * as door from 'nuages/db/migrations'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { MigrationExecutor, MigrationLoader, migrationDatabase } from '../../../src/db/migrations/internal.ts'
import { dropDatabases, freshDatabases } from '../../db/backends/mysql.ts'
import { history, migrate, run, schema } from '../history.ts'

vi.setConfig({ testTimeout: 600_000 })
const { addConstraint, addField, alterField, alterModelTable, check, createModel, fields: f } = door
const { renameField, renameModel } = door
const cascade = { onDelete: 'cascade' } as const

const fresh = await freshDatabases(60)
const open = async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
}
beforeEach(open)
afterAll(async () => {
  await closeDatabases()
  await dropDatabases()
})

class Ended extends Error {}

/** Migrates until a statement, after which nothing more is sent, as where the process is killed; gives how many there were. */
async function until(at: number, steps: ReturnType<typeof history>): Promise<number> {
  const real = migrationDatabase('default')
  let sent = 0
  let isOver = false
  const counted = async (sql: string) => {
    if (isOver) throw new Ended()
    await real.exec(sql)
    if (++sent !== at) return
    isOver = true
    throw new Ended()
  }
  const loader = new MigrationLoader({ apps: [{ name: 'library', root: '/none', models: {} }], user: null }, steps)
  const executor = new MigrationExecutor(loader, { ...real, exec: counted })
  const plan = await executor.plan()
  await executor.migrate(plan).catch((error: Error) => {
    if (!(error.cause instanceof Ended || error instanceof Ended)) throw error
  })
  return sent
}

const base = [
  createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 100, null: true }) }),
  createModel('Book', {
    id: f.autoId(),
    title: f.char({ maxLength: 200, unique: true }),
    author: f.foreignKey('library.Author', { ...cascade, null: true }),
    readers: f.manyToMany('library.Author'),
  }),
]
// Only where it is renamed: each table makes every round slower.
const withPart = [
  createModel('Part', {
    id: f.autoId(),
    whole: f.foreignKey('library.Part', { ...cascade, null: true }),
    like: f.manyToMany('library.Part'),
  }),
  createModel('Owner', { id: f.autoId(), parts: f.manyToMany('library.Part') }),
  ...base,
]
const kinds: Record<string, door.Operation> = {
  'a renamed model': renameModel('Book', 'Volume'),
  'a renamed model that others point to': renameModel('Author', 'Person'),
  'a renamed model that leads to itself': renameModel('Part', 'Piece'),
  'a renamed key': renameField('Author', 'id', 'number'),
  'a new reference': addField('Book', 'editor', f.foreignKey('library.Author', { ...cascade, null: true })),
  'a new field with values': addField('Book', 'pages', f.integer({ unique: false }), { fill: 3 }),
  'no more nulls': alterField('Author', 'name', f.char({ maxLength: 90, default: '' }), { fill: 'x' }),
  'a table whose name has quotes, spaces and words of SQL': alterModelTable('Book', 'a "table" to `(go)` on'),
  'a many-to-many': addField('Author', 'friends', f.manyToMany('library.Author')),
  'a constraint': addConstraint('Book', check({ title__gte: 'A' }, { name: 'from_a' })),
}

/** All of the places where it can end in the long round, else two of them, others on each run. */
function places(count: number): number[] {
  const step = process.env.NUAGES_LONG ? 1 : Math.ceil(count / 2)
  const first = Math.floor(Math.random() * step)
  return Array.from({ length: count }, (_, i) => i + 1).filter((_, i) => i % step === first)
}

test.each(Object.entries(kinds))(
  'MIG-09 MIG-20 %s: ended anywhere, it goes on, or goes back',
  async (kind, operation) => {
    const initial = kind.endsWith('itself') ? withPart : base
    const first = history(['0001_initial', initial])
    const steps = history(['0001_initial', initial], ['0002_change', [operation]])
    const begin = async () => {
      await migrate(first)
      await run("insert into library_author (id, name) values (1, 'x'), (2, null)")
      await run("insert into library_book (id, title, author_id) values (1, 'Nuages', 1)")
    }
    await begin()
    const before = await schema()
    const count = await until(0, steps)
    const wanted = await schema()
    await migrate(steps, { app: 'library', name: 'zero' })
    expect(await schema()).toEqual([])
    for (const at of places(count)) {
      await begin()
      await until(at, steps)
      await migrate(steps)
      expect(await schema(), `on after ${at}`).toEqual(wanted)
      await migrate(steps, { app: 'library', name: '0001' })
      expect(await schema(), `and back after ${at}`).toEqual(before)
      await until(at, steps)
      await migrate(steps, { app: 'library', name: 'zero' })
      expect(await schema(), `back after ${at}`).toEqual([])
    }
  },
)
