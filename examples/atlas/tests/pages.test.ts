import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { createUser } from 'nuages/auth'
import { Temporal } from 'nuages/db'
import { assertNumQueries, testSite } from 'nuages/testing'
import { City, Country } from '../geo/models.ts'
import settings from '../settings.ts'
import { Leg, Trip } from '../trips/models.ts'
import { somePlaces } from './places.ts'

const { test, describe } = runner
const site = testSite(settings, runner, { data: somePlaces, settings: { repeatedQueries: { action: 'error' } } })

test('the home page counts places and lists the largest cities', async () => {
  const { body } = await site.client.get('/')
  assert.match(body, /3 cities in 2 countries/)
  assert.ok(body.indexOf('Paris') < body.indexOf('Brussels'))
})

describe('search', () => {
  const search = async (q: string) => (await site.client.get('/', { query: { q } })).body

  test('finds cities and countries by a part of their name', async () => {
    const body = await search('par')
    assert.match(body, /2 cities found/)
    assert.match(body, />Paris</)
    assert.match(body, />Parigny</)
    assert.match(await search('belg'), /href="\/countries\/belgium\/"/)
  })

  test('says so when it finds nothing, and shows what was typed as text', async () => {
    assert.match(await search('<b>Atlantis</b>'), /“&lt;b&gt;Atlantis&lt;\/b&gt;”/)
    assert.match(await search('Atlantis'), /No city and no country/)
  })
})

describe('a country', () => {
  test('shows its neighbours, its languages and what its people pay with', async () => {
    const { body } = await site.client.get('/countries/france/')
    for (const text of ['French Republic', 'Belgium', 'French', 'Euro (€)', '2,140,151'])
      assert.ok(body.includes(text), text)
  })

  test('of no cities is a page, too', async () => {
    await City.objects.all().delete()
    assert.equal((await site.client.get('/countries/france/')).status, 200)
  })

  test('that does not exist is not found', async () => {
    assert.equal((await site.client.get('/countries/atlantis/')).status, 404)
  })
})

test('a city costs three queries, however many others there are', async () => {
  const paris = await City.objects.get({ name: 'Paris' })
  const { body } = await assertNumQueries(3, () => site.client.get(paris.absoluteUrl()))
  assert.match(body, /Capital in/)
  assert.match(body, /Parigny/)
})

describe('a trip', () => {
  const plan = async (status: 'draft' | 'planned') => {
    const owner = await createUser({ email: 'ada@example.org', password: null, isStaff: true })
    const dates = { startsOn: Temporal.PlainDate.from('2026-05-01'), endsOn: Temporal.PlainDate.from('2026-05-03') }
    const trip = await Trip.objects.create({ name: 'North', slug: 'north', status, owner, ...dates })
    const [paris, brussels] = await City.objects.filter({ name__in: ['Paris', 'Brussels'] }).orderBy('-name')
    await Leg.objects.create({ trip, fromCity: paris!, toCity: brussels! })
    return { trip, owner }
  }

  test('shows its way and is listed', async () => {
    const { trip } = await plan('planned')
    assert.match((await site.client.get('/trips/')).body, /href="\/trips\/north\/"/)
    const { body } = await site.client.get(trip.absoluteUrl())
    assert.match(body, /3 days/)
    assert.match(body, />Paris<[\s\S]*>Brussels</)
  })

  test('that is a draft is seen by staff only', async () => {
    const { trip, owner } = await plan('draft')
    assert.doesNotMatch((await site.client.get('/trips/')).body, /north/)
    assert.equal((await site.client.get(trip.absoluteUrl())).status, 404)
    await site.login(owner)
    assert.equal((await site.client.get(trip.absoluteUrl())).status, 200)
  })

  test('does not end before it starts', async () => {
    const { trip } = await plan('planned')
    trip.endsOn = Temporal.PlainDate.from('2026-04-30')
    await assert.rejects(trip.fullClean(), /ends after it starts/)
  })
})

describe('the JSON endpoint', () => {
  interface Answer {
    readonly count: number
    readonly pages: number
    readonly items: readonly { readonly name: string }[]
  }
  const ask = async (query: Record<string, string>) => (await site.client.get('/api/cities/', { query })).json<Answer>()

  test('filters by name and country, the largest first', async () => {
    const { count, items } = await ask({ q: 'par', country: 'fr' })
    assert.equal(count, 2)
    assert.deepEqual(
      items.map(({ name }) => name),
      ['Paris', 'Parigny'],
    )
    assert.equal((await ask({ q: 'par', country: 'BE' })).count, 0)
  })

  test('gives fifty a page', async () => {
    const country = await Country.objects.get({ code: 'FR' })
    const many = Array.from({ length: 60 }, (_, i) => ({
      name: `Ville ${i}`,
      latitude: 0,
      longitude: 0,
      geonamesId: i,
    }))
    await City.objects.bulkCreate(many.map((city) => ({ ...city, country })))
    const { pages, items } = await ask({ q: 'ville', page: '2' })
    assert.deepEqual([pages, items.length], [2, 10])
  })
})
