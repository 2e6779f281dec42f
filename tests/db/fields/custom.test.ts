/** Fields of the project's own: values of a class over a column (MOD-16), JSON with an encoding of its own (MOD-08). */
import { boolean, char, customField, Decimal, F, foreignKey, generated, Max, matches } from 'nuages/db'
import { Upper } from 'nuages/db/functions'
import { deserialize, serialize } from 'nuages/db/serializers'
import { modelForm } from 'nuages/forms'
import { expect, test } from 'vitest'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { toHtml } from '../../../src/std/html.ts'
import { freshTablesOf } from '../schema/tables.ts'
import { Badge, Car, Color, color, Maker, Money, reads } from './paint.ts'
import { bound } from './place.ts'

freshTablesOf(Maker, Car, Badge)

const red = new Color('#ff0000')
const blue = new Color('#0000ff')
const euros = (amount: string) => new Money(new Decimal(amount))

test('MOD-16: values come back as instances of their class, from every way of writing', async () => {
  const made = await Car.objects.create({
    paint: red,
    price: euros('9.90'),
    tags: new Set(['b', 'a']),
    flags: { bits: 5 },
  })
  const [bulk] = await Car.objects.bulkCreate([{ paint: blue, trim: red }])
  const read = await Car.objects.get({ pk: made.pk })
  expect(read.paint).toEqual(red)
  expect(read.paint).toBeInstanceOf(Color)
  expect([read.trim, String(read.price), [...read.tags], read.flags]).toEqual([null, '9.90 €', ['a', 'b'], { bits: 5 }])
  const other = await Car.objects.get({ pk: bulk!.pk })
  expect([other.paint.hex, other.trim?.hex, other.flags]).toEqual(['#0000ff', '#ff0000', null])

  await Car.objects.filter({ pk: other.pk }).update({ trim: new Color('#00FF00'), price: euros('3') })
  await other.refresh()
  expect([other.trim?.hex, String(other.price)]).toEqual(['#00ff00', '3.00 €'])
  other.trim = blue
  await Car.objects.bulkUpdate([other], ['trim'])
  expect((await Car.objects.get({ trim: blue })).pk).toBe(other.pk)
  const [again] = await Car.objects.upsert([{ paint: blue, trim: red, price: euros('4') }], {
    conflict: ['paint'],
    update: ['trim', 'price'],
  })
  expect([again!.pk, again!.trim?.hex, String(again!.price)]).toEqual([other.pk, '#ff0000', '4.00 €'])
  await Car.objects.updateOrCreate({ paint: blue }, { trim: blue })
  expect((await Car.objects.get({ pk: other.pk })).trim).toEqual(blue)
})

test('MOD-16: only what changed is written, told by what is stored', async () => {
  const car = await Car.objects.create({ paint: red, tags: new Set(['x']) })
  const read = await Car.objects.get({ pk: car.pk })
  read.paint = new Color('#FF0000')
  read.tags = new Set(['x'])
  await Car.objects.filter({ pk: car.pk }).update({ paint: blue, tags: new Set(['y']) })
  await read.save()
  const after = await Car.objects.get({ pk: car.pk })
  expect([after.paint.hex, [...after.tags]]).toEqual(['#0000ff', ['y']])
})

test('MOD-16: filters, values and aggregates speak of the class; lookups of text of what is stored', async () => {
  await Car.objects.bulkCreate([
    { paint: red, price: euros('10'), trim: blue },
    { paint: blue, price: euros('2.5') },
  ])
  const paints = (where: object) => Car.objects.filter(where as never).valuesList('paint', { flat: true })
  expect(await Car.objects.filter({ paint: red }).count()).toBe(1)
  expect(await Car.objects.exclude({ paint: new Color('#FF0000') }).valuesList('paint', { flat: true })).toEqual([blue])
  expect(await paints({ paint__in: [red, blue, new Color('#1')] })).toHaveLength(2)
  expect(await paints({ price__gt: euros('3') })).toEqual([red])
  expect(await paints({ price__range: [euros('1'), euros('3')] })).toEqual([blue])
  expect(await paints({ paint__startswith: '#ff' })).toEqual([red])
  expect(await paints({ trim__isnull: true })).toEqual([blue])
  expect(await paints({ trim: F('paint') })).toEqual([])
  expect(await Car.objects.orderBy('price').values('paint', 'trim')).toEqual([
    { paint: blue, trim: null },
    { paint: red, trim: blue },
  ])
  const { most } = await Car.objects.aggregate({ most: Max('price') })
  expect(String(most)).toBe('10.00 €')
  const upper = Car.objects
    .annotate({ loud: Upper('paint') })
    .orderBy('price')
    .valuesList('loud', { flat: true })
  expect(await upper).toEqual(['#0000FF', '#FF0000'])
  const again = await Car.objects.annotate({ same: F('paint') }).get({ same: red } as never)
  expect(again).toMatchObject({ same: red })
  await expect((async () => Car.objects.filter({ paint: 3 as never }))()).rejects.toMatchObject({
    code: 'db.invalid-value',
  })
})

test('MOD-16: related rows, pages and raw rows have them too', async () => {
  const maker = await Maker.objects.create({ name: 'm' })
  await Car.objects.bulkCreate([
    { paint: red, maker },
    { paint: blue, maker },
  ])
  const cars = Car.objects.orderBy('paint')
  expect((await cars.selectRelated('maker')).map((car) => car.paint.hex)).toEqual(['#0000ff', '#ff0000'])
  const first = await cars.page({ size: 1 })
  const second = await cars.page({ size: 1, after: first.next! })
  expect([...first.rows, ...second.rows].map((car) => car.paint)).toEqual([blue, red])
  expect((await Car.objects.only('paint'))[0]!.paint).toEqual(blue)
  expect(await Car.objects.distinct().valuesList('maker__name', 'paint').orderBy('paint')).toEqual([
    ['m', blue],
    ['m', red],
  ])
})

test('MOD-16: cleaning parses what comes in, and runs the validators of the column on what is stored', async () => {
  const paint = Car.meta.fields.get('paint')!
  expect(paint.clean('#FF0000')).toEqual(new Color('#FF0000'))
  expect(paint.clean(red)).toBe(red)
  expect(() => paint.clean('red')).toThrow('Enter a color.')
  expect(() => paint.clean('')).toThrow('required')
  expect(() => paint.clean('#123456789')).toThrow(/7/)
  expect(Car.meta.fields.get('trim')!.clean('')).toBeNull()
  await Car.objects.create({ paint: red })
  await expect(new Car({ paint: new Color('#FF0000') }).fullClean()).rejects.toMatchObject({
    fields: { paint: ['Car with this Paint already exists.'] },
  })
  const cheap = new Car({ paint: blue, price: euros('-1') })
  await expect(cheap.fullClean()).rejects.toMatchObject({ fields: { price: [expect.stringContaining('0')] } })
})

test('MOD-21: constraints over such fields are evaluated with what is stored', async () => {
  await Badge.objects.create({ paint: red, price: euros('2') })
  const said = (values: ConstructorParameters<typeof Badge>[0]) =>
    new Badge(values).fullClean().then(
      () => null,
      (error: Error) => error.message,
    )
  expect(await said({ paint: new Color('#FF0000'), price: euros('2') })).toBe('There is one like it.')
  expect(await said({ paint: red, price: euros('3'), rim: new Color('#000000') })).toBe('Too dark.')
  expect(await said({ paint: red, price: euros('3'), rim: new Color('#FFF') })).toBeNull()
  expect(await matches(new Badge({ paint: red, price: euros('3') }), Badge.Q({ paint: red, rim: null }))).toBe(true)
})

test('MOD-16: values from outside are read by parse', async () => {
  await Car.objects.bulkCreate([{ paint: red, tags: new Set(['a']) }, { paint: blue }])
  const paints = (where: Record<string, unknown>) => Car.objects.dynamic(where).valuesList('paint', { flat: true })
  expect(await paints({ paint: '#FF0000' })).toEqual([red])
  expect(await paints({ paint__in: '#FF0000,#0000ff' })).toEqual([blue, red])
  expect(await paints({ tags: ['a'] })).toEqual([red])
  expect(await paints({ paint__startswith: '#f', trim__isnull: 'true' })).toEqual([red])
  expect(() => Car.objects.dynamic({ paint: 'mauve' })).toThrow(
    expect.objectContaining({ code: 'db.invalid-value', status: 400, message: expect.stringContaining('"mauve"') }),
  )
})

test('MOD-16: what toDb makes nothing of is refused by what it is', async () => {
  const plain = customField({
    column: char({ maxLength: 9 }),
    toDb: (v: Color) => v.hex,
    fromDb: (v) => new Color(v),
    parse: (v) => v as Color,
  })
  expect(() => Car.objects.filter({ paint: 'mauve' as never }).toSQL()).toThrow('mauve')
  expect(() => bound(plain()).type!.conversion!.toDb('mauve')).toThrow('"mauve" is no value of this field.')
})

test('MOD-16: forms show what is stored and read it back', async () => {
  const form = modelForm(Car, { fields: ['paint', 'trim'] })
  const car = await Car.objects.create({ paint: red })
  const shown = toHtml(await form.empty({ instance: car })).toString()
  expect(shown).toMatch(/<input[^>]*type="color"[^>]*value="#ff0000"|<input[^>]*value="#ff0000"[^>]*type="color"/)
  const sent = await form.bind(
    new Map([
      ['paint', '#0000ff'],
      ['trim', ''],
    ]) as never,
    { instance: car },
  )
  expect(await sent.isValid()).toBe(true)
  expect(sent.changed).toEqual(['paint'])
  await sent.save()
  expect((await Car.objects.get({ pk: car.pk })).paint).toEqual(blue)
  const wrong = await form.bind(new Map([['paint', 'red']]) as never)
  expect(await wrong.isValid()).toBe(false)
})

test('MOD-16: migrations write the field of the column, with defaults as they are stored', async () => {
  const { fields } = modelState(Car as never)
  expect(fields.paint).toEqual({ builder: 'char', args: [{ maxLength: 7, unique: true }] })
  expect(fields.trim).toEqual({ builder: 'char', args: [{ maxLength: 7, null: true, dbColumn: 'trim_color' }] })
  expect(fields.price!.builder).toBe('decimal')
  const { deconstructType } = await import('../../../src/db/fields/deconstruct.ts')
  expect(deconstructType(color({ default: red }) as never)).toEqual({
    builder: 'char',
    args: [{ maxLength: 7, default: '#ff0000' }],
  })
})

test('MOD-16: fixtures and JSON hold what is stored', async () => {
  await Car.objects.create({ paint: red, price: euros('1.5'), tags: new Set(['b', 'a']), flags: { bits: 7 } })
  const text = await serialize('json', Car.objects.all())
  expect(JSON.parse(text)[0].fields).toMatchObject({ paint: '#ff0000', price: '1.50', tags: ['a', 'b'] })
  await Car.objects.delete()
  for await (const row of deserialize('json', text)) await row.save()
  const car = await Car.objects.get({ paint: red })
  expect([String(car.price), [...car.tags], car.flags]).toEqual(['1.50 €', ['a', 'b'], { bits: 7 }])
  expect(JSON.parse(JSON.stringify(car)).paint).toBe('#ff0000')
})

test('MOD-16: other columns are read as before: nothing is asked for each row', async () => {
  await Maker.objects.create({ name: 'm' })
  reads.colors = 0
  await Maker.objects.all()
  await Car.objects.values('price')
  expect(reads.colors).toBe(0)
})

test('MOD-16: a column must be plain', () => {
  const options = {
    toDb: (value: never) => value,
    fromDb: (value: never) => value,
    parse: (value: unknown) => value as never,
  }
  const of = (column: unknown) => () => customField({ ...options, column } as never)
  const refused = expect.objectContaining({ code: 'db.bad-field' })
  expect(of(foreignKey(Maker, { onDelete: 'cascade' }))).toThrow(refused)
  expect(of(generated(F('x'), { output: boolean() }))).toThrow(refused)
  expect(of(char({ maxLength: 3, primaryKey: true }))).toThrow(refused)
  expect(of(color())).toThrow(refused)
})
