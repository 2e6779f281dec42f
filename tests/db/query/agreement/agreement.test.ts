/**
 * The types of queries say what comes: for each query its static type, compared by the compiler (`gives()`), and the same
 * said to the run, which looks at keys, classes and nulls of what the database gave. A null that a type allows must come, too.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import { freshTables } from '../setup.ts'
import { aggregated, grouped } from './aggregates.ts'
import { computed } from './computed.ts'
import { fill, tables } from './models.ts'
import { ofOtherRows } from './other-rows.ts'
import { plain, wholeRows } from './rows.ts'
import type { Case, Found } from './shapes.ts'

freshTables(tables)
beforeEach(fill)

describe.each([
  { of: 'plain values', cases: plain },
  { of: 'whole rows', cases: wholeRows },
  { of: 'aggregates', cases: aggregated },
  { of: 'groups', cases: grouped },
  { of: 'functions', cases: computed },
  { of: 'other rows', cases: ofOtherRows },
] as { of: string; cases: Record<string, Case | readonly Case[]> }[])('$of', ({ cases }) => {
  test.each(Object.entries(cases))('%s', async (name, asked) => {
    const found: Found = new Map()
    for (const { ask, shape } of [asked].flat()) shape.look(await ask(), name, found)
    const never = [...found].flatMap(([at, missing]) => [...missing].map((what) => `${at} is never ${what}`))
    expect(never).toEqual([])
  })
})
