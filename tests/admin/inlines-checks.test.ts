import { defineApp } from 'nuages'
import { admin, inline } from 'nuages/admin'
import { char, foreignKey, integer, Model, manyToMany } from 'nuages/db'
import { afterEach, describe, expect, test } from 'vitest'
import checks from '../../src/admin/checks.ts'

class Port extends Model<Port>()({ name: char({ maxLength: 20 }) }) {}
class Trip extends Model<Trip>()({ name: char({ maxLength: 20 }) }) {}
class Leg extends Model<Leg>()({
  name: char({ maxLength: 20 }),
  nights: integer({ default: 0 }),
  key: char({ maxLength: 20, secret: true, blank: true, default: '' }),
  trip: () => foreignKey(Trip, { onDelete: 'cascade' }),
  start: () => foreignKey(Port, { onDelete: 'cascade', null: true, blank: true }),
  end: () => foreignKey(Port, { onDelete: 'cascade', null: true, blank: true }),
  ports: () => manyToMany(Port, { blank: true }),
}) {}
class Booking extends Model<Booking>()({
  code: char({ maxLength: 20 }),
  leg: () => foreignKey(Leg, { onDelete: 'cascade' }),
}) {}
class Paper extends Model<Paper>()({
  name: char({ maxLength: 20 }),
  booking: () => foreignKey(Booking, { onDelete: 'cascade' }),
}) {}
defineApp({ name: 'inlinechecks', root: '/', models: { Port, Trip, Leg, Booking, Paper } })

/** As JavaScript writes it, where no compiler looks. */
const loose = inline as (model: object, options?: object) => unknown
async function found(model: { prototype: object }, inlines: unknown): Promise<string[]> {
  admin.register(model, { inlines } as never)
  const all = await checks[0]!({ project: null, deploy: false })
  return all
    .filter(({ object }) => object?.startsWith('inlinechecks.'))
    .map(({ id, message, hint }) => `${id} ${message} ${hint}`)
}
afterEach(() => {
  for (const model of [Port, Trip]) admin.unregister(model)
})

describe('ADM-38: checks of inlines', () => {
  test.each<[string, { prototype: object }, unknown, string, string]>([
    ['no inline', Trip, [Leg], 'admin.E040', 'inline(Model'],
    ['no list', Trip, loose(Leg), 'admin.E040', 'inline(Model'],
    ['no foreign key', Trip, [loose(Booking)], 'admin.E041', 'refer to a Trip'],
    ['another foreign key', Trip, [loose(Leg, { fkName: 'start' })], 'admin.E041', 'Names: trip'],
    ['a misspelt foreign key', Port, [loose(Leg, { fkName: 'strat' })], 'admin.E041', 'Did you mean "start"?'],
    ['several foreign keys', Port, [loose(Leg)], 'admin.E042', 'fkName: start, end'],
    ['a misspelt field', Trip, [loose(Leg, { fields: ['nme'] })], 'admin.E043', 'Did you mean "name"?'],
    ['a misspelt value', Trip, [loose(Leg, { readonly: ['nigths'] })], 'admin.E043', 'Did you mean "nights"?'],
    ['the parent', Trip, [loose(Leg, { fields: ['name', 'trip'] })], 'admin.E044', 'Leave it out'],
    ['too many', Trip, [loose(Leg, { max: 5000 })], 'admin.E045', '0 to 1,000'],
    ['a fraction', Trip, [loose(Leg, { extra: 1.5 })], 'admin.E045', 'extra: 1.5'],
    ['more than the most', Trip, [loose(Leg, { min: 3, max: 2 })], 'admin.E045', 'smaller min'],
    [
      'three levels',
      Trip,
      [loose(Leg, { inlines: [loose(Booking, { inlines: [loose(Paper)] })] })],
      'admin.E046',
      'too deep',
    ],
    [
      'a fault of the second level',
      Trip,
      [loose(Leg, { inlines: [loose(Booking, { fields: ['cod'] })] })],
      'admin.E043',
      '"code"',
    ],
    ['a misspelt option', Trip, [loose(Leg, { layuot: 'stacked' })], 'admin.E047', 'Did you mean "layout"?'],
    ['an order that is not there', Trip, [loose(Leg, { ordering: ['-nmae'] })], 'admin.E048', 'Did you mean "name"?'],
    ['an order by many rows', Trip, [loose(Leg, { ordering: ['ports'] })], 'admin.E048', 'cannot order it'],
    ['another layout', Trip, [loose(Leg, { layout: 'wide' })], 'admin.E049', 'tabular or stacked'],
    ['rows that cannot be added', Trip, [loose(Leg, { fields: ['nights'] })], 'admin.W040', 'leaves out name'],
  ])('%s', async (_, model, inlines, id, text) => {
    const all = await found(model, inlines)
    expect(all).toHaveLength(1)
    expect(all[0]).toContain(id)
    expect(all[0]).toContain(text)
  })

  test('nothing is found where nothing is wrong', async () => {
    const inlines = [
      loose(Leg, { fields: ['name', 'nights'], inlines: [loose(Booking)] }),
      loose(Leg, { fields: ['nights'], max: 0, ordering: ['-nights'], layout: 'stacked' }),
    ]
    expect(await found(Trip, inlines)).toEqual([])
    expect(await found(Port, [loose(Leg, { fkName: 'start' })])).toEqual([])
  })
})
