/** Rows without keys get each its own, in whichever order a database gives them back. */
import fc from 'fast-check'
import { defineApp } from 'nuages'
import { char, dateTime, decimal, integer, Model, sql, uuid } from 'nuages/db'
import { UUID4 } from 'nuages/db/functions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend, Connection, DatabaseConfig, SqlRow } from '../../../src/db/backends/backend.ts'
import { closeDatabases, configureDatabases, createDatabase, registerBackend } from '../../../src/db/connections.ts'
import { engine } from '../backends/fresh.ts'
import { Company } from './models.ts'
import { createTables, watched } from './setup.ts'

/** A key that the database draws. */
class Ticket extends Model<Ticket>()({
  id: uuid({ primaryKey: true, dbDefault: UUID4() }),
  seat: integer(),
  sold: dateTime({ dbDefault: 'now' }),
}) {}

/** A key of columns that the database fills: one with a constant, one with an expression, one from the program. */
class Stall extends Model<Stall>()(
  {
    market: char({ maxLength: 10, dbDefault: 'north' }),
    code: uuid({ dbDefault: UUID4() }),
    day: integer(),
    open: dateTime({ dbDefault: 'now' }),
    name: char({ maxLength: 20 }),
  },
  { primaryKey: ['market', 'code', 'day'] },
) {}

/** A key of the program; the database fills what differs from row to row. */
class Draw extends Model<Draw>()({
  price: decimal({ maxDigits: 6, decimalPlaces: 2, primaryKey: true }),
  chance: char({ maxLength: 40, dbDefault: UUID4() }),
  luck: integer({ dbDefault: sql`7` }),
}) {}

/** A key that PostgreSQL reads with spaces behind it. */
class Slip extends Model<Slip>()({
  code: char({ maxLength: 4, primaryKey: true, dbType: { postgres: 'char(4)' } }),
  chance: char({ maxLength: 40, dbDefault: UUID4() }),
}) {}

/** A number of the program's, or of the database. */
class Visit extends Model<Visit>()({
  guest: char({ maxLength: 20 }),
  badge: uuid({ dbDefault: UUID4() }),
}) {}

/** What is unique may be null. */
class Locker extends Model<Locker>()({
  id: uuid({ primaryKey: true, dbDefault: UUID4() }),
  place: integer({ null: true, unique: true }),
  label: char({ maxLength: 20 }),
}) {}
class Hook extends Model<Hook>()({
  place: integer({ null: true, unique: true }),
  label: char({ maxLength: 20 }),
}) {}

const fair = defineApp({
  name: 'fair',
  root: import.meta.url,
  models: { Ticket, Stall, Draw, Slip, Visit, Locker, Hook },
})

/** Mixes the rows that statements of many rows give back. */
let mixed: (rows: SqlRow[]) => SqlRow[] = (rows) => rows

/** A configuration like another, whose rows come in the order of {@link mixed}. */
function disorderly(config: DatabaseConfig): DatabaseConfig {
  const inner = createDatabase('inner', config).backend
  const name = `disorderly-${config.engine}`
  const open: Backend['open'] = async (given, alias) => {
    const driver = await inner.open({ ...given, engine: config.engine }, alias)
    const { writer } = driver
    const rows: Connection['rows'] = async (statement, params, signal) => {
      const all = await writer.rows(statement, params, signal)
      return statement.bulk === null ? all : mixed(all)
    }
    return {
      reader: driver.reader,
      writer: {
        rows,
        run: (...given) => writer.run(...given),
        iterate: (...given) => writer.iterate(...given),
        exec: (sql) => writer.exec(sql),
      },
      begin: (options) => driver.begin(options),
      translateError: (error, sql) => driver.translateError(error, sql),
      close: () => driver.close(),
    }
  }
  registerBackend({ ...inner, name, open })
  return { ...config, engine: name }
}

describe(`QS-21 bulkCreate() of rows without keys (${engine.name})`, () => {
  beforeAll(async () => {
    const fresh = await engine.fresh(1)
    configureDatabases({ default: disorderly(fresh()) })
    await createTables()
    await createTables('default', fair)
  }, 120_000)
  afterAll(async () => {
    await closeDatabases()
    await engine.drop()
  })

  test('each row has the key of the row that was stored', async () => {
    const orders = fc.oneof(fc.constant('as given' as const), fc.array(fc.nat(), { minLength: 40, maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 40 }), async (order, count) => {
        const place = (i: number): number => (order === 'as given' ? i : order[i]!)
        mixed = (rows) => {
          const places = rows.map((row, i) => ({ row, at: place(i), i })).sort((a, b) => a.at - b.at || a.i - b.i)
          // Upside down it is as a sequence that counts down, and taken as that.
          const falls = places.length > 1 && places.every(({ i }, n) => n === 0 || i < places[n - 1]!.i)
          return falls ? rows : places.map(({ row }) => row)
        }
        const rows = await Company.objects.bulkCreate(
          Array.from({ length: count }, (_, i) => ({ name: `company ${count - i}` })),
        )
        const stored = await Company.objects.inBulk(rows.map((row) => row.id))
        for (const row of rows) expect(stored.get(row.id)?.name).toBe(row.name)
      }),
      { numRuns: 60 },
    )
  })

  test('keys that a sequence counts down stay as they came', async () => {
    mixed = (rows) => rows.map(([id]) => [-Number(id)])
    const rows = await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    expect(rows.map((row) => row.id)).toEqual(rows.map((row) => row.id).toSorted((a, b) => b - a))
  })

  describe('and no number that counts them', () => {
    const seats = (count: number) => Array.from({ length: count }, (_, seat) => ({ seat }))
    const upsideDown = (rows: SqlRow[]): SqlRow[] => rows.toReversed()

    test.each([1, 2, 40, 1200])('%i rows know the keys that the database drew', async (count) => {
      mixed = upsideDown
      const rows = await Ticket.objects.bulkCreate(seats(count))
      const stored = await Ticket.objects.inBulk(rows.map((row) => row.id))
      expect(stored.size).toBe(count)
      for (const row of rows) expect(stored.get(row.id)).toMatchObject({ seat: row.seat, sold: row.sold })
    })

    test('keys that were given stay, among those that were not', async () => {
      mixed = upsideDown
      const id = '0190a5f0-0000-7000-8000-000000000001'
      const rows = await Ticket.objects.bulkCreate([{ seat: 1 }, { seat: 2, id }, { seat: 3 }])
      expect(rows[1]!.id).toBe(id)
      for (const row of rows) expect((await Ticket.objects.get({ id: row.id })).seat).toBe(row.seat)
    })

    test('parts of a key are drawn, each as its column says', async () => {
      mixed = upsideDown
      const rows = await Stall.objects.bulkCreate([
        { day: 1, name: 'a' },
        { day: 1, name: 'b' },
        { day: 1, name: 'c', market: 'south' },
        { day: 1, name: 'd', market: 'south' },
      ])
      expect(rows.map((row) => row.market)).toEqual(['north', 'north', 'south', 'south'])
      for (const row of rows) expect((await Stall.objects.get({ pk: row.pk })).name).toBe(row.name)
    })

    test('a key of the program tells whose row it is, as the column spells it', async () => {
      mixed = upsideDown
      const rows = await Draw.objects.bulkCreate([{ price: '1.5' }, { price: '2.504' }, { price: '3' }])
      const stored = await Draw.objects.orderBy('price').valuesList('chance', { flat: true })
      expect(rows.map((row) => row.chance)).toEqual(stored)
    })

    test('a key that its column spells in a way of its own leaves the others to theirs', async () => {
      mixed = upsideDown
      const rows = await Slip.objects.bulkCreate([{ code: 'abcd' }, { code: 'efgh' }, { code: 'ijkl' }, { code: 'mn' }])
      const stored = await Slip.objects.orderBy('code').valuesList('chance', { flat: true })
      expect(rows.map((row) => row.chance)).toEqual(stored)
    })

    test('numbers of the program tell it, too, in whichever order they are given', async () => {
      mixed = upsideDown
      const rows = await Visit.objects.bulkCreate([7, 3, 9, 5].map((id) => ({ id, guest: `guest ${id}` })))
      const stored = await Visit.objects.inBulk(rows.map((row) => row.id))
      for (const row of rows) expect(stored.get(row.id)?.badge).toBe(row.badge)
    })

    test('keys are drawn with one statement, and not for one row', async () => {
      mixed = (rows) => rows
      const count = async (rows: number): Promise<number> =>
        (await watched(() => Ticket.objects.bulkCreate(seats(rows)))).sql.length
      expect([await count(1), await count(2), await count(40)]).toEqual([1, 2, 2])
    })

    test('QS-21 upsert() of rows that meet none, for a part of what is unique is null', async () => {
      mixed = upsideDown
      const places = [null, 2, null, null, 1, null]
      const update = { conflict: ['place'], update: ['label'] } as const
      const drawn = await Locker.objects.upsert(
        places.map((place, i) => ({ place, label: `locker ${i}` })),
        update,
      )
      // In no order, for one that falls is that of a sequence which counts down.
      mixed = (rows) => [...rows.slice(2), ...rows.slice(0, 2)]
      const counted = await Hook.objects.upsert(
        places.map((place, i) => ({ place, label: `hook ${i}` })),
        update,
      )
      for (const i of places.keys()) {
        expect(drawn[i]).toMatchObject({ label: `locker ${i}`, place: places[i] })
        expect((await Locker.objects.get({ id: drawn[i]!.id })).label).toBe(`locker ${i}`)
        expect(counted[i]).toMatchObject({ label: `hook ${i}`, place: places[i] })
        expect((await Hook.objects.get({ id: counted[i]!.id })).label).toBe(`hook ${i}`)
      }
    })
  })
})
