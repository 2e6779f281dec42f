/** MIG-07, MIG-24 behind pgbouncer, which gives each transaction another connection, and with no way past it. */
import * as door from 'nuages/db/migrations'
import { afterAll, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { freshBehindPgbouncer, stopPgbouncer } from '../../db/backends/pgbouncer.ts'
import { history, migrate, rows } from '../history.ts'

const { addField, addIndexConcurrently, createModel, fields: f, index, noop, runCode } = door
const fresh = await freshBehindPgbouncer(2)
afterAll(async () => {
  await closeDatabases()
  await stopPgbouncer()
})

const author = createModel('Author', { id: f.autoId(), name: f.char({ maxLength: 90 }) })

test('MIG-07 one waits, none breaks, and no lock stays with a connection of the pool', async () => {
  configureDatabases({ default: fresh() })
  let ran = 0
  const slow = runCode(
    async () => {
      ran++
      await new Promise((resolve) => setTimeout(resolve, 500))
    },
    { reverse: noop },
  )
  const steps = history(['0001_initial', [author]], ['0002_slow', [slow]])
  const told: string[] = []
  const again = () => migrate(steps, {}, { onWaiting: (reason) => void told.push(reason) })
  await Promise.all([again(), again(), again(), again()])
  expect(ran).toBe(1)
  expect(told).toEqual(['migration', 'migration', 'migration'])
  // Whatever connection of the pool they meet, it holds no lock of another.
  for (const name of ['0001', '0002', '0001', '0002', '0001', '0002']) await migrate(steps, { app: 'library', name })
  expect(told).toHaveLength(3)
})

test('MIG-24 what no transaction may hold is refused: settings of a session would stay in the pool', async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
  const steps = (operation: door.Operation, more: object = {}) =>
    history(['0001_initial', [author]], ['0002_more', [operation], more])
  await migrate(history(['0001_initial', [author]]))
  const timeouts = async () => {
    const read = () => rows("select current_setting('lock_timeout'), current_setting('statement_timeout')")
    return JSON.stringify(await Promise.all(Array.from({ length: 12 }, read)))
  }
  const before = await timeouts()
  const apart = addIndexConcurrently('Author', index(['name'], { name: 'by_name' }))
  await expect(migrate(steps(apart, { atomic: false }))).rejects.toThrow(/pooler/)
  await migrate(steps(apart, { atomic: false }), { app: 'library', name: '0001' })
  // A large table is changed in one transaction instead of in stages.
  const unique = addField('Author', 'code', f.char({ maxLength: 9, null: true, unique: true }))
  expect(await migrate(steps(unique), {}, { onlineFrom: 0 })).toEqual(['+0002_more'])
  expect(await timeouts()).toBe(before)
})
