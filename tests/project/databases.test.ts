/** What a project does with its databases around a request: transactions of views, replicas. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProject, type Settings } from 'nuages'
import { toFetch } from 'nuages/http'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { database } from '../../src/db/internal.ts'
import { tableSpec } from '../../src/db/migrations/table-spec.ts'
import { app, Note, ran, urls } from './requests/app.ts'

beforeEach(() => {
  ran.length = 0
  vi.spyOn(console, 'error').mockReturnValue() // errors of views that are meant to fail
})
afterEach(() => vi.restoreAllMocks())

const base: Settings = {
  secretKey: 'a key for tests that is long enough to be accepted',
  allowedHosts: ['localhost'],
  apps: [app],
  urls: async () => ({ urls }),
}

/** A project over files, each with the table. Its errors are expected: they are not printed. */
async function make(databases: (file: (name: string) => string) => Settings['databases']) {
  const folder = mkdtempSync(join(tmpdir(), 'nuages-requests-'))
  const written = databases((name) => `sqlite:${join(folder, name)}`)!
  const project = await createProject({ ...base, root: folder, databases: written }, { mode: 'test', env: {} })
  onTestFinished(async () => {
    await project.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const alias of Object.keys(written)) {
    const db = database(alias)
    for (const statement of db.backend.schema.createTable(tableSpec(db.backend, Note.meta))) await db.exec(statement)
  }
  const fetch = toFetch(project.handler)
  return async (path: string) => {
    const response = await fetch(new Request(`http://localhost/${path}/`))
    return { status: response.status, text: await response.text() }
  }
}

const notes = (alias = 'default') => Note.objects.using(alias).orderBy('id').valuesList('text', { flat: true })

describe('TX-06: atomicRequests', () => {
  test('a view that throws leaves nothing; callbacks wait for the commit', async () => {
    const get = await make((file) => ({ default: { url: file('one'), atomicRequests: true } }))
    expect((await get('write')).status).toBe(200)
    expect([await notes(), ran]).toEqual([['written'], ['committed']])
    expect((await get('fail')).status).toBe(500)
    expect([await notes(), ran]).toEqual([['written'], ['committed']])
    expect((await get('write')).status).toBe(200)
    expect(await notes()).toEqual(['written', 'written'])
  })

  test('a response with any status is no failure', async () => {
    const get = await make((file) => ({ default: { url: file('one'), atomicRequests: true } }))
    expect((await get('status')).status).toBe(422)
    expect(await notes()).toEqual(['kept'])
  })

  test('nonAtomicRequests keeps a view out of it, among other guards too', async () => {
    const get = await make((file) => ({ default: { url: file('one'), atomicRequests: true } }))
    expect((await get('free')).status).toBe(500)
    expect(await notes()).toEqual(['kept'])
  })

  test('it is per database', async () => {
    const only = await make((file) => ({
      default: { url: file('one'), atomicRequests: true },
      second: file('two'),
    }))
    await only('both')
    expect([await notes(), await notes('second')]).toEqual([[], ['two']])
    const both = await make((file) => ({
      default: { url: file('one'), atomicRequests: true },
      second: { url: file('two'), atomicRequests: true },
    }))
    await both('both')
    expect([await notes(), await notes('second')]).toEqual([[], []])
  })

  test('without it a view that throws keeps what it wrote', async () => {
    const get = await make((file) => ({ default: file('one') }))
    expect((await get('fail')).status).toBe(500)
    expect(await notes()).toEqual(['lost'])
  })
})

describe('MDB-04: replicas', () => {
  test('a request reads a replica until it writes; the next one reads a replica again', async () => {
    const get = await make((file) => ({ default: { url: file('one'), replicas: ['copy'] }, copy: file('two') }))
    await Note.objects.using('copy').bulkCreate([{ text: 'a' }, { text: 'b' }])
    expect((await get('counted')).text).toBe('2 1 1')
    expect((await get('counted')).text).toBe('2 2 2')
    expect((await get('inside')).text).toBe('2')
    expect(await Note.objects.count()).toBe(2)
  })

  test('what a replica is called must be there', async () => {
    await expect(make((file) => ({ default: { url: file('one'), replicas: ['copi'] } }))).rejects.toThrow(
      'databases.default.replicas = "copi": must name other databases of the settings.',
    )
    await expect(make((file) => ({ default: { url: file('one'), replikas: ['x'] } as never }))).rejects.toThrow(
      'Did you mean "databases.default.replicas"?',
    )
  })
})

describe('MDB-04: in tests', () => {
  const site = testSite(
    {
      ...base,
      databases: {
        default: { url: 'sqlite:./none.sqlite3', replicas: ['copy'], atomicRequests: true },
        copy: 'sqlite:./none-either.sqlite3',
        reports: { url: 'sqlite:./nor-this.sqlite3', testMirror: 'default' },
      },
    },
    runner,
  )

  test('replicas and mirrors are other names of one database, and its transaction is undone', async () => {
    await Note.objects.create({ text: 'a' })
    expect([await notes('copy'), await notes('reports')]).toEqual([['a'], ['a']])
    const response = await site.client.get('/counted/')
    expect(response.body).toBe('1 2 2')
  })

  test('nothing of the test before is left, and atomicRequests counts', async () => {
    expect([await notes(), await notes('copy')]).toEqual([[], []])
    await expect(site.client.get('/fail/')).rejects.toThrow('of the view')
    expect(await notes()).toEqual([])
  })
})
