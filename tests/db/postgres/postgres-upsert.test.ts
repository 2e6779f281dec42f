/** upsert() by constraints that count nulls as equal, which PostgreSQL has (QS-21). */
import { defineApp } from 'nuages'
import { char, integer, Model, unique } from 'nuages/db'
import { beforeEach, expect, test } from 'vitest'
import { createTables } from '../query/setup.ts'
import { freshDiary } from './setup.ts'

class Slot extends Model<Slot>()(
  {
    shelf: char({ maxLength: 10 }),
    place: integer({ null: true }),
    count: integer({ default: 0 }),
  },
  { constraints: [unique(['shelf', 'place'], { nullsDistinct: false, name: 'slot_place' })] },
) {}
const slots = defineApp({ name: 'slots', root: import.meta.url, models: { Slot } })

freshDiary()
beforeEach(() => createTables('default', slots))
const conflict = ['shelf', 'place'] as const

test('QS-21: rows with null find theirs, and those that were left alone have no key', async () => {
  const kept = await Slot.objects.create({ shelf: 'kept', count: 5 })
  const low = await Slot.objects.create({ shelf: 'low', count: 200 })
  const given = ['kept', 'new', 'low'].map((shelf) => ({ shelf, place: null, count: 7 }))
  const rows = await Slot.objects.upsert(given, { conflict, update: ['count'], where: { count__gt: 100 } })
  expect(rows.map(({ shelf, id }) => [shelf, id ?? null])).toEqual([
    ['kept', null],
    ['new', expect.any(Number)],
    ['low', low.id],
  ])
  expect((await Slot.objects.get({ id: kept.id })).count).toBe(5)
})

test('QS-21: two rows of one key are refused, with null too', async () => {
  const twice = [1, 2].map((count) => ({ shelf: 'a', place: null, count }))
  await expect(Slot.objects.upsert(twice, { conflict, update: ['count'] })).rejects.toMatchObject({
    code: 'db.duplicate-rows',
    message: expect.stringContaining('two rows with shelf a, place: null'),
  })
})
