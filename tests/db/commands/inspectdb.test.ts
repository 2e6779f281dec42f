import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineApp } from 'nuages'
import { bigInteger, dateTime, integer, Model, text as textField } from 'nuages/db'
import { expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import { database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { createTables, freshTables } from '../query/setup.ts'
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
  await expect(inspect({}, [], [world])).rejects.toMatchObject({
    code: 'db.no-tables',
    hint: expect.stringMatching(/^Those of the project's models are left out/),
  })
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

test('a file that declares nothing, as startapp writes it, is written; one that does is refused and stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuages-inspect-'))
  try {
    const output = join(folder, 'models.ts')
    for (const bare of [
      readFileSync(join(import.meta.dirname, '../../../bin/app/models.ts'), 'utf8'),
      '',
      'export {};\n',
    ]) {
      writeFileSync(output, bare)
      await inspect({ output })
      expect(readFileSync(output, 'utf8')).toContain('export class Country')
    }
    for (const full of [
      '// mine\nexport const a = 1\n',
      "export * from './more.ts'\n",
      "import './a.ts'\nexport {}\n",
    ]) {
      writeFileSync(output, full)
      await expect(inspect({ output })).rejects.toMatchObject({ code: 'db.file-exists' })
      expect(readFileSync(output, 'utf8')).toBe(full)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
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

if (engine.name === 'MariaDB')
  test('types that no field has are declared beside the field whose values are theirs', async () => {
    const db = database('default')
    await db.exec(`CREATE TABLE gauge (id integer AUTO_INCREMENT PRIMARY KEY, level int unsigned NOT NULL, tiny tinyint NOT NULL,
    mood enum('Sad','Glad') NOT NULL, seen timestamp NULL, at datetime(3) NULL, note mediumtext NOT NULL, bits binary(4) NOT NULL,
    ratio float NOT NULL, code char(3) NOT NULL, price decimal(8,2) unsigned NOT NULL, big bigint unsigned NOT NULL)`)
    const text = await inspect({ app: undefined }, ['gauge'])
    for (const line of [
      "level: integer({ dbType: { mysql: 'int(10) unsigned' } }),",
      "tiny: integer({ dbType: { mysql: 'tinyint(4)' } }),",
      "mood: text({ dbType: { mysql: \"enum('Sad','Glad')\" } }),",
      "seen: dateTime({ dbType: { mysql: 'timestamp' }, null: true }),",
      "at: dateTime({ dbType: { mysql: 'datetime(3)' }, null: true }),",
      "note: text({ dbType: { mysql: 'mediumtext' } }),",
      "bits: binary({ dbType: { mysql: 'binary(4)' } }),",
      "ratio: float({ dbType: { mysql: 'float' } }),",
      "code: char({ maxLength: 3, dbType: { mysql: 'char(3)' } }),",
      "price: decimal({ maxDigits: 8, decimalPlaces: 2, dbType: { mysql: 'decimal(8,2) unsigned' } }),",
      "big: bigInteger({ dbType: { mysql: 'bigint(20) unsigned' } }),",
    ])
      expect(text).toContain(line)
    class Gauge extends Model<Gauge>()(
      {
        level: integer({ dbType: { mysql: 'int(10) unsigned' } }),
        mood: textField({ dbType: { mysql: "enum('Sad','Glad')" } }),
        seen: dateTime({ null: true, dbType: { mysql: 'timestamp' } }),
        big: bigInteger({ dbType: { mysql: 'bigint(20) unsigned' } }),
      },
      { dbTable: 'gauge2' },
    ) {}
    await createTables('default', defineApp({ name: 'gauges', root: import.meta.url, models: { Gauge } }))
    const seen = new Date('2024-01-31T23:30:00Z')
    const row = { level: 4_000_000_000, mood: 'Glad', seen, big: 2n ** 63n - 1n }
    const { id } = await Gauge.objects.create(row)
    await Gauge.objects.bulkCreate([new Gauge(row), new Gauge({ ...row, mood: 'Sad' })])
    expect(await Gauge.objects.get({ id })).toMatchObject(row)
    expect(
      await Gauge.objects.filter({ mood__in: ['Glad'], seen, level__gt: 3_999_999_999, big: row.big }).count(),
    ).toBe(2)
    // As the enum is written, not as texts are.
    expect((await Gauge.objects.orderBy('mood').first())?.mood).toBe('Sad')
  })
