import { defineApp } from 'nuages'
import { char, foreignKey, integer, Model, oneToOne, reverse, unique } from 'nuages/db'
import { dynamicInlineFormSet, inlineFormSet, modelFormSet, renderFormSet } from 'nuages/forms'
import { captureQueries } from 'nuages/testing'
import { ValidationError } from 'nuages/validators'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../src/db/internal.ts'
import { tableSpec } from '../../src/db/migrations/table-spec.ts'
import type { AnyModel } from '../../src/db/models/meta.ts'

class Port extends Model<Port>()({ name: char({ maxLength: 20 }) }) {
  override toString() {
    return this.name
  }
}
class Trip extends Model<Trip>()({ name: char({ maxLength: 20 }), legs: () => reverse(Leg, 'trip') }) {}
class Leg extends Model<Leg>()(
  {
    trip: () => foreignKey(Trip, { onDelete: 'cascade' }),
    name: char({ maxLength: 20 }),
    place: integer({ null: true, blank: true }),
    start: () => foreignKey(Port, { onDelete: 'protect', null: true, blank: true }),
    end: () => foreignKey(Port, { onDelete: 'protect', null: true, blank: true }),
  },
  { ordering: ['id'], constraints: [unique(['trip', 'name'])] },
) {
  override clean() {
    // Rules of a model may ask for its parent, though it is not saved yet.
    if (this.trip === null || this.trip === undefined) throw new Error('a leg without a trip')
    if (this.name === 'never') throw new ValidationError({ name: 'Not this.' })
  }
}
class Stay extends Model<Stay>()({
  leg: () => foreignKey(Leg, { onDelete: 'protect' }),
}) {}
class Visa extends Model<Visa>()({
  trip: () => oneToOne(Trip, { onDelete: 'cascade' }),
  code: char({ maxLength: 9 }),
}) {}
defineApp({ name: 'settest', root: import.meta.url, models: { Port, Trip, Leg, Stay, Visa } })

let trip: Trip
let other: Trip
beforeEach(async () => {
  await closeDatabases()
  configureDatabases({ default: { engine: 'sqlite', url: 'sqlite::memory:' } })
  const db = database()
  for (const model of [Port, Trip, Leg, Stay, Visa] as unknown as AnyModel[])
    for (const sql of db.backend.schema.createTable(tableSpec(db.backend, model.meta))) await db.exec(sql)
  trip = await Trip.objects.create({ name: 'North' })
  other = await Trip.objects.create({ name: 'South' })
})
afterAll(closeDatabases)

const legs = inlineFormSet(Trip, Leg, { fields: ['name', 'place'], extra: 1, canDelete: true })
const sent = (rows: Record<string, unknown>[], prefix = 'legs') => {
  const data = new URLSearchParams({ [`${prefix}-TOTAL_FORMS`]: `${rows.length}`, [`${prefix}-INITIAL_FORMS`]: '0' })
  for (const [index, row] of rows.entries())
    for (const [name, value] of Object.entries(row)) data.append(`${prefix}-${index}-${name}`, String(value))
  return data
}
const names = async (of: Trip) => Leg.objects.filter({ trip: of.id }).orderBy('id').valuesList('name', { flat: true })
const leg = (name: string, of = trip, place: number | null = null) => Leg.objects.create({ trip: of, name, place })

describe('FORM-18: forms of a parent’s rows', () => {
  test('are drawn with the key of each, and an empty one', async () => {
    const one = await leg('a')
    await leg('elsewhere', other)
    const html = renderFormSet(await legs.empty({ instance: trip }))
    expect(html).toContain(`name="legs-0-id" id="id_legs-0-id" value="${one.id}"`)
    expect(html).toContain('name="legs-INITIAL_FORMS" id="id_legs-INITIAL_FORMS" value="1"')
    expect(html).toContain('name="legs-1-name"')
    expect(html).not.toContain('elsewhere')
  })

  test('change, add and delete, and say what they did', async () => {
    const [a, b] = [await leg('a'), await leg('b')]
    await leg('c')
    const rows = [
      { id: a.id, name: 'A', place: '' },
      { id: b.id, name: 'b', DELETE: 'on' },
      { name: 'new', place: 4 },
    ]
    const set = await legs.bind(sent(rows), { instance: trip })
    expect(await set.isValid()).toBe(true)
    const { added, changed, deleted } = await set.save()
    expect([
      added.map((row) => row.place),
      changed.map(({ row, fields }) => [row.name, fields]),
      deleted.length,
    ]).toEqual([[4], [['A', ['name']]], 1])
    // A row that was not on the page stays.
    expect(await names(trip)).toEqual(['A', 'c', 'new'])
  })

  test('of a new parent are checked before it is saved, and saved after', async () => {
    const parent = new Trip({ name: 'Later' })
    const set = await legs.bind(sent([{ name: 'first' }]), { instance: parent })
    expect(await set.isValid()).toBe(true)
    await parent.save()
    await set.save()
    expect(await names(parent)).toEqual(['first'])
  })

  test('attack: the key of another parent’s row is as if the row were gone; the row stays as it was', async () => {
    const foreign = await leg('foreign', other)
    for (const row of [
      { id: foreign.id, name: 'mine' },
      { id: foreign.id, name: 'x', DELETE: 'on' },
    ]) {
      const set = await legs.bind(sent([row]), { instance: trip })
      if (await set.isValid()) await set.save()
      else expect(set.forms[0]!.nonFieldErrors[0]).toContain('was deleted in the meantime')
    }
    expect([await names(other), await names(trip)]).toEqual([['foreign'], []])
  })

  test.each(['x', '1,2', '%', '9'.repeat(400), '\0', '-1', '1e3', ' '])(
    'a key that is none (%j) is a gone row',
    async (id) => {
      const set = await legs.bind(sent([{ id, name: 'a' }]), { instance: trip })
      expect(await set.isValid()).toBe(false)
    },
  )

  test('attack: one row twice is refused the second time', async () => {
    const a = await leg('a')
    const set = await legs.bind(
      sent([
        { id: a.id, name: 'b' },
        { id: a.id, name: 'c' },
      ]),
      { instance: trip },
    )
    expect(await set.isValid()).toBe(false)
    expect(set.forms[1]!.nonFieldErrors).toHaveLength(1)
  })

  test('what must be unique is so among the forms, and with the parent', async () => {
    const set = await legs.bind(sent([{ name: 'a' }, { name: 'a' }]), { instance: trip })
    expect(await set.isValid()).toBe(false)
    expect(set.forms.map((form) => form.errors)).toEqual([
      {},
      { name: ['Another entry here has the same value: Name.'] },
    ])
    await leg('there')
    const again = await legs.bind(sent([{ name: 'there' }]), { instance: trip })
    expect(await again.isValid()).toBe(false)
    const elsewhere = await legs.bind(sent([{ name: 'there' }]), { instance: other })
    expect(await elsewhere.isValid()).toBe(true)
  })

  test('the model’s own rules speak at their field', async () => {
    const set = await legs.bind(sent([{ name: 'never' }]), { instance: trip })
    expect([await set.isValid(), set.forms[0]!.errors]).toEqual([false, { name: ['Not this.'] }])
  })

  test('a row that cannot be deleted says so, and nothing of the set is saved', async () => {
    const a = await leg('a')
    await Stay.objects.create({ leg: a })
    const set = await legs.bind(sent([{ id: a.id, name: 'a', DELETE: 'on' }, { name: 'b' }]), { instance: trip })
    expect(await set.isValid()).toBe(true)
    const error = await set.save().catch((thrown: unknown) => thrown)
    expect(set.explain(error)).toBe(true)
    expect(set.forms[0]!.nonFieldErrors).toEqual(['This cannot be deleted: other rows refer to it.'])
    expect(await names(trip)).toEqual(['a'])
  })

  test('rows that come back as they were are not written, nor looked at', async () => {
    const rows = [await leg('a'), await leg('never'), await leg('c')]
    const set = await legs.bind(sent(rows.map(({ id, name }) => ({ id, name, place: '' }))), { instance: trip })
    const queries = await captureQueries(async () => {
      expect(await set.isValid()).toBe(true)
      expect(await set.save()).toEqual({ added: [], changed: [], deleted: [] })
    })
    expect(queries.map(({ sql }) => sql).filter((sql) => /update|select/i.test(sql))).toEqual([])
  })

  test('without the right to add or to change, what was sent is not read', async () => {
    const a = await leg('a')
    const readOnly = inlineFormSet(Trip, Leg, { fields: ['name'], canAdd: false, canChange: false })
    const set = await readOnly.bind(sent([{ id: a.id, name: 'b', DELETE: 'on' }, { name: 'new' }]), { instance: trip })
    expect(await set.isValid()).toBe(true)
    await set.save()
    expect(await names(trip)).toEqual(['a'])
  })

  test('choices are read once for all forms of the set', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await leg(name)
    const withPorts = inlineFormSet(Trip, Leg, { fields: ['name', 'start'] })
    const queries = await captureQueries(async () => void (await withPorts.empty({ instance: trip })))
    expect(queries).toHaveLength(2)
  })

  test('a one-to-one row is one at most', async () => {
    const visa = inlineFormSet(Trip, Visa, { fields: ['code'], extra: 3 })
    expect((await visa.empty({ instance: trip })).rows).toHaveLength(1)
  })

  test('several foreign keys: fkName says which, as the compiler does', () => {
    // @ts-expect-error which of the two?
    expect(() => inlineFormSet(Port, Leg, { fields: ['name'] })).toThrow(/several foreign keys/)
    // @ts-expect-error not one of them
    expect(() => inlineFormSet(Port, Leg, { fields: ['name'], fkName: 'trip' })).toThrow(/not a foreign key/)
    // @ts-expect-error no field of a leg
    expect(() => inlineFormSet(Trip, Leg, { fields: ['nam'] })).toThrow(/"nam" is not a field/)
    expect(inlineFormSet(Port, Leg, { fields: ['name'], fkName: 'start' }).fk.name).toBe('start')
    expect(() => dynamicInlineFormSet(Leg as never, Trip as never, { fields: ['name'] })).toThrow(/no foreign key/)
  })
})

describe('FORM-18: forms of a query set’s rows', () => {
  test('edit what the query set has, and nothing else', async () => {
    const set = modelFormSet(Trip, { fields: ['name'], prefix: 'trips' })
    const rows = Trip.objects.filter({ name: 'North' })
    expect((await set.empty({ rows })).rows.map(({ key }) => key)).toEqual([String(trip.id), null])
    const data = sent(
      [
        { id: trip.id, name: 'N' },
        { id: other.id, name: 'S' },
      ],
      'trips',
    )
    expect(await (await set.bind(data, { rows })).isValid()).toBe(false)
    const one = await set.bind(sent([{ id: trip.id, name: 'N' }], 'trips'), { rows: Trip.objects.all() })
    expect(await one.isValid()).toBe(true)
    await one.save()
    expect((await Trip.objects.get({ id: trip.id })).name).toBe('N')
  })
})
