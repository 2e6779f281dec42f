/** TX-09: how much a block sees of others. */
import { atomic } from 'nuages/db'
import { expect, test } from 'vitest'
import { Company } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

test.each(['read committed', 'repeatable read', 'serializable'] as const)(
  'a block may ask for %s',
  async (isolation) => {
    await atomic(() => Company.objects.create({ name: 'Selmer' }), { isolation })
    expect(await Company.objects.count()).toBe(1)
  },
)

test('an inner block may not, and a level that there is not is told', async () => {
  await atomic(async () => {
    await expect(atomic(() => Company.objects.count(), { isolation: 'serializable' })).rejects.toMatchObject({
      code: 'db.nested-isolation',
    })
  })
  // @ts-expect-error a word that is no level, as plain JavaScript may give it
  await expect(atomic(() => Company.objects.count(), { isolation: 'none; DROP TABLE x' })).rejects.toMatchObject({
    code: 'db.invalid-option',
    message: expect.stringContaining('none; DROP TABLE x'),
  })
})

test('a repeatable read sees one moment', async () => {
  const count = () => Company.objects.count()
  const written = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const block = atomic(
    async () => {
      const before = await count()
      begun.resolve()
      await Promise.race([written.promise, new Promise((resolve) => setTimeout(resolve, 50))]) // SQLite's writer waits
      return [before, await count()]
    },
    { isolation: 'repeatable read' },
  )
  await begun.promise
  await Company.objects.create({ name: 'meanwhile' })
  written.resolve()
  expect(await block).toEqual([0, 0])
  expect(await count()).toBe(1)
})
