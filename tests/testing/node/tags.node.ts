// Run by site.test.ts in a process of its own: `node --test`, as in a user's project.
import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { createSuperuser } from 'nuages/auth'
import { assertNumQueries, testSite } from 'nuages/testing'
import { Tag } from '../../admin/project/library/models.ts'
import settings from '../../admin/project/settings.ts'

const site = testSite(settings, runner)

runner.test('a page answers', async () => {
  assert.equal((await site.client.get('/admin/')).status, 302)
})

for (const round of [1, 2])
  runner.test(`rows of one test are not there in the next (${round})`, async () => {
    await assertNumQueries(1, async () => assert.equal(await Tag.objects.count(), 0))
    await Tag.objects.create({ slug: 'one', label: 'One' })
  })

runner.test('a form is sent by somebody who is signed in', async () => {
  await site.login(await createSuperuser({ email: 'root@example.org', password: null }))
  const sent = await site.client.post('/admin/library/tag/add/', { slug: 'a', label: 'A' }, { follow: true })
  assert.equal(sent.status, 200)
  assert.match(sent.body, /“A” was added\./)
})
