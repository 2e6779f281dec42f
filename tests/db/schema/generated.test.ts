import { Decimal } from 'nuages/db'
import { describe, expect, test } from 'vitest'
import { Item, Made, Person } from './shop.ts'
import { freshTablesOf } from './tables.ts'

freshTablesOf(Item, Made, Person)

describe('generated columns', () => {
  test('MOD-14: are known after create, save, bulkCreate and a change of what they are computed from', async () => {
    const item = await Item.objects.create({ name: 'lamp', price: '2.50', count: 3 })
    expect([String(item.total), item.loud]).toEqual(['7.5', 'LAMP'])
    item.count = 4
    await item.save()
    expect(String(item.total)).toBe('10')
    const [one, two] = await Item.objects.bulkCreate([
      { name: 'a', price: '1' },
      { name: 'b', price: '2' },
    ])
    expect([one!.loud, two!.loud]).toEqual(['A', 'B'])
    const again = await Item.objects.get({ loud: 'LAMP' })
    expect(String(again.total)).toBe('10')
    await again.save()
  })

  test('MOD-14: filter, order and count like any column', async () => {
    await Item.objects.bulkCreate([
      { name: 'a', price: '1', count: 9 },
      { name: 'b', price: '2', count: 2 },
    ])
    expect(await Item.objects.filter({ total__gt: new Decimal(5) }).valuesList('name', { flat: true })).toEqual(['a'])
    expect(await Item.objects.orderBy('total').valuesList('name', { flat: true })).toEqual(['b', 'a'])
  })

  test('MOD-14: refuse every way of writing them', async () => {
    const item = await Item.objects.create({ name: 'lamp', price: '2.50' })
    const refused = expect.objectContaining({ code: 'db.computed-field' })
    // @ts-expect-error it is computed
    await expect((async () => Item.objects.create({ name: 'x', price: '1', loud: 'X' }))()).rejects.toEqual(refused)
    // @ts-expect-error it is computed
    await expect((async () => Item.objects.update({ loud: 'X' }))()).rejects.toEqual(refused)
    // @ts-expect-error it is computed
    await expect((async () => Item.objects.bulkUpdate([item], ['loud']))()).rejects.toEqual(refused)
    // @ts-expect-error it is computed
    await expect((async () => item.save({ fields: ['loud'] }))()).rejects.toEqual(refused)
    item.loud = 'other'
    await expect((async () => item.save())()).rejects.toEqual(refused)
  })

  test('MOD-14: may be unique', async () => {
    await Item.objects.create({ name: 'lamp', price: '1' })
    await expect((async () => Item.objects.create({ name: 'Lamp', price: '1' }))()).rejects.toMatchObject({
      constraint: 'unique',
    })
  })
})

describe('defaults of the database', () => {
  test('MOD-13: fill what a new instance does not say, and come back with the insert', async () => {
    const made = new Made()
    expect([made.token, made.level]).toEqual([undefined, undefined])
    await made.save()
    expect(made.token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(made.at).toBeInstanceOf(Date)
    expect(made.chance).toBeGreaterThanOrEqual(0)
    expect([made.level, made.note, made.size]).toEqual([7, 'none', 7])
    await made.fullClean()
  })

  test('MOD-13: a value that is given wins, null too where the column may be null', async () => {
    const made = await Made.objects.create({ level: 1, note: null })
    await made.refresh()
    expect([made.level, made.note]).toEqual([1, null])
  })

  test('MOD-13: bulkCreate takes rows with and without values', async () => {
    const rows = await Made.objects.bulkCreate([{ level: 2 }, {}, { note: 'x' }, {}])
    expect(rows.map((row) => [row.level, row.note])).toEqual([
      [2, 'none'],
      [7, 'none'],
      [7, 'x'],
      [7, 'none'],
    ])
    expect(new Set(rows.map((row) => row.token)).size).toBe(4)
  })
})

describe('indexes and constraints on expressions', () => {
  test('MOD-19, MOD-20: have names, and the database holds them', async () => {
    expect(Person.meta.indexes.map((each) => each.name)).toEqual([
      expect.stringMatching(/^shop_person_email.*_idx$/),
      'age_last',
    ])
    expect(Person.meta.constraints[0]!.name).toMatch(/^shop_person_email_[0-9a-f]{8}_uniq$/)
    await Person.objects.create({ email: 'a@x.org', age: 3 })
    await expect((async () => Person.objects.create({ email: 'A@X.org', age: 3 }))()).rejects.toMatchObject({
      constraint: 'unique',
    })
  })
})
