import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { testSite } from 'nuages/testing'
import settings from '../settings.ts'
import { urls } from './urls.ts'

const site = testSite(settings, runner)

runner.test('the first page of example answers', async () => {
  assert.equal((await site.client.get(urls.index())).status, 200)
})
