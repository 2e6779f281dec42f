/** A process that does one of the large things, once: `scale-process.ts WORK URL COUNT`. Its answer is a number. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createProject } from 'nuages'
import { Q, type QueryWrapper, wrapQueries } from 'nuages/db'
import settings from '../site/settings.ts'

const [what = '', url = '', count = '0'] = process.argv.slice(2)
const many = Number(count)
const project = await createProject(settings, { env: { ...process.env, DATABASE_URL: url } })
const { Author, Book } = await import('../site/library/models.ts')

const megabytes = (bytes: number): number => bytes / 2 ** 20

/** A query set of a shape of its own: every bit of `i` is one of two conditions. */
function shaped(i: number) {
  let books = Book.objects.filter({ id: 1 })
  for (let bit = 0; bit < 17; bit++) books = books.filter((i >> bit) & 1 ? { pages__gte: 0 } : { stock__gte: 0 })
  return books
}

const works: Readonly<Record<string, () => Promise<number>>> = {
  /** Most memory of the process while it reads every author, MB. */
  async iterate() {
    let read = 0
    for await (const author of Author.objects.orderBy('id').iterator()) if (author.id > 0) read++
    if (read !== many) throw new Error(`${read} rows were read, not ${many}.`)
    return process.resourceUsage().maxRSS / 1024
  },
  /**
   * What the heap grew by from the second quarter of so many query shapes to the last, MB. Of each quarter the least of ten
   * looks: caches are emptied in rounds of different lengths, and a single look tells where they are in them.
   */
  async shapes() {
    const looks: number[] = []
    for (let i = 1; i <= many; i++) {
      if ((await shaped(i).count()) !== 1) throw new Error('The book is gone.')
      if (i % Math.floor(many / 40) === 0) {
        await nextTurn() // what the collector has to tell is told between turns
        globalThis.gc!()
        looks.push(megabytes(process.memoryUsage().heapUsed))
      }
    }
    return Math.min(...looks.slice(30, 40)) - Math.min(...looks.slice(10, 20))
  },
  /** Different texts sent for lists of 1 to so many keys. */
  async lists() {
    const texts = new Set<string>()
    const note: QueryWrapper = (query, execute) => {
      texts.add(query.sql)
      return execute()
    }
    const keys = Array.from({ length: many }, (_, i) => i + 1)
    await wrapQueries(note, async () => {
      for (let length = 1; length <= many; length++) {
        await Book.objects.filter({ id__in: keys.slice(0, length) }).count()
        await Book.objects.filter(Q({ author__in: keys.slice(0, length) })).count()
      }
    })
    return texts.size / 2 // of two questions
  },
  /** A get by pk, one after another: microseconds by the clock. */
  async gets() {
    for (let i = 0; i < many; i++) await Book.objects.get({ id: 1 + (i % 1000) })
    const start = performance.now()
    for (let i = 0; i < many; i++) await Book.objects.get({ id: 1 + (i % 1000) })
    return ((performance.now() - start) * 1000) / many
  },
}

const answer = await works[what]!()
process.on('disconnect', async () => {
  await project.close()
  process.exit(0)
})
process.send!(answer)
