/** `node:test` alone has tests that tests start. */
import assert from 'node:assert/strict'
import * as runner from 'node:test'
import { clock, testSite } from 'nuages/testing'
import settings from '../project/settings.ts'
import { Book } from '../project/shop/models.ts'

const site = testSite(settings, runner, { databases: process.env.DATABASES as 'file' })
const titles = () => Book.objects.orderBy('title').valuesList('title', { flat: true })

runner.test('a test goes on where it was before the tests it starts', async (context) => {
  await Book.objects.create({ title: 'Outer' })
  clock.stop('2031-01-01')
  const { client } = site
  client.cookies.set('outer', '1')
  for (const name of ['one', 'two'])
    await context.test(name, async (inner) => {
      assert.deepEqual(await titles(), ['Outer'])
      assert.equal(new Date().getFullYear(), 2031)
      assert.notEqual(site.client, client)
      clock.advance({ days: 400 })
      await Book.objects.create({ title: 'Inner' })
      await inner.test('deeper', async () => {
        assert.deepEqual(await titles(), ['Inner', 'Outer'])
        await Book.objects.all().delete()
      })
      assert.deepEqual(await titles(), ['Inner', 'Outer'])
    })
  assert.deepEqual(await titles(), ['Outer'])
  assert.equal(new Date().getFullYear(), 2031)
  assert.equal(site.client, client)
})

runner.test('the next one finds nothing of all that', async () => {
  assert.deepEqual(await titles(), [])
  assert.ok(new Date().getFullYear() < 2031)
})
