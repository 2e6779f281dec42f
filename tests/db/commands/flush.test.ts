import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postMigrate } from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import dbshell, { clientOf } from '../../../src/db/commands/dbshell.ts'
import flush from '../../../src/db/commands/flush.ts'
import sqlflush from '../../../src/db/commands/sqlflush.ts'
import sqlsequencereset from '../../../src/db/commands/sqlsequencereset.ts'
import { configureRouters, database } from '../../../src/db/internal.ts'
import { engine } from '../backends/fresh.ts'
import { freshTables } from '../query/setup.ts'
import { City, Country, Person, world } from '../serializers/models.ts'

freshTables(world)

async function call(command: { run(context: never): unknown }, options: object = {}, args: object = {}) {
  const out = captureOutput()
  const project = { apps: { apps: [world] } }
  const code = await command.run({
    args,
    options: { database: 'default', noInput: true, ...options },
    out,
    project,
  } as never) // no more is read
  return { code, text: out.text }
}

describe('flush', () => {
  test('empties every table whatever refers to what, and tells apps', async () => {
    const told: string[] = []
    const stop = postMigrate.connect(({ alias }) => void told.push(alias))
    const france = await Country.objects.create({ code: 'FR', name: 'France' })
    const paris = await City.objects.create({ name: 'Paris', country: france })
    await (await Person.objects.create({ fullName: 'Ada', home: paris })).visited.add(paris)
    expect(await call(flush)).toEqual({ code: 0, text: expect.stringContaining('tables are empty') })
    stop()
    expect(told).toEqual(['default'])
    expect([await Country.objects.count(), await City.objects.count(), await Person.objects.count()]).toEqual([0, 0, 0])
    const { id } = await Country.objects.create({ code: 'BE', name: 'Belgium' })
    // Only MariaDB goes on counting.
    expect(id).toBe(engine.name === 'MariaDB' ? 2 : 1)
  })

  test('MDB-02: leaves alone what routers keep out of the database', async () => {
    await Country.objects.create({ code: 'FR', name: 'France' })
    configureRouters([{ allowMigrate: (_alias, _app, { model }) => model !== 'Seat' }])
    try {
      await database().exec('DROP TABLE world_seat')
      expect((await call(flush)).code).toBe(0)
      expect((await call(sqlflush)).text).not.toContain('world_seat')
      expect((await call(sqlsequencereset, {}, { labels: [] })).text).not.toContain('world_seat')
    } finally {
      configureRouters([])
    }
    expect(await Country.objects.count()).toBe(0)
  })

  test('nobody is asked where nobody is there', async () => {
    await Country.objects.create({ code: 'FR', name: 'France' })
    await expect(call(flush, { noInput: false })).rejects.toMatchObject({ code: 'db.not-confirmed' })
    expect(await Country.objects.count()).toBe(1)
  })

  test('sqlflush and sqlsequencereset print what can be run', async () => {
    await Country.objects.create({ id: 40, code: 'FR', name: 'France' })
    const statements = async (command: typeof sqlflush | typeof sqlsequencereset) =>
      (await call(command, {}, { labels: [] })).text.split('\n').filter(Boolean)
    for (const statement of await statements(sqlsequencereset)) await database('default').exec(statement)
    expect((await Country.objects.create({ code: 'BE', name: 'Belgium' })).id).toBe(41)
    for (const statement of await statements(sqlflush)) await database('default').exec(statement)
    expect(await Country.objects.count()).toBe(0)
  })
})

describe('dbshell', () => {
  let folder: string
  const { PATH } = process.env
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nuages-shell-'))
    process.env.PATH = folder
  })
  afterEach(() => {
    process.env.PATH = PATH
    rmSync(folder, { recursive: true, force: true })
  })

  test('starts the client, gives it the words behind, and ends as it does', async () => {
    const { config, backend } = database('default')
    const client = clientOf(backend.name, config)
    if (client === null) {
      expect(engine.name).toBe('PGlite') // a server in this process, which nothing else can reach
      return
    }
    for (const program of client.programs) {
      writeFileSync(
        join(folder, program),
        `#!/bin/sh\nfor word in "$@"; do echo "$word"; done > ${folder}/words\nexit 3\n`,
      )
      chmodSync(join(folder, program), 0o755)
    }
    expect(await call(dbshell, {}, { words: ['-x', 'two words'] })).toMatchObject({ code: 3 })
    expect(readFileSync(join(folder, 'words'), 'utf8').trim().split('\n')).toEqual([...client.words, '-x', 'two words'])
  })

  test('a client that is not installed is named', async () => {
    await expect(call(dbshell, {}, { words: [] })).rejects.toMatchObject({ code: 'db.no-client' })
  })

  test('passwords are never among the words, which everybody on the machine sees; a pooler is passed by', () => {
    const config = (url: string, options = {}) => ({ engine: '', url, options })
    expect(clientOf('sqlite', config('sqlite:/var/x.sqlite3'))).toMatchObject({
      programs: ['sqlite3'],
      words: ['/var/x.sqlite3'],
    })
    expect(
      clientOf(
        'postgres',
        config('postgres://ada:h%40sh@db:5433/shop?poolSize=3&sslmode=verify-full', { searchPath: 'a, b', ssl: true }),
      ),
    ).toEqual({
      programs: ['psql'],
      words: ['postgres://ada@db:5433/shop?sslmode=verify-full'],
      environment: { PGPASSWORD: 'h@sh', PGOPTIONS: '-c search_path=a,\\ b', PGSSLMODE: 'require' },
    })
    const past = { pooler: 'transaction', directUrl: 'postgres://ada:h%40sh@db/shop' }
    expect(clientOf('postgres', config('postgres://ada@pooler:6432/shop', past))).toEqual({
      programs: ['psql'],
      words: ['postgres://ada@db/shop'],
      environment: { PGPASSWORD: 'h@sh' },
    })
    expect(clientOf('mysql', config('mysql://ada:h%40sh@[::1]:3307/shop'))).toEqual({
      programs: ['mariadb', 'mysql'],
      words: ['--host=::1', '--port=3307', '--user=ada', '--default-character-set=utf8mb4', '--database=shop'],
      environment: { MYSQL_PWD: 'h@sh' },
    })
    expect(clientOf('pglite', config('pglite:./x'))).toBeNull()
    // Option injection: a database called like an option is a database all the same.
    expect(clientOf('mysql', config('mysql://db/--init-command=x'))!.words.at(-1)).toBe('--database=--init-command=x')
    expect(clientOf('sqlite', config('sqlite:-init'))!.words[0]).toMatch(/^\/.*-init$/)
    expect(clientOf('postgres', config('postgres://db/--command=x'))!.words[0]).toMatch(/^postgres:/)
  })
})
