import { expect, test } from 'vitest'
import { Author } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

test('QS-01: Book.objects itself keeps no rows: it lives as long as the process', async () => {
  expect(await Author.objects).toEqual([])
  await Author.objects.create({ name: 'Django' })
  expect(await Author.objects).toHaveLength(1)
  expect(await Author.objects.count()).toBe(1)
  expect(await Author.objects.exists()).toBe(true)
})

test('a query set made from it is asked once', async () => {
  const all = Author.objects.all()
  expect(await all).toEqual([])
  await Author.objects.create({ name: 'Django' })
  expect(await all).toEqual([])
  expect(await all.all()).toHaveLength(1)
})
