/** Queries that a project repeats: told once where they are looked for, on the debug page, in the log, as an error. */
import { createProject, defineApp, type ProjectMode, type Settings } from 'nuages'
import { allowRepeats, atomic, char, foreignKey, Model, reverse } from 'nuages/db'
import { respond, toFetch } from 'nuages/http'
import { renderTemplate } from 'nuages/templates'
import { routes } from 'nuages/urls'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { closeDatabases, database } from '../../src/db/internal.ts'
import { tableSpec } from '../../src/db/migrations/table-spec.ts'
import { isWatched } from '../../src/db/wrappers.ts'
import { formatAccess } from '../../src/http/access-log.ts'
import { canGenerate } from '../../src/std/codegen.ts'
import { folderWith } from './files.ts'

const secretKey = 'a key for tests that is long enough to be accepted'
class Room extends Model<Room>()({ name: char({ maxLength: 20 }), shelves: () => reverse(Shelf, 'room') }) {}
class Shelf extends Model<Shelf>()({
  name: char({ maxLength: 20 }),
  room: () => foreignKey(Room, { onDelete: 'cascade' }),
}) {}

const urls = routes({ loop: 'loop/', page: 'page/', fail: 'fail/', meant: 'meant/', fine: 'fine/' })
async function loop(): Promise<void> {
  for (const room of await Room.objects.all()) await room.shelves.all()
}
const views = {
  loop: urls.loop.view(async () => {
    await loop()
    return respond('ok')
  }),
  page: urls.page.view(async () => respond(String(await renderTemplate('page.html', { rooms: Room.objects.all() })))),
  fail: urls.fail.view(async () => {
    await loop()
    throw new Error('enough')
  }),
  meant: urls.meant.view(async () => {
    await allowRepeats('as it is meant', loop)
    return respond('ok')
  }),
  fine: urls.fine.view(async () => {
    for (const shelf of await Shelf.objects.all()) await shelf.room
    return respond('ok')
  }),
}

const told: string[] = []
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void told.push(text))
})
afterEach(() => {
  told.length = 0
  vi.restoreAllMocks()
})

async function make(more: Partial<Settings> = {}, mode: ProjectMode = 'development') {
  const root = folderWith({
    'templates/page.html': "{% extends 'base.html' %}\n{% block main %}\n{% include 'rooms.html' %}\n{% endblock %}",
    'templates/base.html': '<main>{% block main %}{% endblock %}</main>',
    'templates/rooms.html':
      '<ul>\n{% for room in rooms %}\n<li>{{ room.name }}:\n{% for shelf in room.shelves.all %}{{ shelf.name }}{% endfor %}</li>\n{% endfor %}\n</ul>',
  })
  const app = defineApp({ name: 'rooms', root, models: { Room, Shelf } })
  const settings = {
    ...{ root, secretKey, apps: [app], templateDirs: ['templates'], allowedHosts: ['localhost'] },
    databases: { default: 'sqlite::memory:' },
    urls: async () => ({ urls, views }),
    ...more,
  }
  const project = await createProject(settings as unknown as Settings, { mode, env: {} })
  onTestFinished(async () => {
    await project.close()
    await closeDatabases()
  })
  const db = database('default')
  for (const model of [Room, Shelf])
    for (const statement of db.backend.schema.createTable(tableSpec(db.backend, model.meta))) await db.exec(statement)
  await atomic(async () => {
    const rooms = await Room.objects.bulkCreate([1, 2, 3, 4, 5, 6].map((i) => ({ name: `room ${i}` })))
    await Shelf.objects.bulkCreate(rooms.map((room) => ({ name: `shelf of ${room.name}`, room })))
  })
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  onTestFinished(() => write.mockRestore())
  const fetch = toFetch(project.handler)
  return {
    ...{ project, lines },
    get: async (path: string, accept = 'text/html') => {
      const response = await fetch(new Request(`http://localhost${path}`, { headers: { accept } }))
      return { status: response.status, text: await response.text() }
    },
  }
}

test('development: once in the terminal, at every request in its line of the log', async () => {
  const { get, lines } = await make()
  expect((await get('/fine/')).text).toBe('ok')
  expect((await get('/meant/')).text).toBe('ok')
  expect(told).toEqual([])
  await get('/loop/')
  await get('/loop/')
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(
    /^Repeated query: 6 times from tests\/project\/repeats\.test\.ts:24 \(Room\.shelves\), [\d.]+ ms\n {2}reached from tests\/project\/repeats\.test\.ts:28\n {2}SELECT … FROM "rooms_shelf" .*\n {2}Read them with the rows: \.prefetchRelated\('shelves'\), on the query set of Room at tests\/project\/repeats\.test\.ts:24\.$/,
  )
  await vi.waitFor(() => expect(lines.join('')).toContain('/loop/'))
  expect(lines.join('').match(/repeated queries: 6× tests\/project\/repeats\.test\.ts:24/g)).toHaveLength(2)
  expect(lines.join('')).not.toMatch(/\/fine\/.*repeated/)
})

test('a loop in a template: the template and its line', async () => {
  const { get } = await make()
  expect((await get('/page/')).text).toContain('shelf of room 6')
  expect((await get('/page/')).text).toContain('shelf of room 6')
  expect(told).toHaveLength(1)
  // Where text may not become code, templates have no lines in the stack: it is the view that is told.
  if (!canGenerate()) {
    expect(told[0]).toContain('6 times from tests/project/repeats.test.ts:31 (Room.shelves)')
    return
  }
  expect(told[0]).toContain('6 times from rooms.html:4 (Room.shelves)')
  expect(told[0]).toContain('reached from page.html:3, base.html:1, tests/project/repeats.test.ts:31')
  expect(told[0]).toContain(".prefetchRelated('shelves'), on the query set of Room at rooms.html:2.")
})

test('the debug page shows them, as do its text and its JSON', async () => {
  const { get } = await make()
  const page = await get('/fail/')
  expect(page.status).toBe(500)
  expect(page.text).toContain('Queries in a loop')
  expect(page.text).toContain('tests/project/repeats.test.ts:24 · Room.shelves')
  expect(page.text).toContain('.prefetchRelated(&#x27;shelves&#x27;)')
  expect((await get('/fail/', 'text/plain')).text).toContain('×6 tests/project/repeats.test.ts:24 (Room.shelves)')
  const json = JSON.parse((await get('/fail/', 'application/json')).text)
  expect(json.error.repeats).toMatchObject([{ count: 6, about: 'Room.shelves' }])
})

test("action: 'error' throws where it happens, and the threshold is a setting", async () => {
  const { get, project } = await make({ repeatedQueries: { action: 'error', threshold: 3 } })
  const page = await get('/loop/')
  expect(page.status).toBe(500)
  expect(page.text).toContain('db.repeated-query')
  expect(page.text).toContain('The same query was sent 3 times from tests/project/repeats.test.ts:24')
  expect((await get('/meant/')).status).toBe(200)
  expect(told).toEqual([])
  await expect(project.work(loop)).rejects.toMatchObject({ code: 'db.repeated-query' })
})

test('work outside of requests, as that of a command', async () => {
  const { project } = await make()
  await project.work(loop)
  expect(told).toHaveLength(1)
  expect(told[0]).toContain('6 times from tests/project/repeats.test.ts:24')
})

test('production and action: off look for nothing', async () => {
  const production = await make({}, 'command')
  expect(isWatched()).toBe(false)
  await production.get('/loop/')
  await production.project.work(loop)
  await production.project.close()
  const off = await make({ repeatedQueries: { action: 'off' } }, 'test')
  expect(isWatched()).toBe(false)
  await off.get('/loop/')
  expect(told).toEqual([])
})

test('a project that is closed looks no longer', async () => {
  const { project } = await make({}, 'test')
  expect(isWatched()).toBe(true)
  await project.close()
  expect(isWatched()).toBe(false)
})

test('what is noted stays on its line of the log', () => {
  const entry = { method: 'GET', target: '/', status: 200, length: 1, duration: 1, clientIp: '::1', note: 'a\nb' }
  expect(formatAccess(entry, 'now')).toBe('now ::1 GET / 200 1 1.0ms  a\\x0ab')
})
