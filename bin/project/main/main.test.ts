import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { createSuperuser } from 'nuages/auth'
import { testSite } from 'nuages/testing'
import settings from '../settings.ts'
import { urls } from '../urls.ts'

/** Your site with an empty database of its own, which each test finds as if it were the first. */
const site = testSite(settings, runner)

runner.test('the first page answers, and a superuser finds the users in the admin', async () => {
  assert.equal((await site.client.get(urls.home())).status, 200)

  await site.login(await createSuperuser({ email: 'ada@example.org', password: null }))
  const list = await site.client.get(urls.admin.list({ app: 'main', model: 'user' }))
  assert.match(list.body, /ada@example\.org/)
})
