/** What holds under every runner: run by isolation.test.ts in vitest, and by isolation.node.ts under `node --test`. */
import assert from 'node:assert/strict'
import type * as nodeTest from 'node:test'
import { ContentType, contentTypeId, createUser, Permission } from 'nuages/auth'
import { atomic, onCommit } from 'nuages/db'
import { clock, type TestRunner, testSite } from 'nuages/testing'
import settings from '../project/settings.ts'
import { calls } from '../project/shop/app.ts'
import { Book, Customer, Order } from '../project/shop/models.ts'
import { sent } from '../project/shop/views.ts'

export type Runner = TestRunner & Pick<typeof nodeTest, 'test' | 'describe' | 'beforeEach' | 'afterEach'>

const titles = () => Book.objects.orderBy('title').valuesList('title', { flat: true })

export function isolation(runner: Runner): void {
  const { test, describe } = runner
  const site = testSite(settings, runner, {
    data: async () => void (await Book.objects.create({ title: 'Base', stock: 5 })),
  })
  let fromHook: Book
  runner.beforeEach(async () => {
    fromHook = await Book.objects.create({ title: 'Hook' })
  })
  // It runs before everything is undone: deleting here must not reach the rows all tests begin with.
  runner.afterEach(async () => {
    await Order.objects.all().delete()
    await Book.objects.all().delete()
  })

  for (const round of [1, 2, 3])
    test(`every test begins with the same rows, and those of beforeEach (${round})`, async () => {
      assert.deepEqual(await titles(), ['Base', 'Hook'])
      await Book.objects.create({ title: `Round ${round}` })
      await Book.objects.filter({ title: 'Base' }).update({ title: 'Changed' })
      await fromHook.delete()
    })

  const ids: number[] = []
  for (const round of [1, 2])
    test(`keys go on from the same place, but on servers, which give none twice (${round})`, async () => {
      const book = await Book.objects.create({ title: 'Keyed' })
      ids.push(book.id)
      assert.equal(ids[0], process.env.NUAGES_TEST_DATABASE ? ids[0] : book.id)
    })

  for (const round of [1, 2])
    test(`content types and permissions are found, and made anew where they were removed (${round})`, async () => {
      assert.equal(await Permission.objects.filter({ contentType__appLabel: 'shop', codename: 'add_order' }).count(), 1)
      const before = await contentTypeId(Order)
      await Permission.objects.all().delete()
      await ContentType.objects.all().delete()
      await Customer.objects.all().delete()
      await ContentType.objects.create({ appLabel: 'other', model: `round${round}` })
      assert.equal(await contentTypeId(Order), before) // known: asked for only once
      assert.ok((await contentTypeId(Customer)) > 0)
    })

  test('a content type made by a test is not remembered after it', async () => {
    const { id } = await ContentType.objects.get({ appLabel: 'shop', model: 'customer' })
    assert.equal(await contentTypeId(Customer), id)
  })

  test('callbacks of onCommit run when the outermost block of the test ends', async () => {
    const order: string[] = []
    await atomic(async () => {
      await atomic(async () => void (await onCommit(() => order.push('inner'))))
      await onCommit(() => order.push('outer'))
      order.push('block')
    })
    assert.deepEqual(order, ['block', 'inner', 'outer'])
    await assert.rejects(
      atomic(async () => {
        await onCommit(() => order.push('never'))
        throw new Error('back')
      }),
      /back/,
    )
    await onCommit(() => order.push('at once'))
    assert.deepEqual(order.slice(3), ['at once'])
  })

  test('a view’s block is committed for the test, or rolled back', async () => {
    sent.length = 0
    const book = await Book.objects.get({ title: 'Base' })
    assert.equal((await site.client.post(`/books/${book.id}/buy/`)).body, 'sold')
    assert.deepEqual(sent, ['Base'])
    assert.equal((await site.client.post(`/books/${book.id}/buy/?fail=1`)).status, 503)
    assert.deepEqual(sent, ['Base'])
    await book.refresh()
    assert.deepEqual([book.stock, await Order.objects.count()], [4, 1])
  })

  describe('a group with rows of its own', () => {
    let own: Book
    site.data(async () => {
      own = await Book.objects.create({ title: 'Group' })
    })
    for (const round of [1, 2])
      test(`has them in every test (${round})`, async () => {
        assert.deepEqual(await titles(), ['Base', 'Group', 'Hook'])
        await Book.objects.filter({ id: own.id }).delete()
      })
    describe('and a group in it', () => {
      site.data(async () => void (await Book.objects.create({ title: 'Inner' })))
      test('has both', async () => assert.deepEqual(await titles(), ['Base', 'Group', 'Hook', 'Inner']))
    })
    test('of which nothing is left', async () => assert.deepEqual(await titles(), ['Base', 'Group', 'Hook']))
  })

  test('after the group its rows are gone', async () => assert.deepEqual(await titles(), ['Base', 'Hook']))

  test('cookies, time and who is signed in are the test’s (1)', async () => {
    await site.login(await createUser({ email: 'ada@example.org', password: null }))
    await site.client.get('/visits/')
    clock.stop('2031-01-01')
    assert.equal(site.client.cookies.size, 1)
  })
  test('cookies, time and who is signed in are the test’s (2)', async () => {
    assert.equal((await site.client.get('/who/')).body, 'null')
    assert.equal(site.client.cookies.size, 0)
    assert.ok(new Date().getFullYear() < 2031)
  })

  test('apps are made ready once, however often settings change', async () => {
    await site.withSettings({ language: 'fr' }, async (client) => void (await client.get('/who/')))
    assert.equal(calls.ready, 1)
  })
}
