import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { createSuperuser, createUser } from 'nuages/auth'
import { testSite } from 'nuages/testing'
import { City } from '../geo/models.ts'
import settings from '../settings.ts'
import { somePlaces } from './places.ts'

const { test } = runner
const site = testSite(settings, runner, { data: somePlaces, settings: { repeatedQueries: { action: 'error' } } })

test('visitors are asked to sign in', async () => {
  const { location } = await site.client.get('/admin/geo/city/')
  assert.equal(location, '/admin/login/?next=%2Fadmin%2Fgeo%2Fcity%2F')
})

test('who is no staff may not enter', async () => {
  await site.login(await createUser({ email: 'ada@example.org', password: null }))
  assert.notEqual((await site.client.get('/admin/')).status, 200)
})

test('a city is found, changed, and the change is in its history', async () => {
  await site.login(await createSuperuser({ email: 'root@example.org', password: null }))
  const list = await site.client.get('/admin/geo/city/', { query: { q: 'brussels' } })
  assert.match(list.body, /Brussels/)
  assert.doesNotMatch(list.body, /Parigny/)

  const city = await City.objects.get({ name: 'Brussels' })
  const page = `/admin/geo/city/${city.id}`
  const { kind, latitude, longitude, geonamesId } = city
  const form = { name: 'Bruxelles', country: city.countryId, kind, latitude, longitude, geonamesId }
  const saved = await site.client.post(`${page}/change/`, form, { follow: true })
  assert.match(saved.body, /“Bruxelles” was saved/)
  assert.equal((await City.objects.get({ id: city.id })).name, 'Bruxelles')
  assert.match((await site.client.get(`${page}/history/`)).body, /Name/)
})
