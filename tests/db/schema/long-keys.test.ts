import { defineApp } from 'nuages'
import { char, foreignKey, integer, Model, text } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../../../src/db/checks.ts'
import { configureDatabases, configureRouters, database, loadBackends } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { freshTablesOf } from './tables.ts'

class Page extends Model<Page>()({ path: text({ primaryKey: true }) }) {}
class Link extends Model<Link>()({ to: () => foreignKey(Page, { onDelete: 'cascade', null: true }) }) {}
class Wide extends Model<Wide>()({ code: char({ maxLength: 769, primaryKey: true }) }) {}
class Fits extends Model<Fits>()({ code: char({ maxLength: 768, primaryKey: true }) }) {}
class Own extends Model<Own>()({ code: text({ primaryKey: true, dbType: { mysql: 'varchar(40)' } }) }) {}
class Pair extends Model<Pair>()(
  { a: char({ maxLength: 400 }), b: char({ maxLength: 400 }), n: integer() },
  { primaryKey: ['a', 'b'] },
) {}
class Unique extends Model<Unique>()({ path: text({ unique: true }) }) {}
class Pointer extends Model<Pointer>()({
  page: () => foreignKey(Unique, { onDelete: 'cascade', toField: 'path' }),
}) {}
const models = { Fits, Link, Own, Page, Pair, Pointer, Unique, Wide }
defineApp({ root: import.meta.url, name: 'keyed', models })
freshTablesOf()

const found = () =>
  Object.values(models).flatMap((model) => checkModel(model).map(({ id, object, message }) => [id, object, message]))

describe('keys of long text', () => {
  test('db.E025 tells of keys that a database has no room for, and of what points to them', async () => {
    configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
    expect(found()).toEqual([])
    const databases = { default: { engine: 'mysql', url: 'mysql://nobody@127.0.0.1:1/none' } }
    await loadBackends(databases)
    configureDatabases(databases)
    const room = 'of more than 768 characters, which the database "default" cannot keep.'
    expect(found()).toEqual([
      ['db.E025', 'keyed.Page.path', `keyed.Page.path is a key ${room}`],
      ['db.E025', 'keyed.Pair', `keyed.Pair has a key ${room}`],
      ['db.E025', 'keyed.Pointer.page', `keyed.Pointer.page points to a text ${room}`],
      ['db.E025', 'keyed.Wide.code', `keyed.Wide.code is a key ${room}`],
    ])
    configureRouters([{ allowMigrate: (_alias, app) => app !== 'keyed' }])
    expect(found()).toEqual([])
    configureRouters([])
  })

  test.each([Page, Wide, Pair] as const)(
    'a table of $name is made, or refused before anything is',
    async ({ meta }) => {
      const { schema, name, features } = database().backend
      const make = () => schema.createTable(tableSpec(database().backend, meta))
      if (features.longestKey < Number.POSITIVE_INFINITY) {
        expect(make).toThrow(expect.objectContaining({ code: 'db.unsupported-constraint' }))
        return
      }
      expect(name).not.toBe('mysql')
      for (const statement of make()) await database().exec(statement)
      expect((await database().backend.introspector.table(database(), meta.table))?.primaryKey).toEqual(
        meta.pk.map(({ column }) => column),
      )
    },
  )

  test('the longest key that there is room for is made; a longer one written by hand is told with a hint', async () => {
    const { backend } = database()
    for (const statement of backend.schema.createTable(tableSpec(backend, Fits.meta))) await database().exec(statement)
    await Fits.objects.create({ code: 'é'.repeat(768) })
    expect(await Fits.objects.count()).toBe(1)
    if (backend.name !== 'mysql') return
    for (const type of ['text', 'varchar(800)'])
      await expect(database().exec(`CREATE TABLE by_hand (a ${type} PRIMARY KEY)`)).rejects.toMatchObject({
        code: 'db.invalid-sql',
        hint: expect.stringContaining('768 characters'),
      })
  })
})
