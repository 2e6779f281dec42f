import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, createAtlas, killed, memoryOf, SET_UP } from './atlas.ts'
import { Visitor } from './visitor.ts'

describe('the atlas, from an empty folder', () => {
  const atlas = createAtlas()
  let visitor: Visitor
  let server: Awaited<ReturnType<typeof atlas.serve>>

  beforeAll(async () => {
    for (const command of SET_UP) {
      const { code, output } = await atlas.command(...command)
      expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, ''])
    }
    server = await atlas.serve()
    visitor = new Visitor(server.url)
  }, 120_000)
  afterAll(() => atlas.remove())

  test('loads every country and city once', async () => {
    const again = await atlas.command('loadatlas')
    expect(again.output).toContain('loaded already')
    const { body } = await visitor.fetch('/')
    expect(body).toContain('250 countries')
    expect(body).toMatch(/135,\d{3} cities/)
  })

  test('loads the same trips once', async () => {
    expect((await atlas.command('loadtrips')).output).toContain('loaded already')
    const { body } = await visitor.fetch('/trips/')
    const trip = /href="(\/trips\/[^"/]+\/)"/.exec(body)![1]!
    expect(trip).toBe('/trips/bologna-milan-zurich/')
    expect((await visitor.fetch(trip)).body).toContain('Zürich')
  })

  test('answers on every kind of page', async () => {
    const search = await visitor.fetch('/?q=Paris')
    expect(search.status).toBe(200)
    expect(search.body).toContain('France')
    const france = await visitor.fetch('/countries/france/')
    expect(france.body).toContain('French Republic')
    expect(france.body).toContain('Germany')
    const city = /href="(\/cities\/\d+\/)"/.exec(france.body)![1]!
    expect((await visitor.fetch(city)).status).toBe(200)
    const api = await visitor.fetch('/api/cities/?q=paris&country=fr')
    expect(JSON.parse(api.body).items[0]).toMatchObject({ name: 'Paris', country__code: 'FR' })
    expect((await visitor.fetch('/countries/atlantis/')).status).toBe(404)
    const css = /href="(\/static\/geo\/atlas[^"]*\.css)"/.exec(france.body)![1]!
    const style = await visitor.fetch(css)
    expect([style.status, style.headers.get('cache-control')]).toEqual([200, expect.stringContaining('immutable')])
  })

  test('an edit in the admin is in the history, and survives kill -9', async () => {
    expect((await visitor.fetch('/admin/')).location).toContain('/admin/login/')
    expect((await visitor.submit('/admin/login/', { email: ADMIN.email, password: 'wrong' })).status).toBe(422)
    const login = await visitor.submit('/admin/login/', { email: ADMIN.email, password: ADMIN.password })
    expect([login.status, login.location]).toEqual([302, '/admin/'])

    const found = await visitor.fetch('/admin/geo/city/?q=Paris')
    expect(found.body).toContain('>Paris</a>')
    const change = /href="(\/admin\/geo\/city\/\d+\/change\/)">Paris</.exec(found.body)![1]!
    const saved = await visitor.submit(change, { name: 'Paris, the city of light' })
    expect([saved.status, saved.location]).toEqual([302, '/admin/geo/city/'])
    const history = await visitor.fetch(change.replace('change', 'history'))
    expect(history.body).toContain('Changed name')
    expect(history.body).toContain('<ins>Paris, the city of light</ins>')

    await killed(server.process)
    server = await atlas.serve()
    visitor.url = server.url
    const after = await visitor.fetch(change)
    expect(after.body).toContain('value="Paris, the city of light"')
  })

  test('takes less than 200 MB after a few hundred pages', async () => {
    for (let i = 0; i < 300; i++) await visitor.fetch(i % 3 ? '/admin/geo/city/' : '/countries/france/')
    expect(memoryOf(server.process)).toBeLessThan(200)
  })

  test('ends its work when asked to stop', async () => {
    const ended = new Promise((resolve) => server.process.once('exit', resolve))
    server.process.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
