import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import dumpdata from '../../../src/db/commands/dumpdata.ts'
import loaddata from '../../../src/db/commands/loaddata.ts'
import { using } from '../../../src/db/connections.ts'
import { configureRouters, database } from '../../../src/db/internal.ts'
import { createTables, freshTables } from '../query/setup.ts'
import { City, Country, Person, Seat, world } from '../serializers/models.ts'

freshTables(world)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuages-data-'))
  mkdirSync(join(folder, 'fixtures'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command as the command line would. */
async function call(command: { run(context: never): unknown }, args: object, options: object) {
  const out = captureOutput()
  const project = { apps: { apps: [{ ...world, root: folder, models: world.models }] }, root: folder }
  const code = (await command.run({ args, options, out, project } as never)) as number | undefined // no more is read
  return { code: code ?? 0, text: out.text, errors: out.errors }
}
const dump = (labels: readonly string[] = [], options: object = {}) =>
  call(
    dumpdata,
    { labels },
    {
      indent: 0,
      database: 'default',
      exclude: [],
      naturalForeign: false,
      naturalPrimary: false,
      secrets: false,
      ...options,
    },
  )
const load = (fixtures: readonly string[], options: object = {}) =>
  call(loaddata, { fixtures }, { database: 'default', exclude: [], ignoreNonexistent: false, model: [], ...options })
const models = (text: string) => (JSON.parse(text) as { model: string }[]).map(({ model }) => model)

async function some() {
  const france = await Country.objects.create({ code: 'FR', name: 'France' })
  const paris = await City.objects.create({ name: 'Paris', country: france })
  const ada = await Person.objects.create({ fullName: 'Ada', token: 'hush', home: paris })
  await ada.visited.add(paris)
  await Seat.objects.create({ row: 1, place: 1 })
}
const file = (name: string, text: string | Buffer) => writeFileSync(join(folder, 'fixtures', name), text)
const country = (code: string, pk = 1) => JSON.stringify([{ model: 'world.country', pk, fields: { code, name: code } }])

describe('SER-04 dumpdata', () => {
  test('MDB-02: leaves out what routers keep out of the database', async () => {
    await some()
    configureRouters([{ allowMigrate: (_alias, _app, { model }) => model !== 'Seat' }])
    try {
      await database().exec('DROP TABLE world_seat')
      expect(models((await dump()).text)).toEqual(['world.country', 'world.city', 'world.person'])
    } finally {
      configureRouters([])
    }
  })

  test('writes every model, those that are referred to first', async () => {
    await some()
    const { text } = await dump()
    expect(models(text)).toEqual(['world.country', 'world.seat', 'world.city', 'world.person'])
  })

  test('apps, models, keys, and what is left out', async () => {
    await some()
    expect(models((await dump(['world'])).text)).toHaveLength(4)
    expect(models((await dump(['world.City', 'WORLD.country'])).text)).toEqual(['world.country', 'world.city'])
    expect(models((await dump([], { exclude: ['world.person', 'world.Seat'] })).text)).toEqual([
      'world.country',
      'world.city',
    ])
    await Country.objects.create({ code: 'BE', name: 'Belgium' })
    expect(JSON.parse((await dump(['world.Country'], { pks: '2, 9' })).text)).toMatchObject([{ pk: 2 }])
    await expect(dump(['world'], { pks: '2' })).rejects.toMatchObject({ code: 'cli.usage' })
    await expect(dump(['world.Country'], { pks: 'x' })).rejects.toMatchObject({ code: 'cli.usage' })
    await expect(dump(['world.Contry'])).rejects.toMatchObject({
      code: 'db.unknown-label',
      hint: 'Did you mean "world.Country"?',
    })
  })

  test('secrets only when they are asked for; what is left out is said', async () => {
    await some()
    const plain = await dump(['world.person'])
    expect(plain.text).not.toContain('hush')
    expect(plain.errors).toContain('world.Person: token')
    const whole = await dump(['world.person'], { secrets: true })
    expect(whole.text).toContain('"token":"hush"')
    expect(whole.errors).toBe('')
  })

  test('a file: compressed by its name, readable by its owner only, whole or not at all', async () => {
    await some()
    const path = join(folder, 'all.jsonl.gz')
    const { text } = await dump([], { output: path })
    expect(text).toContain('4 rows written')
    const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).model)).toEqual([
      'world.country',
      'world.seat',
      'world.city',
      'world.person',
    ])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await expect(dump([], { output: join(folder, 'no/where.json') })).rejects.toMatchObject({
      code: 'db.cannot-write-file',
    })
    await expect(dump(['world.thing', 'world.country'], { output: path, database: 'other' })).rejects.toThrow()
    expect(readdirSync(folder)).toEqual(['all.jsonl.gz', 'fixtures'])
    expect(gunzipSync(readFileSync(path)).toString()).toContain('France')
  })

  test('natural keys in place of numbers', async () => {
    await some()
    const { text } = await dump([], { naturalForeign: true, naturalPrimary: true })
    expect(JSON.parse(text)).toMatchObject([
      { fields: { code: 'FR' } },
      { pk: [1, 1] },
      { fields: { country: ['FR'] } },
      { fields: { home: ['Paris', 'FR'] } },
    ])
  })
})

describe('SER-05 loaddata', () => {
  test('MDB-02: rows that routers keep elsewhere are told with where they are and what to write', async () => {
    file('routed.json', `[\n${country('FR').slice(1)}`)
    const away = { allowMigrate: (_alias: string, _app: string, { model }: { model?: string }) => model !== 'Country' }
    const elsewhere = (model: { meta: { name: string } }) => (model.meta.name === 'Country' ? 'archive' : null)
    try {
      configureRouters([{ ...away, dbForWrite: elsewhere }])
      await expect(load(['routed'])).rejects.toMatchObject({
        code: 'serializers.other-database',
        message: expect.stringMatching(
          /routed\.json:2: Routers keep rows of world\.Country out of the database "default"; they are in "archive"\. \(world\.country 1\)/i,
        ),
        hint: 'Load them where they are: loaddata --database archive; leave them out here: --exclude world.Country. Nothing was written.',
      })
      await load(['routed'], { exclude: ['world.Country'] })
      configureRouters([away])
      await expect(load(['routed'])).rejects.toMatchObject({ hint: expect.stringContaining('--database …') })
    } finally {
      configureRouters([])
    }
    expect(await Country.objects.count()).toBe(0)
  })

  test('finds files by name in the apps, packed or not, for a database, or at a path', async () => {
    file('plain.json', country('AA'))
    file('packed.json.gz', gzipSync(country('BB', 2)))
    file('lines.jsonl', `${country('CC', 3).slice(1, -1)}\n`)
    file('replica.other.json', country('DD', 4))
    const path = join(folder, 'here.json')
    writeFileSync(path, country('EE', 5))
    await load(['plain', 'packed.json', 'lines.jsonl', path])
    expect(await Country.objects.orderBy('code').valuesList('code', { flat: true })).toEqual(['AA', 'BB', 'CC', 'EE'])
    await expect(load(['replica'])).rejects.toMatchObject({ code: 'db.fixture-not-found' })
    await expect(load(['plian'])).rejects.toMatchObject({ code: 'db.fixture-not-found', hint: 'Did you mean "plain"?' })
    file('plain.jsonl', '')
    await expect(load(['plain'])).rejects.toMatchObject({ code: 'db.ambiguous-fixture' })
    file('odd.txt', '[]')
    await expect(load(['odd.txt'])).rejects.toMatchObject({ code: 'db.fixture-format' })
    expect((await load(['odd.txt'], { format: 'json' })).errors).toContain('none')
  })

  test('several files are one transaction: rows refer to one another, and a mistake undoes all', async () => {
    file('cities.json', JSON.stringify([{ model: 'world.city', pk: 1, fields: { name: 'Paris', country: 1 } }]))
    file('countries.json', country('FR'))
    await expect(load(['cities'])).rejects.toMatchObject({ code: 'serializers.broken-reference' })
    expect(await City.objects.count()).toBe(0)
    expect((await load(['cities', 'countries'])).text).toContain('2 rows loaded')
    file('broken.json', '[{]')
    file('more.json', country('GG', 7))
    await expect(load(['more', 'broken'])).rejects.toMatchObject({ code: 'serializers.malformed', line: 1 })
    expect(await Country.objects.count()).toBe(1)
  })

  test('a file that is no gzip is told', async () => {
    file('bad.json.gz', 'plain text')
    await expect(load(['bad'])).rejects.toThrow()
  })

  test('models left out, renamed, and unknown ones', async () => {
    file(
      'world.json',
      JSON.stringify([
        { model: 'world.country', pk: 1, fields: { code: 'FR', name: 'France' } },
        { model: 'geo.place', pk: [1, 2], fields: { label: 'x' } },
        { model: 'gone.thing', pk: 1, fields: {} },
      ]),
    )
    await expect(load(['world'])).rejects.toMatchObject({ code: 'serializers.unknown-model', line: 1 })
    await load(['world'], { exclude: ['world.country'], model: ['geo.place=world.Seat'], ignoreNonexistent: true })
    expect([await Country.objects.count(), await Seat.objects.count()]).toEqual([0, 1])
    await expect(load(['world'], { model: ['x'] })).rejects.toMatchObject({ code: 'cli.usage' })
    await expect(load(['world'], { model: ['geo.place=world.Seta'] })).rejects.toMatchObject({
      code: 'db.unknown-label',
    })
  })

  test('what was dumped loads into another database, and is dumped again as it was', async () => {
    await some()
    await createTables('other', world)
    const path = join(folder, 'all.json.gz')
    await dump([], { output: path, secrets: true })
    await load([path], { database: 'other' })
    const before = await dump([], { secrets: true })
    expect(await dump([], { secrets: true, database: 'other' })).toEqual(before)
    expect(await using('other', () => Person.objects.filter({ visited__name: 'Paris' }).count())).toBe(1)
    expect((await using('other', () => Country.objects.create({ code: 'BE', name: 'Belgium' }))).id).toBe(2)
    expect(existsSync(`${path}.part`)).toBe(false)
  })
})
