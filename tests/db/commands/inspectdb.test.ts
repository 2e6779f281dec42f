import { expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import { database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { freshTables } from '../query/setup.ts'
import { world } from '../serializers/models.ts'

freshTables(world)

async function inspect(options: object = {}, tables: string[] = [], apps: object[] = []) {
  const out = captureOutput()
  const all = { database: 'default', managed: false, views: false, app: 'world', ...options }
  await inspectdb.run({ args: { tables }, options: all, out, project: { apps: { apps }, user: null } } as never) // it reads no more
  return out.text
}

test('MDB-08 tables that we made come back as the models they were', async () => {
  const text = await inspect()
  for (const part of [
    'export class Country extends Model<Country>()(',
    'code: char({ maxLength: 2, unique: true }),',
    "country: () => foreignKey(Country, { onDelete: 'doNothing' }),",
    "twin: () => foreignKey(City, { onDelete: 'doNothing', null: true }),",
    "constraints: [unique(['name', 'country'])]",
    'friends: () => manyToMany(Person, { symmetrical: false }),',
    'visited: () => manyToMany(City),',
    'price: decimal({ maxDigits: 30, decimalPlaces: 4, null: true }),',
    'data: json({ null: true }),',
    'bytes: binary({ null: true }),',
    "primaryKey: ['row', 'place']",
    'address: char({ maxLength: 50, null: true, index: true }),',
    'key: uuid({ primaryKey: true }),',
    'yes: boolean({ null: true }),',
    'day: date({ null: true }),',
    'small: smallInteger({ null: true }),',
  ])
    expect(text, engine.name).toContain(part)
  expect(text).not.toContain('dbTable')
  expect(text.match(/managed: false/g)).toHaveLength(6)
})

test('tables of models that the project has are left out; odd names never become code', async () => {
  await expect(inspect({}, [], [world])).rejects.toMatchObject({ code: 'db.no-tables' })
  const db = database('default')
  const name = "x'*/;process.exit()//"
  const quote = (text: string) => db.backend.compiler.quote(text)
  await db.exec(
    `CREATE TABLE ${quote(name)} (${quote('a`b*/')} integer PRIMARY KEY, ${quote('class')} varchar(9) DEFAULT 'it''s \${1}' NOT NULL)`,
  )
  const text = await inspect({ app: undefined }, [name])
  expect(text).toContain(`export class XProcessExit extends Model<XProcessExit>()(`)
  expect(text).toContain(`class: char({ maxLength: 9, dbDefault: "it's \${1}" }),`)
  expect(text).toContain(`dbTable: "x'*/;process.exit()//"`)
  expect(text).toContain("dbColumn: 'a`b*/'")
})

test('views, when they are asked for', async () => {
  await database('default').exec('CREATE VIEW world_old AS SELECT id, name FROM world_country')
  expect(await inspect()).not.toContain('class Old')
  const text = await inspect({ views: true })
  expect(text).toContain('// world_old is a view: rows cannot be written')
  expect(text).toContain('name: char({ maxLength: 50')
  expect(text).toContain('export class Old extends Model<Old>()(')
})

test('a reference to a unique column that is not the key', async () => {
  const db = database('default')
  await db.exec('CREATE TABLE land (id integer PRIMARY KEY, iso_code varchar(2) NOT NULL UNIQUE)')
  await db.exec(
    'CREATE TABLE town (id integer PRIMARY KEY, land_id varchar(2) NOT NULL, FOREIGN KEY (land_id) REFERENCES land (iso_code))',
  )
  const text = await inspect({ app: undefined }, ['land', 'town'])
  expect(text).toContain("land: () => foreignKey(Land, { onDelete: 'doNothing', toField: 'isoCode'")
})
