/** EXP-24: the expressions of queries in indexes, constraints, defaults, generated columns and orders. */
import { defineApp } from 'nuages'
import {
  Case,
  Cast,
  char,
  check,
  date,
  generated,
  index,
  integer,
  Model,
  Own,
  sql,
  Temporal,
  text,
  unique,
  uuid,
  Value,
  When,
} from 'nuages/db'
import {
  Coalesce,
  Collate,
  Concat,
  defineFunction,
  Greatest,
  Length,
  Lower,
  RawSQL,
  Trunc,
  Upper,
  UUID4,
  UUID7,
} from 'nuages/db/functions'
import { describe, expect, test } from 'vitest'
import { detectChanges } from '../../../src/db/migrations/autodetector.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { MigrationGraph } from '../../../src/db/migrations/graph.ts'
import { applyToState } from '../../../src/db/migrations/migration.ts'
import { FlagQuestioner } from '../../../src/db/migrations/questioner.ts'
import { ProjectState } from '../../../src/db/migrations/state.ts'
import { engine } from '../backends/fresh.ts'
import { createTables, freshTables } from '../query/setup.ts'

const Twice = defineFunction({ default: '$1 * 2' }, integer())
const collation = engine.name === 'SQLite' ? 'NOCASE' : engine.name === 'MariaDB' ? 'utf8mb4_bin' : 'C'

class Slip extends Model<Slip>()(
  {
    code: char({ maxLength: 10 }),
    n: integer({ default: 1 }),
    on: date({ null: true }),
    token: uuid({ dbDefault: UUID7() }),
    other: uuid({ dbDefault: UUID4() }),
    loud: char({ maxLength: 20, dbDefault: Upper(Concat(Value('a'), Value('b'))) }),
    head: generated(Own('code').slice(0, 2), { output: char({ maxLength: 10 }) }),
    twice: generated(Twice(Own('n')), { output: integer() }),
    plus: generated(RawSQL(sql`${Own('n')} + ${7}`, integer()), { output: integer() }),
    most: generated(Greatest(Own('n'), Length('code')), { output: integer() }),
    month: generated(Trunc(Own('on'), 'month'), { output: date({ null: true }) }),
    size: generated(Case([When(Own({ n__gte: 10 }), Value('big'))], Value('small')), {
      output: char({ maxLength: 5 }),
    }),
  },
  {
    ordering: [Own('n').desc({ nulls: 'last' }), Collate(Own('code'), collation)],
    indexes: [
      index([Own('code').slice(0, 3)], { name: 'slip_slice' }),
      index([Collate(Own('code'), collation)], { name: 'slip_collate' }),
      index([Twice(Own('n'))], { name: 'slip_twice' }),
      index([RawSQL(sql`${Own('n')} + 1`, integer())], { name: 'slip_raw' }),
      index([Cast(Own('n'), text()), Coalesce(Own('n'), 0).desc()], { name: 'slip_cast' }),
    ],
    constraints: [
      unique([Lower('code'), 'n'], { name: 'slip_code' }),
      check(Own({ code: Own('code').slice(0, 4) }), { name: 'slip_short' }),
    ],
  },
) {}
const slips = defineApp({ name: 'slips', root: import.meta.url, models: { Slip } })
freshTables({ models: {} })

describe('EXP-24: one expression, everywhere', () => {
  test('EXP-18, MOD-13, MOD-14, MOD-18, MOD-19, MOD-20: the database computes them', async () => {
    await createTables('default', slips)
    const row = await Slip.objects.create({ code: 'abcd', n: 12, on: Temporal.PlainDate.from('2026-03-17') })
    expect(row).toMatchObject({ head: 'ab', twice: 24, plus: 19, most: 12, size: 'big', loud: 'AB' })
    expect(String(row.month)).toBe('2026-03-01')
    expect([row.token?.[14], row.other?.[14]]).toEqual(['7', '4'])
    row.n = 2
    await row.save()
    expect(row).toMatchObject({ twice: 4, most: 4, size: 'small' })
    await expect(Slip.objects.create({ code: 'ABCD', n: 2 })).rejects.toMatchObject({ code: 'db.unique-violation' })
    await expect(Slip.objects.create({ code: 'abcde' })).rejects.toMatchObject({ code: 'db.check-violation' })
    await expect(new Slip({ code: 'abcde' }).fullClean()).rejects.toMatchObject({ name: 'ValidationError' })
    await Slip.objects.create({ code: 'B', n: 2 })
    await Slip.objects.create({ code: 'x', n: 30 })
    const order = engine.name === 'SQLite' ? ['x', 'abcd', 'B'] : ['x', 'B', 'abcd']
    expect(await Slip.objects.valuesList('code', { flat: true })).toEqual(order)
  })
  test('a migration keeps them, and finds nothing to change after', async () => {
    const to = new ProjectState([modelState(Slip)])
    const changes = async (from: ProjectState) => {
      const questioner = new FlagQuestioner({ noRenames: true })
      const drafts = await detectChanges({ from, to, graph: new MigrationGraph([]), questioner, at: new Date(0) })
      return drafts.flatMap((draft) => draft.operations)
    }
    const operations = await changes(new ProjectState())
    const step = { app: 'slips', name: 'x', file: null, operations }
    const made = operations.reduce((now, each) => applyToState(step, each, now), new ProjectState())
    expect(await changes(made)).toEqual([])
  })
})

test('MOD-05: fullClean() knows how wide an integer column is in the database at hand', async () => {
  await createTables('default', slips)
  const wide = new Slip({ code: 'a', n: 2 ** 31 })
  const narrow = new Slip({ code: 'b', n: -(2 ** 31) })
  await narrow.fullClean()
  if (engine.name === 'SQLite') {
    await wide.fullClean()
    await wide.save()
    return
  }
  await expect(wide.fullClean()).rejects.toMatchObject({
    fields: { n: ['Ensure this value is less than or equal to 2147483647.'] },
  })
  await expect(wide.save()).rejects.toMatchObject({ code: 'db.invalid-value' })
})
