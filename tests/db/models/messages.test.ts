/** A field's own words for what is refused (MOD-10), and values that occur once in a period (MOD-11). */
import { defineApp } from 'nuages'
import { char, choice, date, dateTime, foreignKey, instant, integer, Model, Temporal } from 'nuages/db'
import { charField, form, integerField, modelForm } from 'nuages/forms'
import { ValidationError } from 'nuages/validators'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../../../src/db/checks.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { tLazy, withLanguage, withTimeZone } from '../../../src/i18n/index.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Shop extends Model<Shop>()({ name: char({ maxLength: 9 }) }) {}
const odd = (value: number) => {
  if (value % 2 === 0) throw new ValidationError('Even.', { kind: 'even' })
}
class Ware extends Model<Ware>()({
  code: char({
    maxLength: 4,
    unique: true,
    errorMessages: { unique: 'This code is taken.', max_length: 'Four at most.' },
  }),
  count: integer({ validators: [odd], max: 9, errorMessages: { even: 'Odd ones only.', invalid: 'Write a number.' } }),
  kind: choice(['a', 'b'], { errorMessages: { invalid_choice: 'Take a or b.', blank: tLazy('Pick one.') } }),
  shop: () =>
    foreignKey(Shop, { onDelete: 'cascade', errorMessages: { invalid: 'No such shop.', null: 'Name a shop.' } }),
}) {}
class Entry extends Model<Entry>()({
  title: char({ maxLength: 20, uniqueForDate: 'day' }),
  slug: char({ maxLength: 20, uniqueForMonth: 'at', errorMessages: { unique_for_date: 'Not again this month.' } }),
  topic: char({ maxLength: 20, uniqueForYear: 'seen' }),
  day: date({ null: true }),
  at: dateTime({ null: true }),
  seen: instant({ null: true }),
}) {}
class Wrong extends Model<Wrong>()({ title: char({ maxLength: 9, uniqueForDate: 'dya' }), day: date() }) {}
defineApp({ name: 'wares', root: import.meta.url, models: { Shop, Ware, Entry, Wrong } })
freshTablesOf(Shop, Ware, Entry)

const faults = async (row: { fullClean(): Promise<void> }): Promise<unknown> => {
  try {
    await row.fullClean()
  } catch (error) {
    if (error instanceof ValidationError) return error.fields
    throw error
  }
  return null
}

describe('MOD-10 errorMessages', () => {
  test('are said by kind of problem, of fields, validators, relations and what must be unique', async () => {
    const shop = await Shop.objects.create({ name: 'x' })
    await Ware.objects.create({ code: 'a', count: 1, kind: 'a', shop })
    expect(await faults(new Ware({ code: 'a', count: 2, kind: 'c' as 'a', shop: 99 }))).toEqual({
      code: ['This code is taken.'],
      count: ['Odd ones only.'],
      kind: ['Take a or b.'],
      shop: ['No such shop.'],
    })
    const other = await faults(new Ware({ code: 'abcde', count: 12, kind: '' as 'a' }))
    expect(other).toEqual({
      code: ['Four at most.'],
      count: ['Ensure this value is less than or equal to 9.', 'Odd ones only.'],
      kind: ['Pick one.'],
      shop: ['Name a shop.'],
    })
    expect(await withLanguage('en-XA', () => faults(new Ware({ code: 'b', count: 1, kind: '' as 'a', shop })))).toEqual(
      {
        kind: ['⟦Pick one.⟧'],
      },
    )
    const form = await modelForm(Ware, { fields: ['count'] }).bind(new Map([['count', 'many']]) as never)
    expect(await form.isValid()).toBe(false)
    expect(form.errors.count).toEqual(['Write a number.'])
    expect(JSON.stringify(modelState(Ware as never).fields)).not.toContain('errorMessages')
  })

  test('a form of the model says them: where nothing came, too, and of rows that are not offered', async () => {
    const form = modelForm(Ware, {
      fields: ['code', 'count', 'kind', 'shop'],
      rows: { shop: () => Shop.objects.filter({ name: 'open' }) },
    })
    const shut = await Shop.objects.create({ name: 'shut' })
    const errors = async (values: Record<string, string>) => {
      const bound = await form.bind(new Map(Object.entries(values)) as never)
      expect(await bound.isValid()).toBe(false)
      return bound.errors
    }
    expect(await errors({})).toEqual({
      code: ['This field is required.'],
      count: ['This field is required.'],
      kind: ['Pick one.'],
      shop: ['Name a shop.'],
    })
    expect(await errors({ code: 'abcde', count: '2', kind: 'c', shop: String(shut.id) })).toEqual({
      code: ['Four at most.'],
      count: ['Odd ones only.'],
      kind: ['Take a or b.'],
      shop: ['No such shop.'],
    })
    await Ware.objects.create({ code: 'a', count: 1, kind: 'a', shop: shut })
    const open = await Shop.objects.create({ name: 'open' })
    expect(await errors({ code: 'a', count: '1', kind: 'a', shop: String(open.id) })).toEqual({
      code: ['This code is taken.'],
    })
    expect(await withLanguage('en-XA', () => errors({ code: 'b', count: '1', shop: String(open.id) }))).toEqual({
      kind: ['⟦Pick one.⟧'],
    })
  })

  test('fields of a plain form take the same option', async () => {
    const words = { required: 'Who?', max_length: 'Shorter.', min_value: 'Grown up?', invalid: 'In figures.' }
    const signUp = form({
      name: charField({ maxLength: 3, errorMessages: words }),
      age: integerField({ min: 18, errorMessages: words }),
    })
    const errors = async (values: Record<string, string>) => {
      const bound = signUp.bind(new Map(Object.entries(values)) as never)
      expect(await bound.isValid()).toBe(false)
      return bound.errors
    }
    expect(await errors({ age: 'x' })).toEqual({ name: ['Who?'], age: ['In figures.'] })
    expect(await errors({ name: 'abcd', age: '3' })).toEqual({ name: ['Shorter.'], age: ['Grown up?'] })
  })
})

describe('MOD-11 unique in a period', () => {
  const noon = (text: string) => Temporal.Instant.from(`${text}T12:00:00Z`)
  test('a day, a month of a year, a year; of dates and of instants in the current time zone', async () => {
    const first = await Entry.objects.create({
      title: 't',
      slug: 's',
      topic: 'p',
      day: Temporal.PlainDate.from('2024-05-31'),
      at: new Date('2024-05-31T22:30:00Z'),
      seen: noon('2024-05-31'),
    })
    expect(await faults(first)).toBeNull()
    const same = new Entry({
      title: 't',
      slug: 's',
      topic: 'p',
      day: first.day,
      at: new Date('2024-05-02'),
      seen: noon('2024-01-01'),
    })
    expect(await faults(same)).toEqual({
      title: ['Title must be unique on the day of day.'],
      slug: ['Not again this month.'],
      topic: ['Topic must be unique in the year of seen.'],
    })
    const later = { title: 't', slug: 's', topic: 'p', day: Temporal.PlainDate.from('2024-06-01') }
    expect(await faults(new Entry({ ...later, at: new Date('2024-06-02'), seen: noon('2025-01-01') }))).toBeNull()
    expect(await faults(new Entry({ ...later, at: new Date('2025-05-02'), seen: null }))).toBeNull()
    // Half past midnight of the first of June in Paris.
    const paris = () => faults(new Entry({ ...later, at: new Date('2024-06-02') }))
    expect(await withTimeZone('Europe/Paris', paris)).toEqual({ slug: ['Not again this month.'] })
    expect(await faults(new Entry({ ...later, title: 'u', day: null, at: null }))).toBeNull()
  })

  test('of a name that is no date is told', () => {
    expect(checkModel(Entry as never)).toEqual([])
    expect(checkModel(Wrong as never)).toEqual([
      expect.objectContaining({ id: 'db.E023', object: 'wares.Wrong.title', hint: 'Did you mean "day"?' }),
    ])
    expect(modelState(Entry as never).fields.title).toEqual({ builder: 'char', args: [{ maxLength: 20 }] })
  })
})
