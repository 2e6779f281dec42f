/** What the database, or what stands before it, says of values that a column cannot hold. */
import { defineApp } from 'nuages'
import {
  atomic,
  char,
  connection,
  DataError,
  Decimal,
  date,
  decimal,
  foreignKey,
  IntegrityError,
  integer,
  Model,
  ProxyModel,
  sql,
  Temporal,
} from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Maker extends Model<Maker>()({
  name: char({ maxLength: 20, dbColumn: 'full_name' }),
  since: date({ null: true }),
}) {}
class Part extends Model<Part>()({
  code: char({ maxLength: 10, unique: true }),
  maker: () => foreignKey(Maker, { onDelete: 'cascade' }),
  price: decimal({ maxDigits: 6, decimalPlaces: 2, default: '0' }),
  hidden: decimal({ maxDigits: 4, decimalPlaces: 1, default: '0', secret: true }),
  count: integer({ default: 0 }),
}) {}
class Cheap extends ProxyModel<Cheap>()(Part) {}
defineApp({ name: 'faults', root: import.meta.url, models: { Cheap, Maker, Part } })
freshTablesOf(Maker, Part)

const caught = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

describe('a column that cannot be null names its field', () => {
  test('of an insert, an update, many rows and a relation', async () => {
    const maker = await Maker.objects.create({ name: 'Selmer' })
    const empty = null as never
    const told = [
      () => Maker.objects.create({ name: empty }),
      () => Maker.objects.bulkCreate([{ name: 'x' }, { name: empty }]),
      () => Maker.objects.update({ name: empty }),
    ]
    for (const work of told) {
      const error = await caught(async () => work())
      expect(error).toBeInstanceOf(IntegrityError)
      expect(error).toMatchObject({
        code: 'db.not-null-violation',
        status: 409,
        message: 'faults.Maker.name cannot be null (column faults_maker.full_name).',
        table: 'faults_maker',
        columns: ['full_name'],
        fields: ['name'],
        hint: expect.stringContaining('null: true'),
      })
    }
    const relation = await caught(() => Part.objects.create({ code: 'a', maker: empty }))
    expect(relation).toMatchObject({ fields: ['maker'], columns: ['maker_id'] })
    expect((relation as Error).message).toBe('faults.Part.maker cannot be null (column faults_part.maker_id).')
    await Part.objects.create({ code: 'a', maker })
    const twice = await caught(() => Part.objects.create({ code: 'a', maker }))
    expect(twice).toMatchObject({
      code: 'db.unique-violation',
      fields: ['code'],
      message: 'A faults.Part with the same code already exists (faults_part.code).',
      hint: expect.stringContaining('getOrCreate()'),
    })
  })

  test('MOD-20 a key that leads nowhere and a row that others need are told apart where the database does', async () => {
    const maker = await Maker.objects.create({ name: 'Selmer' })
    await Part.objects.create({ code: 'a', maker })
    const nowhere = await caught(() => atomic(() => Part.objects.create({ code: 'b', maker: 99 })))
    const needed = await caught(() =>
      atomic(async () => connection().execute(sql`DELETE FROM faults_maker WHERE id = ${maker.id}`)),
    )
    for (const error of [nowhere, needed]) expect(error).toMatchObject({ code: 'db.foreign-key-violation' })
    if (database().features.vendor !== 'postgres') return
    expect(nowhere).toMatchObject({
      message: 'faults_part.maker_id refers to a row that does not exist.',
      fields: ['maker'],
    })
    expect(needed).toMatchObject({
      message: expect.stringMatching(/^A row that rows of faults_part refer to cannot go \(/),
      columns: [],
    })
  })

  test('MOD-20 SQLite: the field of a reference that leads nowhere, of a statement and of a block', async () => {
    if (database().features.vendor !== 'sqlite') return
    const maker = await Maker.objects.create({ name: 'Selmer' })
    const part = await Part.objects.create({ code: 'a', maker })
    const told = {
      code: 'db.foreign-key-violation',
      constraint: 'foreignKey',
      table: 'faults_part',
      columns: ['maker_id'],
      fields: ['maker'],
      message: 'faults_part.maker_id would refer to a row that does not exist.',
    }
    // A row that was broken before, by another program, is not blamed.
    await database().exec('PRAGMA foreign_keys = OFF')
    await Part.objects.create({ code: 'old', maker: 77 })
    await database().exec('PRAGMA foreign_keys = ON')
    for (const attempt of [
      () => Part.objects.create({ code: 'b', maker: 99 }),
      () =>
        Part.objects.bulkCreate([
          { code: 'b', maker },
          { code: 'c', maker: 99 },
        ]),
      () => Part.objects.filter({ pk: part.pk }).update({ maker: 99 }),
      () => connection().execute(sql`DELETE FROM faults_maker WHERE id = ${maker.id}`),
      () => atomic(() => Part.objects.create({ code: 'b', maker: 99 })),
      () => atomic(async () => void (await connection().execute(sql`DELETE FROM faults_maker WHERE id = ${maker.id}`))),
    ])
      expect(await caught(attempt)).toMatchObject(told)
    expect(await Part.objects.count()).toBe(2)
    expect(await Maker.objects.count()).toBe(1)
    // The connection goes on as if nothing had been asked.
    await Part.objects.create({ code: 'z', maker })
  })

  test('MOD-05 a value of another type that was assigned is refused with its field', async () => {
    const maker = await Maker.objects.create({ name: 'Selmer', since: Temporal.PlainDate.from('1885-01-01') })
    maker.since = '1886-01-01' as never
    await expect(maker.save()).rejects.toMatchObject({
      code: 'db.invalid-value',
      message: 'faults.Maker.since: "1886-01-01" is not a value for a column of kind "date".',
    })
  })

  test('a table that no model has keeps the words of the database', async () => {
    await connection('default').execute(sql`CREATE TABLE strange (a integer NOT NULL)`)
    const error = await caught(async () => connection('default').execute(sql`INSERT INTO strange (a) VALUES (NULL)`))
    expect(error).toMatchObject({ code: 'db.not-null-violation', fields: [], message: 'strange.a cannot be null.' })
  })
})

describe('MOD-05 a decimal that its column cannot hold', () => {
  const refused = { code: 'db.invalid-value', status: 400, message: 'faults.Part.price cannot hold 12345.6.' }

  test('is refused by every way of writing it, and nothing is written', async () => {
    const maker = await Maker.objects.create({ name: 'Selmer' })
    const part = await Part.objects.create({ code: 'a', maker, price: '9999.99' })
    const row = { code: 'b', maker, price: '12345.6' }
    const ways: (() => Promise<unknown>)[] = [
      () => Part.objects.create(row),
      () => new Part(row).save(),
      () => Part.objects.bulkCreate([{ code: 'c', maker }, row]),
      () => Part.objects.upsert([row], { conflict: ['code'], update: ['price'] }),
      async () => Part.objects.upsert([{ code: 'a', maker }], { conflict: ['code'], update: { price: '12345.6' } }),
      async () => Part.objects.update({ price: '12345.6' }),
      () => Part.objects.updateOrCreate({ code: 'a' }, { price: '12345.6', maker }),
      async () => {
        const same = await Part.objects.get({ id: part.id })
        same.price = new Decimal('12345.6')
        await same.save()
      },
      async () => {
        const same = await Part.objects.get({ id: part.id })
        same.price = new Decimal('12345.6')
        await Part.objects.bulkUpdate([same], ['price'])
      },
    ]
    for (const [i, work] of ways.entries()) {
      const error = await caught(work)
      expect(error, `way ${i}`).toBeInstanceOf(DataError)
      expect(error).toMatchObject(refused)
    }
    expect(await Part.objects.valuesList('code', 'price')).toEqual([['a', new Decimal('9999.99')]])
    expect(await caught(() => Part.objects.create({ code: 'z', maker, hidden: 12345 }))).toMatchObject({
      message: 'faults.Part.hidden cannot hold that.',
    })
    // What is only compared may be of any size.
    expect(await Part.objects.filter({ price__lt: '1234567' }).count()).toBe(1)
  })

  test('of more places is rounded half to even before it is written, as Django rounds it: the same on every database', async () => {
    const maker = await Maker.objects.create({ name: 'Selmer' })
    const made = await Part.objects.create({ code: 'a', maker, price: '1.005' })
    expect(String(made.price)).toBe('1.005')
    const prices = ['1.015', '1.025', '-1.005', '2.9999', '9999.994']
    await Part.objects.bulkCreate(prices.map((price, i) => ({ code: `p${i}`, maker, price })))
    const stored = await Part.objects.orderBy('id').valuesList('price', { flat: true })
    expect(stored.map(String)).toEqual(['1', '1.02', '1.02', '-1', '3', '9999.99'])
    // The column itself has it so: comparisons and sums speak of what is shown.
    expect(await Part.objects.filter({ price: '1.02' }).count()).toBe(2)
    expect(await Part.objects.filter({ price__gt: 1, price__lt: '1.02' }).count()).toBe(0)
    await Part.objects.filter({ code: 'a' }).update({ price: '7.125' })
    expect(await Part.objects.filter({ price: '7.12' }).count()).toBe(1)
    expect(await caught(() => Part.objects.create({ code: 'q', maker, price: '9999.995' }))).toMatchObject({
      code: 'db.invalid-value',
    })
  })
})
