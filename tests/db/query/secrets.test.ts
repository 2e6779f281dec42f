import { inspect } from 'node:util'
import { defineApp } from 'nuages'
import { char, Model } from 'nuages/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import type { AnyModel } from '../../../src/db/models/meta.ts'

class Account extends Model<Account>()({
  name: char({ maxLength: 20 }),
  token: char({ maxLength: 20, secret: true }),
}) {}
defineApp({ name: 'secrets', root: import.meta.url, models: { Account } })

beforeAll(async () => {
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const db = database()
  for (const sql of db.backend.schema.createTable(tableSpec(db.backend, (Account as unknown as AnyModel).meta)))
    await db.exec(sql)
  await Account.objects.create({ name: 'a', token: 'hunter2' })
})
afterAll(closeDatabases)

test('values() and valuesList() of all columns leave secret ones out; named, they are there', async () => {
  expect(JSON.stringify(await Account.objects.values())).toBe('[{"id":1,"name":"a"}]')
  expect(JSON.stringify(await Account.objects.valuesList())).toBe('[[1,"a"]]')
  expect((await Account.objects.values('token'))[0]).toEqual({ token: 'hunter2' })
})

test('a printed query set is its model, not the values it filters by', () => {
  expect(inspect(Account.objects.filter({ token: 'hunter2' }))).toBe('QuerySet<secrets.Account>')
})
