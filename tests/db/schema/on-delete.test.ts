import { defineApp } from 'nuages'
import { char, foreignKey, Model, manyToMany } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { checkModel, systemChecks } from '../../../src/db/checks.ts'
import { configureDatabases, configureRouters, database, loadBackends, onQuery } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { postDelete } from '../../../src/db/signals.ts'
import { atomic } from '../../../src/db/transactions.ts'
import { freshTablesOf } from './tables.ts'

class Club extends Model<Club>()({ name: char({ maxLength: 20 }) }) {}
class Member extends Model<Member>()({
  name: char({ maxLength: 20 }),
  club: () => foreignKey(Club, { onDelete: 'dbCascade' }),
}) {}
class Card extends Model<Card>()({
  member: () => foreignKey(Member, { onDelete: 'dbSetNull', null: true }),
}) {}
class Locker extends Model<Locker>()({
  club: () => foreignKey(Club, { onDelete: 'dbSetDefault', dbDefault: 1, null: true }),
}) {}
defineApp({ name: 'clubs', root: import.meta.url, models: { Card, Club, Locker, Member } })
freshTablesOf(Club, Member, Card, Locker)

class Town extends Model<Town>()({ name: char({ maxLength: 20 }) }) {}
class Street extends Model<Street>()({
  town: () => foreignKey(Town, { onDelete: 'dbCascade' }),
  friends: () => manyToMany(Street),
}) {}
class House extends Model<House>()({ street: () => foreignKey(Street, { onDelete: 'cascade' }) }) {}
class Wrong extends Model<Wrong>()({
  a: () => foreignKey(Town, { onDelete: 'dbSetNull' }),
  b: () => foreignKey(Town, { onDelete: 'dbSetDefault', null: true }),
}) {}
defineApp({ name: 'towns', root: import.meta.url, models: { House, Street, Town, Wrong } })

describe('REL-04: what the database does on delete', () => {
  test('one statement deletes rows and what points to them, without reading or signals', async () => {
    const club = await Club.objects.create({ name: 'two' })
    const member = await Member.objects.create({ name: 'a', club })
    const card = await Card.objects.create({ member })
    const sent: string[] = []
    const stop = onQuery(({ sql }) => sent.push(sql))
    await Club.objects.filter({ id: club.id }).delete()
    stop()
    expect(sent.filter((sql) => /^(delete|select|update)/i.test(sql))).toHaveLength(1)
    expect(await Member.objects.count()).toBe(0)
    await card.refresh()
    expect(card.memberId).toBeNull()
  })

  test('the database sets its default, where it has that', async () => {
    const { schema, name } = database().backend
    if (name === 'mysql') {
      expect(() => schema.createTable(tableSpec(database().backend, Locker.meta))).toThrow(
        expect.objectContaining({ code: 'db.unsupported-constraint' }),
      )
      return
    }
    const first = await Club.objects.create({ name: 'one' })
    const club = await Club.objects.create({ name: 'two' })
    const locker = await Locker.objects.create({ club })
    await Club.objects.filter({ id: club.id }).delete()
    await locker.refresh()
    expect(locker.clubId).toBe(first.id)
  })

  test('signals tell of the rows that were named only', async () => {
    const club = await Club.objects.create({ name: 'one' })
    await Member.objects.create({ name: 'a', club })
    const seen: string[] = []
    const off = postDelete.connect(({ model }) => void seen.push(model.meta.label))
    await club.delete()
    off()
    expect(seen).toEqual(['clubs.Club'])
  })

  test('a table that is made anew on the way of a migration takes no rows with it', async () => {
    const club = await Club.objects.create({ name: 'one' })
    await Member.objects.create({ name: 'a', club })
    const { backend } = database()
    const spec = tableSpec(backend, Club.meta)
    const columns = spec.columns.map((column) =>
      column.name === 'name' ? { ...column, type: { kind: 'char' as const, maxLength: 99 } } : column,
    )
    await atomic(
      async () => {
        const statements = backend.schema.alterTable(spec, { ...spec, columns }, { renamed: {}, fill: {} })
        for (const statement of statements) await database().exec(statement)
      },
      { schemaChange: true },
    )
    expect(await Member.objects.count()).toBe(1)
  })

  test('checks tell of rows that would be left behind, and of columns that cannot be set', () => {
    const found = systemChecks()
      .filter(({ object }) => object?.startsWith('towns.'))
      .map(({ id, object }) => `${id} ${object}`)
    expect(found.sort()).toEqual([
      'db.E007 towns.Wrong.a',
      'db.E011 towns.Wrong.b',
      ...Array(3).fill('db.E019 towns.Street.town'),
      ...(database().backend.features.setsDefault ? [] : ['db.E024 towns.Wrong.b']),
    ])
  })
})

test('REL-04: db.E024, a database that sets no defaults on delete', async () => {
  class Shop extends Model<Shop>()({
    town: () => foreignKey(Town, { onDelete: 'dbSetDefault', dbDefault: 1 }),
    other: () => foreignKey(Town, { onDelete: 'dbSetNull', null: true }),
  }) {}
  defineApp({ root: import.meta.url, name: 'shops', models: { Shop } })
  const found = () => checkModel(Shop).map(({ id, object }) => [id, object])
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  expect(found()).toEqual([])
  const databases = { default: { engine: 'mysql', url: 'mysql://nobody@127.0.0.1:1/none' } }
  await loadBackends(databases)
  configureDatabases(databases)
  expect(found()).toEqual([['db.E024', 'shops.Shop.town']])
  configureRouters([{ allowMigrate: (_alias, app) => app !== 'shops' }])
  expect(found()).toEqual([])
  configureRouters([])
})
