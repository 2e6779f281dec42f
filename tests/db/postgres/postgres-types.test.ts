/** Columns of types that no field has, by `dbType`: what inspectdb declares is read, written, compared and migrated. */

import { defineApp } from 'nuages'
import { char, customField, dateTime, foreignKey, integer, Model, Temporal, text } from 'nuages/db'
import { Trunc } from 'nuages/db/functions'
import { type FieldState, fields } from 'nuages/db/migrations'
import { array } from 'nuages/db/postgres'
import { loadFixtures, serialize } from 'nuages/db/serializers'
import { withTimeZone } from 'nuages/i18n'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import type { Operation } from '../../../src/db/migrations/operations/operation.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { writeMigration } from '../../../src/db/migrations/writer.ts'
import { history, migrate } from '../../migrations/history.ts'
import { model } from '../../migrations/states.ts'
import { engine } from '../backends/fresh.ts'
import { createTables } from '../query/setup.ts'

class Network extends Model<Network>()({
  block: text({ primaryKey: true, dbType: { postgres: 'cidr' } }),
}) {}

class Host extends Model<Host>()(
  {
    ip: text({ dbType: { postgres: 'inet' } }),
    card: text({ null: true, dbType: { postgres: 'macaddr' } }),
    mood: text({ null: true, dbType: { postgres: 'mood' } }),
    share: integer({ null: true, dbType: { postgres: 'percent' } }),
    price: text({ null: true, dbType: { postgres: 'money' } }),
    bits: text({ null: true, dbType: { postgres: 'bit(4)' } }),
    name: text({ blank: true, dbType: { postgres: 'citext' } }),
    page: text({ null: true, dbType: { postgres: 'xml' } }),
    code: char({ maxLength: 3, null: true, dbType: { postgres: 'character(3)' } }),
    at: dateTime({ null: true, dbType: { postgres: 'timestamp without time zone' } }),
    ways: array(text(), { blank: true, dbType: { postgres: 'inet[]' } }),
    network: () => foreignKey(Network, { onDelete: 'cascade', null: true }),
  },
  { ordering: ['ip'] },
) {}

const isServer = engine.name === 'PostgreSQL'
/** PGlite comes without the extension: a domain stands for its type there. */
const CITEXT = isServer ? 'CREATE EXTENSION IF NOT EXISTS citext SCHEMA public' : 'CREATE DOMAIN citext AS text'
const types = defineApp({ name: 'types', root: import.meta.url, models: { Network, Host } })

let fresh: Awaited<ReturnType<typeof engine.fresh>>
beforeAll(async () => {
  fresh = await engine.fresh(40)
}, 120_000)
beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: fresh() })
  await database().exec(
    `SELECT PG_ADVISORY_XACT_LOCK(7301); ${CITEXT}; CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad'); CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 0 AND 100)`,
  )
  await createTables('default', types)
})
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

const ROW = {
  ip: '10.0.0.7',
  card: '08:00:2b:01:02:03',
  mood: 'glad',
  share: 40,
  price: '$12.50',
  bits: '1010',
  name: 'Router',
  page: '<a>b</a>',
  code: 'abc',
  at: new Date('2024-05-06T07:08:09.123Z'),
  ways: ['10.0.0.1', 'fe80::1'],
}
const SAME = ['ip', 'card', 'mood', 'share', 'price', 'bits', 'name', 'code', 'at', 'ways'] as const

async function changes(from: ProjectState, to: ProjectState): Promise<Operation[]> {
  const questioner = new FlagQuestioner({ noRenames: true })
  const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
  return drafts.flatMap((draft) => draft.operations)
}

describe('values', () => {
  test('come back as they were written, by save(), bulkCreate() with and without COPY, update() and bulkUpdate()', async () => {
    const network = await Network.objects.create({ block: '10.0.0.0/8' })
    const saved = await Host.objects.create({ ...ROW, network })
    const [bulk] = await Host.objects.bulkCreate([new Host({ ...ROW, ip: '10.0.0.8', network })])
    await Host.objects.bulkCreate([new Host({ ...ROW, id: 900, ip: '10.0.0.9', network })])
    for (const id of [saved.id, bulk!.id, 900]) {
      const host = await Host.objects.get({ id })
      expect(host).toMatchObject({ ...ROW, ip: expect.stringMatching(/^10\.0\.0\.[789]$/), networkId: '10.0.0.0/8' })
    }
    const host = await Host.objects.get({ id: saved.id })
    Object.assign(host, { mood: 'sad', bits: '0001', ip: '::1', card: null })
    await host.save()
    await Host.objects.filter({ id: bulk!.id }).update({ mood: 'ok', share: 7 })
    const both = await Host.objects.filter({ id__in: [saved.id, bulk!.id] }).orderBy('id')
    expect(both.map((each) => [each.mood, each.bits, each.share])).toEqual([
      ['sad', '0001', 40],
      ['ok', '1010', 7],
    ])
    for (const each of both) Object.assign(each, { mood: 'glad', ip: `192.168.0.${each.id}`, bits: '1111', ways: [] })
    await Host.objects.bulkUpdate(both, ['mood', 'ip', 'bits', 'ways', 'card', 'at'])
    expect(await Host.objects.filter({ mood: 'glad', bits: '1111', ways: [], ip__startswith: '192.168' }).count()).toBe(
      2,
    )
  })

  test('are compared as values of their type', async () => {
    const network = await Network.objects.create({ block: '10.0.0.0/8' })
    await Host.objects.create({ ...ROW, network })
    await Host.objects.create({ ip: '9.0.0.1', mood: 'ok' })
    for (const name of SAME) {
      const value = ROW[name]
      expect(await Host.objects.filter({ [name]: value } as never).count(), name).toBe(1)
      expect(await Host.objects.filter({ [`${name}__in`]: [value] } as never).count(), `${name} in`).toBe(1)
      expect(await Host.objects.exclude({ [name]: value } as never).count(), `not ${name}`).toBe(1)
      if (!['ip', 'name', 'ways', 'mood'].includes(name))
        expect(await Host.objects.filter({ [`${name}__isnull`]: true } as never).count(), `${name} isnull`).toBe(1)
      await expect(Host.objects.orderBy(name).first(), name).resolves.toBeInstanceOf(Host)
    }
    // Not as texts: 9 comes before 10, "ok" before "glad", no matter the case, and spaces at the end are none.
    expect((await Host.objects.all()).map((host) => host.ip)).toEqual(['9.0.0.1', '10.0.0.7'])
    expect(await Host.objects.filter({ ip__gt: '9.0.0.2', mood__gt: 'ok', share__range: [5, 40] }).count()).toBe(1)
    expect(await Host.objects.filter({ name: 'ROUTER' }).count()).toBe(isServer ? 1 : 0)
    expect(await Host.objects.filter({ name__contains: 'OUT' }).count()).toBe(isServer ? 1 : 0)
    expect(await Host.objects.filter({ network: '10.0.0.0/8' }).count()).toBe(1)
    expect(await Host.objects.filter({ network__block__in: ['10.0.0.0/8'] }).count()).toBe(1)
    expect((await Host.objects.selectRelated('network').get({ ip: '10.0.0.7' })).network?.block).toBe('10.0.0.0/8')
    expect(await Host.objects.filter({ ip__contains: '0.0.7', page__icontains: 'A>B' }).count()).toBe(1)
    const [again, made] = await Host.objects.getOrCreate({ ip: '10.0.0.7' })
    expect([again.mood, made]).toEqual(['glad', false])
    const [, last] = await Host.objects.prefetchRelated('network')
    expect(last!.network?.block).toBe('10.0.0.0/8')
    expect(await Network.objects.filter({ pk__in: Host.objects.values('network') }).delete()).toBeTruthy()
    expect(await Host.objects.count()).toBe(1)
  })
})

test('upsert() and fixtures write such columns, too', async () => {
  const network = await Network.objects.create({ block: '10.0.0.0/8' })
  const [made] = await Host.objects.upsert(
    [{ id: 1, ip: '10.0.0.1', name: 'one', mood: 'glad', ways: ['10.0.0.2'], network }],
    { conflict: ['id'], update: ['ip', 'mood', 'ways'] },
  )
  const [changed] = await Host.objects.upsert([{ id: 1, ip: '10.0.0.9', name: 'one', mood: null, ways: [] }], {
    conflict: ['id'],
    update: ['ip', 'mood', 'ways'],
  })
  expect([made!.ip, changed!.ip]).toEqual(['10.0.0.1', '10.0.0.9'])
  const host = await Host.objects.get({ id: 1 })
  expect([host.ip, host.mood, host.ways]).toEqual(['10.0.0.9', null, []])
  const text = await serialize('json', [host])
  await Host.objects.all().delete()
  const source = {
    name: 'hosts.json',
    format: 'json',
    async *open() {
      yield text
    },
  }
  await loadFixtures([source])
  expect((await Host.objects.get({ id: 1 })).ip).toBe('10.0.0.9')
})

test('values that the type has not are refused, not cut', async () => {
  const refused = { mood: 'angry', bits: '10101', ip: '1.2.3', share: 101, code: 'abcd' }
  for (const [name, value] of Object.entries(refused)) {
    const row = { ...ROW, [name]: value }
    await expect(Host.objects.create(row), name).rejects.toMatchObject({
      name: expect.stringMatching(/^(Data|Integrity)Error$/),
    })
    await expect(Host.objects.bulkCreate([new Host(row), new Host(row)]), name).rejects.toThrow()
  }
  expect(await Host.objects.count()).toBe(0)
})

test('instants of a column without a zone are in UTC, whatever zone they are asked in', async () => {
  const host = await Host.objects.create({ ip: '::1', at: new Date('2024-01-31T23:30:00Z') })
  await host.refresh()
  expect(host.at).toEqual(new Date('2024-01-31T23:30:00Z'))
  await withTimeZone('Asia/Tokyo', async () => {
    expect(await Host.objects.filter({ at__day: 1, at__hour: 8, at__month: 2 }).count()).toBe(1)
    expect(
      await Host.objects.filter({ at__date: Temporal.PlainDate.from('2024-02-01'), at__lt: new Date() }).count(),
    ).toBe(1)
    const [row] = await Host.objects.annotate({ day: Trunc('at', 'day') }).values('day')
    expect(row!.day).toEqual(new Date('2024-01-31T15:00:00Z'))
  })
})

test('a field of the project stands on such a column', async () => {
  const upper = customField({
    column: text({ dbType: { postgres: 'citext' } }),
    toDb: (value: string) => value.toLowerCase(),
    fromDb: (stored) => stored.toUpperCase(),
    parse: String,
  })
  class Tag extends Model<Tag>()({ name: upper() }) {}
  const app = defineApp({ name: 'tags', root: import.meta.url, models: { Tag } })
  await createTables('default', app)
  await Tag.objects.create({ name: 'BLUE' })
  expect((await Tag.objects.get({ name: 'Blue' })).name).toBe('BLUE')
  expect(await Tag.objects.filter({ name__in: ['BLUE', 'RED'] }).values('name')).toEqual([{ name: 'BLUE' }])
})

describe('declarations', () => {
  test('inspectdb writes what the tables have, and makemigrations finds no change', async () => {
    const out = captureOutput()
    const options = { database: 'default', managed: false, views: false, app: 'types' }
    await inspectdb.run({ args: { tables: [] }, options, out, project: { apps: { apps: [] }, user: null } } as never)
    for (const line of [
      "block: text({ dbType: { postgres: 'cidr' }, primaryKey: true }),",
      "ip: text({ dbType: { postgres: 'inet' } }),",
      "card: text({ dbType: { postgres: 'macaddr' }, null: true }),",
      "mood: text({ dbType: { postgres: 'mood' }, null: true }),",
      "share: integer({ dbType: { postgres: 'percent' }, null: true }),",
      "price: text({ dbType: { postgres: 'money' }, null: true }),",
      "bits: text({ dbType: { postgres: 'bit(4)' }, null: true }),",
      "name: text({ dbType: { postgres: 'citext' } }),",
      "page: text({ dbType: { postgres: 'xml' }, null: true }),",
      "code: char({ maxLength: 3, dbType: { postgres: 'character(3)' }, null: true }),",
      "// declared as timestamp without time zone: read as UTC\n    at: dateTime({ dbType: { postgres: 'timestamp without time zone' }, null: true }),",
      "ways: array(text(), { dbType: { postgres: 'inet[]' } }),",
      "network: () => foreignKey(Network, { onDelete: 'doNothing', null: true }),",
    ])
      expect(out.text).toContain(line)
    const wanted = new ProjectState([modelState(Network), modelState(Host)])
    const operations = await changes(new ProjectState(), wanted)
    const written = writeMigration({ operations })
    expect(written).toContain("fields.text({ dbType: { postgres: 'inet' } })")
    const again = operations.reduce(
      (state, operation) => applyToState({ app: 'types', name: 'x', file: null, operations }, operation, state),
      new ProjectState(),
    )
    expect(await changes(again, wanted)).toEqual([])
  })

  test('a migration changes the type of a column, and its rows with it', async () => {
    const f = fields
    const net = (ip: FieldState) => new ProjectState([model('library.Net', { ip })])
    const [first, second] = [net(f.text()), net(f.text({ dbType: { postgres: 'inet' } }))]
    const steps: [string, Operation[]][] = [['0001_initial', await changes(new ProjectState(), first)]]
    await migrate(history(...steps))
    await database().exec("INSERT INTO library_net (ip) VALUES ('10.0.0.1')")
    await migrate(history(...steps, ['0002_type', await changes(first, second)]))
    const db = database()
    const found = (await db.backend.introspector.table((await db.open()).reader, 'library_net'))!
    expect(found.columns.find(({ name }) => name === 'ip')!.type.declared).toEqual({ postgres: 'inet' })
  })

  test('what is no type is refused where the model is declared', () => {
    let bad = 0
    for (const dbType of [
      'inet',
      {},
      { oracle: 'x' },
      { postgres: '' },
      { postgres: 'inet; DROP TABLE x' },
      { postgres: 1 },
    ]) {
      expect(() => {
        class Bad extends Model<Bad>()({ ip: text({ dbType: dbType as never }) }) {}
        defineApp({ name: `bad${bad++}`, root: import.meta.url, models: { Bad } })
        return Bad.meta.fields
      }, JSON.stringify(dbType)).toThrow(/Bad\.ip has the dbType/)
    }
    expect(() => array(text({ dbType: { postgres: 'inet' } }))).toThrow(/An array is of/)
  })
})
