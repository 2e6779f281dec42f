/** The atlas on a database server: made, loaded, served, and edited by HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, type Atlas, createAtlas, killed, SET_UP } from './atlas.ts'
import { Visitor } from './visitor.ts'

/** @param fresh   makes an empty database and gives its URL; `drop` removes it */
export function atlasOn(name: string, fresh: () => Promise<string>, drop: () => Promise<void>): void {
  describe(`the atlas on ${name}, from an empty folder and an empty database`, () => {
    let atlas: Atlas
    let visitor: Visitor
    let server: Awaited<ReturnType<Atlas['serve']>>

    beforeAll(async () => {
      atlas = createAtlas(await fresh())
      for (const command of SET_UP) {
        const { code, output } = await atlas.command(...command)
        expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, ''])
      }
      server = await atlas.serve()
      visitor = new Visitor(server.url)
    }, 120_000)
    afterAll(async () => {
      await atlas.remove()
      await drop()
    })

    test('there is nothing left to migrate or to load', async () => {
      expect((await atlas.command('migrate')).output).not.toContain('Applying')
      expect((await atlas.command('loadatlas')).output).toContain('loaded already')
      expect((await atlas.command('loadtrips')).output).toContain('loaded already')
    })

    test('answers on every kind of page', async () => {
      const start = await visitor.fetch('/')
      expect(start.body).toContain('250 countries')
      expect(start.body).toMatch(/135,\d{3} cities/)
      expect((await visitor.fetch('/?q=Paris')).body).toContain('France')
      const france = await visitor.fetch('/countries/france/')
      expect(france.body).toContain('French Republic')
      expect(france.body).toContain('Germany')
      const city = /href="(\/cities\/\d+\/)"/.exec(france.body)![1]!
      expect((await visitor.fetch(city)).status).toBe(200)
      const api = await visitor.fetch('/api/cities/?q=paris&country=fr')
      expect(JSON.parse(api.body).items[0]).toMatchObject({ name: 'Paris', country__code: 'FR' })
      expect((await visitor.fetch('/trips/bologna-milan-zurich/')).body).toContain('Zürich')
      expect((await visitor.fetch('/countries/atlantis/')).status).toBe(404)
    })

    test('an edit in the admin is in the history, and survives kill -9', async () => {
      expect((await visitor.submit('/admin/login/', { email: ADMIN.email, password: 'wrong' })).status).toBe(422)
      const login = await visitor.submit('/admin/login/', { email: ADMIN.email, password: ADMIN.password })
      expect([login.status, login.location]).toEqual([302, '/admin/'])
      const found = await visitor.fetch('/admin/geo/city/?q=Paris')
      const change = /href="(\/admin\/geo\/city\/\d+\/change\/)">Paris</.exec(found.body)![1]!
      const saved = await visitor.submit(change, { name: 'Paris, the city of light' })
      expect([saved.status, saved.location]).toEqual([302, '/admin/geo/city/'])
      const history = await visitor.fetch(change.replace('change', 'history'))
      expect(history.body).toContain('<ins>Paris, the city of light</ins>')

      await killed(server.process)
      server = await atlas.serve()
      visitor.url = server.url
      expect((await visitor.fetch(change)).body).toContain('value="Paris, the city of light"')
    })

    test('ends its work when asked to stop', async () => {
      const ended = new Promise((resolve) => server.process.once('exit', resolve))
      server.process.kill('SIGTERM')
      expect(await ended).toBe(0)
    })
  })
}
