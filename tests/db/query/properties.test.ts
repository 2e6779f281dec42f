/**
 * Random filters, excludes, orders and annotations over nullable columns and relations to many rows, against the same
 * rows in memory. What a condition means there is said once, in `holds`: a filter() asks for one row of each relation (or
 * none, where there are none) for which all of it is true; an exclude() asks of each condition alone.
 */
import fc from 'fast-check'
import { Count, Max, Q, Sum } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Author, Book, Chapter, Tag } from './models.ts'
import { freshTables } from './setup.ts'

freshTables()

const RUNS = process.env.NUAGES_LONG === undefined ? 50 : 3000

interface ChapterRow {
  readonly number: number
  readonly next: { readonly number: number } | null
}
interface BookRow {
  readonly id: number
  readonly pages: number
  readonly price: number | null
  readonly editor: { readonly birthYear: number | null } | null
  readonly chapters: readonly ChapterRow[]
  readonly tags: readonly { readonly slug: string }[]
}
let rows: BookRow[]

/** A library with every case: none, one and several of each, nulls everywhere they may be. */
beforeEach(async () => {
  const editors = [
    await Author.objects.create({ name: 'a', birthYear: 1 }),
    await Author.objects.create({ name: 'b', birthYear: null }),
    await Author.objects.create({ name: 'c', birthYear: 2 }),
  ]
  const tags = await Tag.objects.bulkCreate(['x', 'y', 'z'].map((slug) => ({ slug })))
  rows = []
  for (let i = 0; i < 14; i++) {
    const price = [null, 1, 2, 3][i % 4]!
    const editor = [null, ...editors][(i * 3) % 4] ?? null
    const pages = i % 3
    const book = await Book.objects.create({
      title: `t${i}`,
      pages,
      price: price === null ? null : String(price),
      author: editors[0]!,
      editor,
    })
    const chapters: { row: ChapterRow; made: Chapter }[] = []
    for (let n = 0; n < [0, 1, 2, 3, 1][i % 5]!; n++) {
      const next = n > 0 && i % 2 === 0 ? chapters[n - 1]! : null
      const number = (i + n) % 3
      const made = await Chapter.objects.create({ title: 'c', number, book, next: next?.made ?? null })
      chapters.push({ made, row: { number, next: next === null ? null : { number: next.row.number } } })
    }
    const own = tags.filter((_, n) => (i >> n) % 2 === 1)
    if (own.length > 0) await book.tags.add(...own)
    rows.push({
      id: book.id,
      pages,
      price,
      editor: editor === null ? null : { birthYear: editor.birthYear },
      chapters: chapters.map((chapter) => chapter.row),
      tags: own.map(({ slug }) => ({ slug })),
    })
  }
})

// ------------------------------------------------------------------ conditions

interface Leaf {
  readonly path: keyof typeof PATHS
  readonly lookup: 'exact' | 'gt' | 'lte' | 'in' | 'isnull'
  readonly value: unknown
}
interface Tree {
  readonly op: 'and' | 'or'
  readonly parts: readonly (Leaf | Tree)[]
}
/** One row of each relation to many; null where there is none. */
interface Joined {
  readonly book: BookRow
  readonly chapter: ChapterRow | null
  readonly tag: { readonly slug: string } | null
}
const PATHS = {
  pages: ({ book }: Joined): unknown => book.pages,
  price: ({ book }: Joined): unknown => book.price,
  editor__birthYear: ({ book }: Joined): unknown => book.editor?.birthYear ?? null,
  chapters__number: ({ chapter }: Joined): unknown => chapter?.number ?? null,
  chapters__next__number: ({ chapter }: Joined): unknown => chapter?.next?.number ?? null,
  tags__slug: ({ tag }: Joined): unknown => tag?.slug ?? null,
} as const
const OWN = ['pages', 'price', 'editor__birthYear'] as const
const CHAPTERS = [...OWN, 'chapters__number', 'chapters__next__number'] as const
const ALL = [...CHAPTERS, 'tags__slug'] as const

function leafOf(paths: readonly (keyof typeof PATHS)[]): fc.Arbitrary<Leaf> {
  return fc.constantFrom(...paths).chain((path) => {
    const one: fc.Arbitrary<unknown> =
      path === 'tags__slug' ? fc.constantFrom('x', 'y', 'z') : fc.integer({ min: 0, max: 3 })
    return fc.oneof(
      fc.record({ path: fc.constant(path), lookup: fc.constantFrom('exact', 'gt', 'lte' as const), value: one }),
      fc.record({
        path: fc.constant(path),
        lookup: fc.constant('in' as const),
        value: fc.array(one, { maxLength: 3 }),
      }),
      fc.record({ path: fc.constant(path), lookup: fc.constant('isnull' as const), value: fc.boolean() }),
    ) as fc.Arbitrary<Leaf> // each is one
  })
}
function treeOf(paths: readonly (keyof typeof PATHS)[]): fc.Arbitrary<Tree> {
  const flat = fc.record({
    op: fc.constantFrom('and', 'or' as const),
    parts: fc.array(leafOf(paths), { minLength: 1, maxLength: 3 }),
  })
  const deep = fc.record({
    op: fc.constantFrom('and', 'or' as const),
    parts: fc.array(fc.oneof(leafOf(paths), flat), { minLength: 1, maxLength: 3 }),
  })
  return fc.oneof(flat, deep) as fc.Arbitrary<Tree> // each is one
}

const isTree = (part: Leaf | Tree): part is Tree => 'op' in part

type Where = ReturnType<typeof Book.Q>

/** As the query set is asked. */
function asked(tree: Tree): Where {
  const [first, ...others] = tree.parts.map((part) => {
    if (isTree(part)) return asked(part)
    return Q({ [part.lookup === 'exact' ? part.path : `${part.path}__${part.lookup}`]: part.value } as never) as Where
  })
  return others.reduce((left, right) => (tree.op === 'and' ? left.and(right) : left.or(right)), first!)
}

function leafHolds({ path, lookup, value }: Leaf, row: Joined): boolean {
  const found = PATHS[path](row) as number | string | null
  if (lookup === 'isnull') return (found === null) === value
  if (found === null) return false
  if (lookup === 'in') return (value as unknown[]).includes(found)
  const other = value as number | string
  return lookup === 'exact' ? found === other : lookup === 'gt' ? found > other : found <= other
}
const holds = (tree: Tree, of: (leaf: Leaf) => boolean): boolean => {
  const one = (part: Leaf | Tree): boolean => (isTree(part) ? holds(part, of) : of(part))
  return tree.op === 'and' ? tree.parts.every(one) : tree.parts.some(one)
}
const orNone = <T>(list: readonly T[]): readonly (T | null)[] => (list.length === 0 ? [null] : list)
function joinedOf(book: BookRow): Joined[] {
  return orNone(book.chapters).flatMap((chapter) => orNone(book.tags).map((tag) => ({ book, chapter, tag })))
}
/** The joined rows for which one filter() holds. */
const matches = (tree: Tree, book: BookRow): Joined[] =>
  joinedOf(book).filter((row) => holds(tree, (leaf) => leafHolds(leaf, row)))
const excluded = (tree: Tree, book: BookRow): boolean =>
  holds(tree, (leaf) => joinedOf(book).some((row) => leafHolds(leaf, row)))

// ------------------------------------------------------------------ orders

const ORDERS = ['pages', 'price', 'editor__birthYear'] as const
const orderOf = fc.array(fc.record({ path: fc.constantFrom(...ORDERS), desc: fc.boolean() }), { maxLength: 3 })
type Orders = readonly { readonly path: (typeof ORDERS)[number]; readonly desc: boolean }[]

function sorted(list: readonly BookRow[], orders: Orders): number[] {
  const { nullsFirst } = database().features
  const compare = (a: BookRow, b: BookRow): number => {
    for (const { path, desc } of orders) {
      const [x, y] = [a, b].map((book) => PATHS[path]({ book, chapter: null, tag: null }) as number | null)
      if (x === y) continue
      const less = x === null ? nullsFirst! : y === null ? !nullsFirst : x! < y!
      return less !== desc ? -1 : 1
    }
    return a.id - b.id
  }
  return [...list].sort(compare).map((book) => book.id)
}
const orderBy = (orders: Orders) =>
  [...orders.map(({ path, desc }) => `${desc ? '-' : ''}${path}`), 'id'] as never as ['id']

const idsOf = async (books: PromiseLike<readonly { id: number }[]>) => (await books).map((book) => book.id)
/** Checks a property many times. */
async function run<T extends [unknown, ...unknown[]]>(
  arbitraries: { [I in keyof T]: fc.Arbitrary<T[I]> },
  check: (...values: T) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(fc.tuple<T>(...arbitraries), (values) => check(...values))
  await fc.assert(property, { numRuns: RUNS })
}

describe('random queries give what the same rows in memory give', () => {
  const calls = fc.array(fc.record({ tree: treeOf(ALL), negated: fc.boolean() }), { minLength: 1, maxLength: 3 })

  test('filters and excludes, in order, counted and cut', { timeout: 300_000 }, async () => {
    await run([calls, orderOf, fc.nat({ max: 8 })], async (asks, orders, cut) => {
      let books = Book.objects.distinct()
      let wanted = rows
      for (const { tree, negated } of asks) {
        books = negated ? books.exclude(asked(tree) as never) : books.filter(asked(tree) as never)
        wanted = wanted.filter((book) => (negated ? !excluded(tree, book) : matches(tree, book).length > 0))
      }
      const ordered = books.orderBy(...orderBy(orders))
      const ids = sorted(wanted, orders)
      expect(await idsOf(ordered)).toEqual(ids)
      expect(await idsOf(ordered.reverse())).toEqual([...ids].reverse())
      expect(await books.count()).toBe(ids.length)
      expect(await idsOf(ordered.slice(cut, cut + 4))).toEqual(ids.slice(cut, cut + 4))
      expect(await idsOf(Book.objects.filter({ id__in: books }).orderBy(...orderBy(orders)))).toEqual(ids)
      const page = await ordered.page({ size: cut + 1 })
      expect(page.rows.map((book) => book.id)).toEqual(ids.slice(0, cut + 1))
      if (page.next !== null) {
        const next = await ordered.page({ size: 3, after: page.next })
        expect(next.rows.map((book) => book.id)).toEqual(ids.slice(cut + 1, cut + 4))
      }
    })
  })

  test('a filter over many rows repeats a row for each match', { timeout: 300_000 }, async () => {
    await run([treeOf(ALL)], async (tree) => {
      // A relation that the condition does not name is not joined.
      const text = JSON.stringify(tree)
      const distinct = (book: BookRow) =>
        new Set(
          matches(tree, book).map(({ chapter, tag }) =>
            JSON.stringify([
              text.includes('chapters') && chapter !== null ? book.chapters.indexOf(chapter) : null,
              text.includes('tags') ? (tag?.slug ?? null) : null,
            ]),
          ),
        ).size
      const wanted = rows.flatMap((book) => new Array<number>(distinct(book)).fill(book.id))
      expect(await idsOf(Book.objects.filter(asked(tree) as never).orderBy('id'))).toEqual(wanted)
    })
  })

  test('annotations: of all rows before filters, of those that matched after one', { timeout: 300_000 }, async () => {
    const over = (list: readonly ChapterRow[]) => {
      const numbers = list.map((chapter) => chapter.number)
      return {
        n: numbers.length,
        sum: numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0),
        most: numbers.length === 0 ? null : Math.max(...numbers),
      }
    }
    const aggregates = { n: Count('chapters'), sum: Sum('chapters__number'), most: Max('chapters__number') } as const
    await run([treeOf(OWN), treeOf(ALL), treeOf(CHAPTERS), fc.nat({ max: 3 })], async (own, not, tree, least) => {
      const before = await Book.objects
        .annotate(aggregates as never)
        .filter(asked(own) as never)
        .exclude(asked(not) as never)
        .filter({ n__gte: least } as never)
        .orderBy('id')
      const wanted = rows
        .map((book) => ({ book, ...over(book.chapters) }))
        .filter(({ book, n }) => matches(own, book).length > 0 && !excluded(not, book) && n >= least)
      const shown = (list: readonly unknown[]) =>
        (list as { id: number; n: number; sum: number | null; most: number | null }[]).map(({ id, n, sum, most }) => ({
          id,
          n,
          sum,
          most,
        }))
      expect(shown(before)).toEqual(wanted.map(({ book, n, sum, most }) => ({ id: book.id, n, sum, most })))

      const after = await Book.objects
        .filter(asked(tree) as never)
        .annotate(aggregates as never)
        .orderBy('id')
      const matched = rows.flatMap((book) => {
        const found = orNone(book.chapters).filter((chapter) =>
          holds(tree, (leaf) => leafHolds(leaf, { book, chapter, tag: null })),
        )
        return found.length === 0 ? [] : [{ id: book.id, ...over(found.filter((chapter) => chapter !== null)) }]
      })
      expect(shown(after)).toEqual(matched)
    })
  })
})
