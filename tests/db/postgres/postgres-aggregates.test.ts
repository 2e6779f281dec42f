/** CON-17: aggregates of PostgreSQL, against the values that its own SQL gives. */

import { defineApp } from 'nuages'
import {
  BitAnd,
  BitOr,
  BitXor,
  BoolAnd,
  BoolOr,
  boolean,
  char,
  connection,
  decimal,
  F,
  float,
  integer,
  JSONArrayAgg,
  Model,
  StdDev,
  StringAgg,
  sql,
  Variance,
  Window,
} from 'nuages/db'
import {
  ArrayAgg,
  Corr,
  CovarPop,
  RegrAvgX,
  RegrAvgY,
  RegrCount,
  RegrIntercept,
  RegrR2,
  RegrSlope,
  RegrSXX,
  RegrSXY,
  RegrSYY,
} from 'nuages/db/postgres'
import { beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import { createTables } from '../query/setup.ts'
import { freshDiary } from './setup.ts'

class Probe extends Model<Probe>()({
  site: char({ maxLength: 10 }),
  heat: float({ null: true }),
  depth: integer({ null: true }),
  cost: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
  dry: boolean({ null: true }),
}) {}
const lab = defineApp({ name: 'lab', root: import.meta.url, models: { Probe } })

const ROWS = [
  { site: 'north', heat: 4.5, depth: 12, cost: '1.50', dry: true },
  { site: 'north', heat: 6.25, depth: 10, cost: '2.25', dry: null },
  { site: 'south', heat: 9, depth: 7, cost: '2.00', dry: false },
  { site: 'south', heat: null, depth: 5, cost: '9.00', dry: true },
  { site: 'south', heat: 11.5, depth: 3, cost: null, dry: true },
]

freshDiary()
beforeEach(async () => {
  await createTables('default', lab)
  await Probe.objects.bulkCreate(ROWS)
})

/** What PostgreSQL says itself. */
async function told(expression: string): Promise<unknown> {
  const text = Object.assign([`SELECT ${expression} FROM lab_probe`], { raw: [] })
  return (await connection().execute(sql(text))).rows[0]![0]
}

const PAIRS = {
  CORR: Corr,
  COVAR_POP: CovarPop,
  REGR_AVGX: RegrAvgX,
  REGR_AVGY: RegrAvgY,
  REGR_INTERCEPT: RegrIntercept,
  REGR_R2: RegrR2,
  REGR_SLOPE: RegrSlope,
  REGR_SXX: RegrSXX,
  REGR_SXY: RegrSXY,
  REGR_SYY: RegrSYY,
}

describe('CON-17 statistics', () => {
  test.each(Object.keys(PAIRS) as (keyof typeof PAIRS)[])(
    '%s: of y and x, of some rows, with a default',
    async (name) => {
      const of = PAIRS[name]
      const nobody = Probe.Q({ site: 'east' })
      const { whole, some, exact, none, instead } = await Probe.objects.aggregate({
        whole: of('heat', 'depth'),
        some: of('heat', 'depth', { filter: Probe.Q({ site: 'north' }) }),
        exact: of('cost', Probe.F('depth').times(2)),
        none: of('heat', 'depth', { filter: nobody }),
        instead: of('heat', 'depth', { filter: nobody, default: -1.5 }),
      })
      expect(whole).toEqual(expect.any(Number))
      expect(whole).toBe(await told(`${name}(heat, depth)`))
      expect(some).toBe(await told(`${name}(heat, depth) FILTER (WHERE site = 'north')`))
      expect(exact).toBe(await told(`${name}(cost, depth * 2)`))
      expect([none, instead]).toEqual([null, -1.5])
      // The first is y: of the two the other way round it says something else.
      if (!['CORR', 'COVAR_POP', 'REGR_R2', 'REGR_SXY'].includes(name))
        expect((await Probe.objects.aggregate({ turned: of('depth', 'heat') })).turned).not.toBe(whole)
    },
  )

  test('CovarPop of a sample; RegrCount, which is 0 over no rows and takes no default', async () => {
    const found = await Probe.objects.aggregate({
      sample: CovarPop('heat', 'depth', { sample: true }),
      whole: CovarPop('heat', 'depth', { sample: false }),
      both: RegrCount('heat', 'depth'),
      none: RegrCount('heat', 'depth', { filter: Probe.Q({ site: 'east' }) }),
    })
    expect(found).toEqual({
      sample: await told('COVAR_SAMP(heat, depth)'),
      whole: await told('COVAR_POP(heat, depth)'),
      both: 4,
      none: 0,
    })
    const options = { default: 3 } as object
    expect(() => RegrCount('heat', 'depth', options)).toThrow(expect.objectContaining({ code: 'db.bad-options' }))
  })

  test('StdDev and Variance, of all and of a sample', async () => {
    const spread = await Probe.objects.aggregate({
      a: StdDev('heat'),
      b: StdDev('heat', { sample: true }),
      c: Variance('heat'),
      d: Variance('heat', { sample: true }),
    })
    const names = ['STDDEV_POP', 'STDDEV_SAMP', 'VAR_POP', 'VAR_SAMP']
    expect(Object.values(spread)).toEqual(await Promise.all(names.map((name) => told(`${name}(heat)`))))
  })

  test('for each group, over windows, and in conditions', async () => {
    const groups = await Probe.objects
      .values('site')
      .annotate({ slope: RegrSlope('heat', 'depth'), n: RegrCount('heat', 'depth') })
      .orderBy('site')
    expect(groups).toEqual([
      { site: 'north', slope: -0.875, n: 2 },
      { site: 'south', slope: -0.625, n: 2 },
    ])
    const rows = await Probe.objects
      .annotate({ mean: Window(RegrAvgY('heat', 'depth'), { partitionBy: ['site'] }) })
      .orderBy('id')
      .valuesList('mean', { flat: true })
    expect(rows).toEqual([5.375, 5.375, 10.25, 10.25, 10.25])
    const steep = Probe.objects
      .values('site')
      .annotate({ slope: RegrSlope('heat', 'depth') })
      .filter({ slope__lt: -0.7 })
    expect((await steep).map(({ site }) => site)).toEqual(['north'])
  })

  test('what is no number, in either place, is refused before it is sent', async () => {
    const outside = (first: string, second: string) =>
      Probe.objects.dynamicAnnotate({ r: Corr(first as 'heat', second as 'depth') })
    for (const [first, second] of [
      ['site', 'depth'],
      ['depth', 'site'],
      ['depth', 'dry'],
    ] as const)
      expect(() => outside(first, second)).toThrow(
        expect.objectContaining({ code: 'db.wrong-kind', message: expect.stringContaining('Corr was given') }),
      )
  })

  test('other databases say that they have none', async () => {
    await closeDatabases()
    configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
    await expect(Probe.objects.aggregate({ x: CovarPop('heat', 'depth', { sample: true }) })).rejects.toMatchObject({
      code: 'db.not-supported',
      message: 'This database has no aggregate CovarPop.',
    })
  })
})

test('CON-17 array, jsonb, string, bool, bit, xor: ordered, of some rows, with a default', async () => {
  const south = Probe.Q({ site: 'south' })
  const nobody = Probe.Q({ site: 'east' })
  const found = await Probe.objects.aggregate({
    array: ArrayAgg('depth', { orderBy: ['depth'], filter: south }),
    noArray: ArrayAgg('depth', { filter: nobody, default: [0] }),
    json: JSONArrayAgg('depth', { orderBy: [F('depth').desc()] }),
    noJson: JSONArrayAgg('depth', { filter: nobody, default: [] }),
    text: StringAgg('site', '-', { orderBy: ['site'], distinct: true }),
    noText: StringAgg('site', '-', { filter: nobody, default: '?' }),
    all: BoolAnd('dry'),
    any: BoolOr('dry', { filter: south }),
    north: BoolAnd('dry', { filter: Probe.Q({ site: 'north' }) }),
    noBool: BoolAnd('dry', { filter: nobody, default: true }),
    and: BitAnd('depth'),
    or: BitOr('depth', { filter: south }),
    xor: BitXor('depth'),
    noBits: BitXor('depth', { filter: nobody, default: 8 }),
  })
  expect(found).toEqual({
    array: JSON.parse(String(await told("TO_JSON(ARRAY_AGG(depth ORDER BY depth) FILTER (WHERE site = 'south'))"))),
    noArray: [0],
    json: JSON.parse(String(await told('JSONB_AGG(depth ORDER BY depth DESC)'))),
    noJson: [],
    text: await told("STRING_AGG(DISTINCT site, '-' ORDER BY site)"),
    noText: '?',
    all: await told('BOOL_AND(dry)'),
    any: await told("BOOL_OR(dry) FILTER (WHERE site = 'south')"),
    north: true,
    noBool: true,
    and: await told('BIT_AND(depth)'),
    or: await told("BIT_OR(depth) FILTER (WHERE site = 'south')"),
    xor: await told('BIT_XOR(depth)'),
    noBits: 8,
  })
  expect(found.array).toEqual([3, 5, 7])
  expect(found.xor).toBe(12 ^ 10 ^ 7 ^ 5 ^ 3)
})
