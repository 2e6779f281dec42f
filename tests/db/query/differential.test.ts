/**
 * The same random question to two engines: the one under test, and SQLite. What differs and is not said to in the guides
 * (docs/guides/functions.md, "Where databases differ"; databases.md) is a fault of one of them. Nulls stand where the
 * question says, and orders end in the key.
 */
import fc from 'fast-check'
import { atomic, Decimal, type DynamicQuerySet, dynamicQuery, F, setRollback } from 'nuages/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/connections.ts'
import { engine } from '../backends/fresh.ts'
import { AGGREGATES, condition, type Expr, expression, questions, type Where } from './differential.ts'
import { createTables } from './setup.ts'
import { Item, Label, Maker, Part, shop, shopRows } from './shop.ts'

const RUNS = process.env.NUAGES_LONG === undefined ? 60 : 5000
const SIDES = ['reference', 'default'] as const

beforeAll(async () => {
  const fresh = await engine.fresh(1)
  const driver =
    process.env.TEST_ENGINE === undefined || process.env.TEST_ENGINE === 'sqlite' ? 'better-sqlite3' : 'node:sqlite'
  const options = driver === 'better-sqlite3' ? { driver } : {}
  configureDatabases({ reference: { engine: 'sqlite', url: 'sqlite::memory:', options }, default: fresh() })
  const { makers, items, parts, labels, tagged } = shopRows()
  for (const alias of SIDES) {
    await createTables(alias, shop)
    await dynamicQuery(Maker)
      .using(alias)
      .bulkCreate(makers as never)
    await dynamicQuery(Item)
      .using(alias)
      .bulkCreate(items as never)
    await dynamicQuery(Part)
      .using(alias)
      .bulkCreate(parts as never)
    await dynamicQuery(Label)
      .using(alias)
      .bulkCreate(labels as never)
    for (const [item, label] of tagged) {
      const row = await dynamicQuery(Item).using(alias).get({ id: item })
      await row.tags.add(label)
    }
  }
}, 120_000)
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
})

/** As text that is the same wherever the value is: floats to ten digits, decimals without zeros at their end. */
function told(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : Number(value.toPrecision(10))
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Decimal) return `decimal ${value.toDecimalPlaces(4)}`
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(told)
  if (typeof value === 'object' && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return String(value)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]))
  }
  return value
}

type Ask = (items: DynamicQuerySet, alias: string) => PromiseLike<unknown>

/** What came of it: rows, or the error's code. */
async function answer(ask: Ask, alias: string): Promise<unknown> {
  try {
    return told(await ask(dynamicQuery(Item).using(alias), alias))
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { error: (error as { code: string }).code }
    throw error
  }
}

async function alike<T extends [unknown, ...unknown[]]>(
  arbitraries: { [I in keyof T]: fc.Arbitrary<T[I]> },
  ask: (...values: T) => Ask,
): Promise<void> {
  const property = fc.asyncProperty(fc.tuple<T>(...arbitraries), async (values) => {
    const [reference, given] = await Promise.all(SIDES.map((alias) => answer(ask(...values), alias)))
    // What is refused is refused by us, before a database has to.
    expect([{ error: 'db.invalid-sql' }, { error: 'db.no-such-column' }]).not.toContainEqual(reference)
    expect(given).toEqual(reference)
  })
  await fc.assert(property, { numRuns: RUNS, ...(process.env.NUAGES_LONG === undefined ? { seed: 20_261_122 } : {}) })
}

const flat = (rows: DynamicQuerySet<any>) => rows.valuesList('id', { flat: true })
const KINDS = ['integer', 'decimal', 'float', 'text', 'boolean', 'date', 'dateTime', 'duration'] as const
const anyExpression: fc.Arbitrary<Expr> = fc.constantFrom(...KINDS).chain((kind) => questions[kind])
const { where } = questions

describe(`a random question is answered by ${engine.name} as by SQLite`, () => {
  const options = { timeout: 3_600_000 }

  test('filters and excludes', options, async () => {
    await alike<[Where, Where, boolean]>([where, where, fc.boolean()], (one, other, negated) => (items, alias) => {
      const some = items.filter(condition(one, alias))
      const both = negated ? some.exclude(condition(other, alias)) : some.filter(condition(other, alias))
      return flat(both.orderBy('id'))
    })
  })

  test('annotations, ordered by them', options, async () => {
    await alike<[Expr, Expr, boolean]>(
      [anyExpression, anyExpression, fc.boolean()],
      (one, other, desc) => (items, alias) => {
        const rows = items.annotate({ one: expression(one, alias), other: expression(other, alias) })
        const first = desc ? F('one' as never).desc({ nulls: 'last' }) : F('one' as never).asc({ nulls: 'first' })
        return rows
          .orderBy(first as never, F('other' as never).asc({ nulls: 'last' }) as never, 'id')
          .values('id', 'one', 'other')
      },
    )
  })

  test('annotations in filters, distinct, slices', options, async () => {
    await alike<[Expr, Expr, Where, number]>(
      [questions.integer, questions.integer, where, fc.nat({ max: 6 })],
      (one, other, keep, cut) => (items, alias) => {
        const rows = items
          .annotate({ one: expression(one, alias) })
          .filter({ one__lte: expression(other, alias) } as never)
        return rows
          .filter(condition(keep, alias))
          .distinct()
          .orderBy(F('one' as never).asc({ nulls: 'first' }) as never, 'id')
          .slice(cut, cut + 8)
          .values('id', 'one')
      },
    )
  })

  const aggregate = fc.record({
    name: fc.constantFrom('Avg', 'Count', 'Max', 'Min', 'Sum'),
    path: fc.constantFrom(
      'count',
      'price',
      'ratio',
      'parts__size',
      'parts__cost',
      'children__count',
      'maker__rank',
      'parent__price',
      'children__parts__size',
    ),
    distinct: fc.boolean(),
    filter: fc.oneof(fc.constant(null), where),
  })
  type Asked = { name: string; path: string; distinct: boolean; filter: Where | null }
  const made = ({ name, path, distinct, filter }: Asked, alias: string): any => {
    const options = {
      ...(distinct && name !== 'Max' && name !== 'Min' ? { distinct } : {}),
      ...(filter === null ? {} : { filter: condition(filter, alias) }),
    }
    return AGGREGATES[name as 'Sum'](path as never, options as never)
  }

  test('aggregates of all rows', options, async () => {
    await alike<[Asked, Asked, Where]>(
      [aggregate, aggregate, where],
      (one, other, keep) => (items, alias) =>
        items.filter(condition(keep, alias)).aggregate({ one: made(one, alias), other: made(other, alias) }),
    )
  })

  test('aggregates of each row, in filters', options, async () => {
    await alike<[Asked, Where, Where, number]>(
      [aggregate, where, where, fc.integer({ min: -1, max: 3 })],
      (one, before, after, least) => (items, alias) =>
        items
          .filter(condition(before, alias))
          .annotate({ one: made(one, alias) })
          .filter({ one__gte: least } as never)
          .exclude(condition(after, alias))
          .orderBy('id')
          .values('id', 'one'),
    )
  })

  test('aggregates of groups', options, async () => {
    await alike<[Expr, Asked, Where]>(
      [anyExpression, aggregate, where],
      (by, one, keep) => (items, alias) =>
        items
          .filter(condition(keep, alias))
          .annotate({ by: expression(by, alias) })
          .values('by')
          .annotate({ one: made(one, alias), n: AGGREGATES.Count('id' as never) as never })
          .orderBy(F('by' as never).asc({ nulls: 'first' }) as never),
    )
  })

  test('query sets put together', options, async () => {
    await alike<[Where, Where, Expr, string]>(
      [where, where, anyExpression, fc.constantFrom('union', 'intersection', 'difference')],
      (one, other, by, how) => (items, alias) => {
        const rows = items.annotate({ by: expression(by, alias) })
        const [left, right] = [one, other].map((each) => rows.filter(condition(each, alias)).values('id', 'by'))
        return (left as any)
          [how](how === 'union' ? [right] : right)
          .orderBy('id', F('by' as never).asc({ nulls: 'first' }))
      },
    )
  })

  test('changes', options, async () => {
    await alike<[Expr, Where]>([questions.integer, where], (set, keep) => async (items, alias) => {
      return atomic(
        async () => {
          setRollback(true, { using: alias })
          const n = await items.filter(condition(keep, alias)).update({ big: expression(set, alias) })
          return [n, await dynamicQuery(Item).using(alias).orderBy('id').valuesList('id', 'big')]
        },
        { using: alias },
      )
    })
  })
})
