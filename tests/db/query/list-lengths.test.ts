/** Lists of any length are few statements, so that what is kept of each is bounded. */
import { expect, test } from 'vitest'
import { Book } from './models.ts'
import { freshTables, watched } from './setup.ts'

freshTables()

/** How many texts are sent for lists of 1 to `most` values. */
async function textsOf(most: number, ask: (list: number[]) => PromiseLike<unknown>): Promise<number> {
  const list = Array.from({ length: most }, (_, i) => i + 1)
  const texts = new Set<string>()
  for (let length = 1; length <= most; length = length < 40 ? length + 1 : Math.ceil(length * 1.37)) {
    const { sql } = await watched(() => ask(list.slice(0, length)))
    expect(sql.length).toBeGreaterThan(0)
    for (const text of sql) texts.add(text)
  }
  return texts.size
}

test.each([
  ['in', (list: number[]) => Book.objects.filter({ id__in: list }).list()],
  ['not in', (list: number[]) => Book.objects.exclude({ id__in: list }).count()],
  ['in of another table', (list: number[]) => Book.objects.filter({ author__in: list, tags__in: ['x'] }).exists()],
  ['inBulk()', (list: number[]) => Book.objects.inBulk(list)],
  ['update()', (list: number[]) => Book.objects.filter({ id__in: list }).update({ pages: 1 })],
] as const)('%s of 1 to 5,000 values is one statement', { timeout: 60_000 }, async (_, ask) => {
  expect(await textsOf(5000, ask)).toBe(1)
})
