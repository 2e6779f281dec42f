/** Default orders with expressions and places for nulls (MOD-18). */
import { defineApp } from 'nuages'
import { Case, char, foreignKey, integer, Model, Own, When } from 'nuages/db'
import { Coalesce, Lower } from 'nuages/db/functions'
import { expect, test } from 'vitest'
import { checkModel } from '../../../src/db/checks.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Shelf extends Model<Shelf>()(
  { name: char({ maxLength: 20 }), floor: integer({ null: true }) },
  { ordering: [Own('floor').desc({ nulls: 'last' }), Lower('name')] },
) {}
class Box extends Model<Box>()(
  {
    shelf: () => foreignKey(Shelf, { onDelete: 'cascade' }),
    rank: integer({ null: true }),
    code: char({ maxLength: 9 }),
  },
  { ordering: ['shelf', Coalesce(Own('rank'), 5).asc(), '-code'] },
) {}
class Wrong extends Model<Wrong>()({ rank: integer({ null: true }) }, { ordering: [Own('rnk' as string).asc()] }) {}
class Cased extends Model<Cased>()(
  { rank: integer({ null: true }) },
  { ordering: [Case([When({ rank: 1 } as never, 2 as never)] as never) as never] },
) {}
defineApp({ name: 'shelves', root: import.meta.url, models: { Shelf, Box, Wrong, Cased } })
freshTablesOf(Shelf, Box, Cased)

const flat = { flat: true } as const
async function shelves() {
  return Shelf.objects.bulkCreate([
    { name: 'b', floor: 1 },
    { name: 'C', floor: null },
    { name: 'A', floor: 1 },
    { name: 'd', floor: 2 },
  ])
}

test('MOD-18: rows come in the order of expressions, nulls where the model puts them', async () => {
  await shelves()
  expect(await Shelf.objects.valuesList('name', flat)).toEqual(['d', 'A', 'b', 'C'])
  expect(await Shelf.objects.reverse().valuesList('name', flat)).toEqual(['C', 'b', 'A', 'd'])
  expect((await Shelf.objects.first())!.name).toBe('d')
  expect((await Shelf.objects.last())!.name).toBe('C')
  expect(await Shelf.objects.orderBy('-name').valuesList('name', flat)).toContain('d')
  const first = await Shelf.objects.page({ size: 3 })
  expect((await Shelf.objects.page({ size: 3, after: first.next! })).rows.map(({ name }) => name)).toEqual(['C'])
})

test('MOD-18: ordering by a relation is ordering as its model does, expressions included', async () => {
  const [b, c, a] = await shelves()
  await Box.objects.bulkCreate([
    { shelf: c!, code: 'x' },
    { shelf: a!, code: 'y', rank: 6 },
    { shelf: a!, code: 'z' },
    { shelf: b!, code: 'w', rank: 0 },
  ])
  expect(await Box.objects.valuesList('code', flat)).toEqual(['z', 'y', 'w', 'x'])
  expect(await Box.objects.orderBy('-shelf', 'code').valuesList('code', flat)).toEqual(['x', 'w', 'y', 'z'])
  const counted = Box.objects.filter({ rank__isnull: true }).annotate({ plus: Coalesce('rank', 7) })
  expect(await counted.valuesList('code', 'plus')).toEqual([
    ['z', 7],
    ['x', 7],
  ])
})

test('MOD-18: what is on disk does not depend on it, and check looks at its names', async () => {
  expect(Shelf.meta.ordering).toEqual(['-floor'])
  expect(Shelf.meta.orderBy).toHaveLength(2)
  expect(modelState(Shelf as never).options.ordering).toEqual(['-floor'])
  expect(checkModel(Wrong as never)).toEqual([expect.objectContaining({ id: 'db.E001' })])
  expect(checkModel(Box as never)).toEqual([])
  await expect((async () => Cased.objects.first())()).rejects.toMatchObject({ code: 'db.bad-ordering' })
})
