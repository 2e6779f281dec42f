import { defineApp } from 'nuages'
import { boolean, char, check, generated, integer, Model, Own, sql, unique } from 'nuages/db'
import { Length, Lower } from 'nuages/db/functions'
import { describe, expect, test } from 'vitest'
import { freshTablesOf } from './tables.ts'

class Seat extends Model<Seat>()(
  {
    row: char({ maxLength: 5 }),
    number: integer(),
    owner: char({ maxLength: 50, null: true }),
    removed: boolean({ default: false }),
    size: generated(Length('row'), { output: integer({ null: true }) }),
  },
  {
    constraints: [
      unique(['row', 'number'], { where: { removed: false }, message: 'This seat is taken.', code: 'taken' }),
      unique([Lower('owner')], { name: 'owner_once' }),
      unique([sql`upper(owner)`], { name: 'loud_once' }),
      check({ number__gte: 1, number__lt: 100 }, { message: 'Seats are numbered from 1 to 99.', code: 'number' }),
      check(Own({ row: 'A' }).or({ number__lte: 50 }), { name: 'front_rows' }),
      check({ size__lte: 3 }, { name: 'short_rows' }),
      check(sql`${Own('number')} * 2 <> 26`, { name: 'no_thirteen', message: 'No seat has that number.' }),
    ],
  },
) {}

defineApp({ name: 'seats', root: import.meta.url, models: { Seat } })
freshTablesOf(Seat)

const problems = async (values: Partial<Record<string, unknown>>): Promise<unknown> => {
  const seat = new Seat({ row: 'A', number: 1, ...values } as never)
  try {
    await seat.fullClean()
    return null
  } catch (error) {
    const { messages, fields, kind } = error as { messages: string[]; fields: object; kind: string }
    return { messages, fields: Object.keys(fields), kind }
  }
}

describe('fullClean()', () => {
  test('MOD-21: tells what a check would refuse, with its own message and code', async () => {
    expect(await problems({})).toBeNull()
    expect(await problems({ number: 0 })).toEqual({
      messages: ['Seats are numbered from 1 to 99.'],
      fields: [],
      kind: 'number',
    })
  })

  test('MOD-21: evaluates conditions that are joined, and on generated columns', async () => {
    expect(await problems({ row: 'B', number: 60 })).toMatchObject({
      messages: ['The constraint “front_rows” is violated.'],
    })
    expect(await problems({ row: 'B', number: 50 })).toBeNull()
    expect(await problems({ row: 'LONG' })).toMatchObject({ messages: ['The constraint “short_rows” is violated.'] })
  })

  test('MOD-21: a check that is text is left to the database', async () => {
    expect(await problems({ number: 13 })).toBeNull()
  })

  test('MOD-21: so is a unique text, whose columns nobody knows', async () => {
    await Seat.objects.create({ row: 'A', number: 1, owner: 'Django' })
    expect(await problems({ number: 2, owner: 'Bill' })).toBeNull()
  })

  test('MOD-21: a unique constraint with a condition counts where the condition holds', async () => {
    const seat = await Seat.objects.create({ row: 'A', number: 1 })
    expect(await problems({})).toEqual({ messages: ['This seat is taken.'], fields: [], kind: 'taken' })
    expect(await problems({ removed: true })).toBeNull()
    await seat.fullClean()
    seat.removed = true
    await seat.save()
    expect(await problems({})).toBeNull()
  })

  test('MOD-21: a unique expression is compared as the database would', async () => {
    await Seat.objects.create({ row: 'A', number: 1, owner: 'Django' })
    expect(await problems({ number: 2, owner: 'DJANGO' })).toMatchObject({
      messages: ['The constraint “owner_once” is violated.'],
    })
    expect(await problems({ number: 2, owner: null })).toBeNull()
  })

  test('fields that are left out, or wrong already, are not asked about', async () => {
    const seat = new Seat({ row: 'A', number: 0 })
    await seat.fullClean({ exclude: ['number'] })
    const wrong = new Seat({ row: 'A', number: 'x' as never })
    await expect(wrong.fullClean()).rejects.toMatchObject({ fields: { number: [expect.any(String)] } })
  })

  test('a name to leave out that is no field is told, and not looked past', async () => {
    const names: string[] = ['nubmer'] // known only at run time
    await expect(new Seat({ row: 'A', number: 0 }).fullClean({ exclude: names })).rejects.toMatchObject({
      code: 'db.unknown-attribute',
      hint: expect.stringContaining('Did you mean "number"?'),
    })
  })
})

describe('what the database refuses', () => {
  test('MOD-20: says so in the words of the constraint, by its name', async () => {
    await expect((async () => Seat.objects.create({ row: 'A', number: 0 }))()).rejects.toMatchObject({
      message: 'Seats are numbered from 1 to 99.',
      code: 'db.check-violation',
      constraintName: expect.stringMatching(/^seats_seat_number.*_check$/),
    })
    await expect((async () => Seat.objects.create({ row: 'A', number: 13 }))()).rejects.toMatchObject({
      message: 'No seat has that number.',
      constraintName: 'no_thirteen',
    })
    await Seat.objects.create({ row: 'A', number: 1 })
    await expect((async () => Seat.objects.create({ row: 'A', number: 1 }))()).rejects.toMatchObject({
      message: 'This seat is taken.',
      code: 'db.unique-violation',
    })
    await expect((async () => Seat.objects.bulkCreate([{ row: 'A', number: 1 }]))()).rejects.toMatchObject({
      message: 'This seat is taken.',
    })
  })
})
