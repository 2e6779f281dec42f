import { defineApp } from 'nuages'
import { char, Decimal, decimal, foreignKey, integer, Model, slug, text, unique } from 'nuages/db'
import { beforeEach, expect, test } from 'vitest'
import { ValidationError } from '../../../src/validators.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Shelf extends Model<Shelf>()({ code: char({ maxLength: 20, primaryKey: true }), room: text({ default: 'A' }) }) {}
class Volume extends Model<Volume>()(
  {
    title: char({ maxLength: 200 }),
    slug: slug({ unique: true, null: true }),
    pages: integer({ min: 1, null: true }),
    price: decimal({ maxDigits: 5, decimalPlaces: 2, null: true }),
    note: text({ blank: true }),
    shelf: () => foreignKey(Shelf, { onDelete: 'cascade', null: true }),
  },
  { constraints: [unique(['title', 'shelf'])], verboseName: 'book' },
) {
  override clean() {
    if (this.title === 'Forbidden') throw new ValidationError({ title: 'Not that one.' })
    if (this.title === 'Nothing') throw new ValidationError('Nothing fits.')
  }
}
defineApp({ name: 'stacks', root: import.meta.url, models: { Shelf, Volume } })

freshTablesOf(Shelf, Volume)
beforeEach(async () => {
  await Shelf.objects.create({ code: 'S1' })
  await Volume.objects.create({ title: 'Swing', slug: 'swing', shelf: 'S1' })
})

/** Messages by field; those about the whole under `''`. */
async function problems(volume: Volume, ...args: Parameters<Volume['fullClean']>) {
  try {
    await volume.fullClean(...args)
    return {}
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return error.messages.length > 0 ? { '': error.messages } : { ...error.fields }
  }
}

test('cleans each field and keeps what it reads', async () => {
  const volume = new Volume({ title: 'Minor', price: '9.90' })
  Object.assign(volume, { pages: ' 12 ', slug: ' minor ' })
  await volume.fullClean()
  expect(volume).toMatchObject({ pages: 12, slug: 'minor', note: '', price: new Decimal('9.9') })
})

test('MOD-29: tells all fields that are wrong at once', async () => {
  const volume = new Volume({ title: '', pages: 0, price: '1000' })
  Object.assign(volume, { slug: 'not a slug' })
  expect(Object.keys(await problems(volume)).sort()).toEqual(['pages', 'price', 'slug', 'title'])
  expect(await problems(volume, { exclude: ['pages', 'price', 'slug', 'title'] })).toEqual({})
})

test('leaves out a reference by the name of its column, and the key as pk', async () => {
  const volume = new Volume({ title: 'Minor', shelf: 'S9' })
  expect(Object.keys(await problems(volume))).toEqual(['shelf'])
  expect(await problems(volume, { exclude: ['shelfId'] })).toEqual({})
  expect(Object.keys(await problems(new Shelf({ code: 'x'.repeat(21) }) as never))).toEqual(['code'])
  expect(await problems(new Shelf({ code: 'x'.repeat(21) }) as never, { exclude: ['pk'] })).toEqual({})
})

test('asks the model itself', async () => {
  expect(await problems(new Volume({ title: 'Forbidden' }))).toEqual({ title: ['Not that one.'] })
  expect(await problems(new Volume({ title: 'Nothing' }))).toEqual({ '': ['Nothing fits.'] })
})

test('what must be unique is told before it is written, except to the row itself', async () => {
  expect(await problems(new Volume({ title: 'x', slug: 'swing' }))).toEqual({
    slug: ['Book with this Slug already exists.'],
  })
  expect(await problems(new Volume({ title: 'Swing', shelf: 'S1' }))).toEqual({
    '': ['Book with these Title, Shelf already exists.'],
  })
  expect(await problems(new Volume({ title: 'Swing', slug: 'swing', shelf: 'S1' }), { unique: false })).toEqual({})
  const swing = await Volume.objects.get({ slug: 'swing' })
  expect(await problems(swing)).toEqual({})
  // null is never the same as null
  expect(await problems(new Volume({ title: 'Swing' }))).toEqual({})
  expect(await problems(new Volume({ title: 'y', slug: 'swing', pages: 0 }))).toEqual({
    pages: ['Ensure this value is greater than or equal to 1.'],
    slug: ['Book with this Slug already exists.'],
  })
})

test('MOD-29: what fields and the whole are told goes together', async () => {
  expect(await problems(new Volume({ title: 'Nothing', pages: 0 }))).toEqual({
    '': ['Nothing fits.'],
    pages: ['Ensure this value is greater than or equal to 1.'],
  })
})

test('a relation must lead somewhere', async () => {
  expect(await problems(new Volume({ title: 'x', shelf: 'S9' }))).toEqual({ shelf: ['Shelf S9 does not exist.'] })
  const fresh = new Volume({ title: 'x', shelf: new Shelf({ code: 'S2' }) })
  expect(await problems(fresh)).toEqual({ shelf: ['Shelf S2 does not exist.'] })
})

test('a new instance with the key of another row is told so', async () => {
  await expect(new Shelf({ code: 'S1' }).fullClean()).rejects.toThrow('Shelf with this Code already exists.')
  await expect((await Shelf.objects.get({ code: 'S1' })).fullClean()).resolves.toBeUndefined()
})

test('save() writes, refresh() reads again, delete() counts', async () => {
  const volume = await new Volume({ title: 'Swing 42', pages: 3 }).save()
  expect(volume.id).toBeGreaterThan(0)
  volume.pages = 4
  await volume.save()
  expect((await Volume.objects.get({ id: volume.id })).pages).toBe(4)
  await Volume.objects.filter({ id: volume.id }).update({ pages: Volume.F('pages').plus(1) })
  expect((await volume.refresh()).pages).toBe(5)
  expect(await volume.delete()).toBe(1)
})
