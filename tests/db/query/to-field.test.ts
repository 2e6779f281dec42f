/** REL-01: keys to other fields than the primary key, and without a constraint of the database; MOD-32: which row it is. */
import { defineApp } from 'nuages'
import { char, foreignKey, IntegrityError, isSameRow, Model, reverse, rowState, uuid } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { freshTables, watched } from './setup.ts'

class Country extends Model<Country>()({
  code: char({ maxLength: 2, unique: true }),
  name: char({ maxLength: 40 }),
  cities: () => reverse(City, 'country'),
}) {}
class City extends Model<City>()({
  id: uuid({ primaryKey: true, auto: true }),
  name: char({ maxLength: 40 }),
  country: () => foreignKey(Country, { toField: 'code', onDelete: 'cascade' }),
  twin: () => foreignKey(City, { null: true, onDelete: 'doNothing', constraint: false }),
}) {}
const atlas = defineApp({ name: 'atlas', root: import.meta.url, models: { Country, City } })
freshTables(atlas)

let france: Country
beforeEach(async () => {
  await Country.objects.create({ code: 'de', name: 'Germany' })
  france = await Country.objects.create({ code: 'fr', name: 'France' })
})

describe('toField', () => {
  test('holds the value of that field, takes it or an instance, and is followed', async () => {
    const paris = await City.objects.create({ name: 'Paris', country: france })
    const lyon = await City.objects.create({ name: 'Lyon', country: 'fr' })
    expect([paris.countryId, lyon.countryId]).toEqual(['fr', 'fr'])
    expect((await (await City.objects.get({ name: 'Lyon' })).country).name).toBe('France')
    expect(await City.objects.filter({ country: france, country__name: 'France' }).count()).toBe(2)
    expect(await City.objects.filter({ country__in: [france, 'de'] }).count()).toBe(2)
    expect(await City.objects.filter({ countryId: 'fr' }).count()).toBe(2)
    const { sql } = await watched(() => City.objects.filter({ country__code: 'fr' }).values('country'))
    expect(sql[0]).not.toContain('JOIN')
    expect(await france.cities.orderBy('name').valuesList('name', { flat: true })).toEqual(['Lyon', 'Paris'])
    expect(await Country.objects.filter({ cities__name: 'Paris' }).count()).toBe(1)
    expect((await City.objects.selectRelated('country').get({ name: 'Paris' })).country.name).toBe('France')
    const [, ahead] = await Country.objects.prefetchRelated('cities').orderBy('code')
    expect(ahead!.cities.length).toBe(2)
    await expect(new City({ name: 'x', country: 'xx' }).fullClean()).rejects.toThrow()
    await expect(City.objects.create({ name: 'x', country: 'xx' })).rejects.toBeInstanceOf(IntegrityError)
    expect(await Country.objects.filter({ pk: france.id }).delete()).toEqual({
      total: 3,
      perModel: { 'atlas.City': 2, 'atlas.Country': 1 },
    })
  })

  test('a column like the field, and a reference to it; none with constraint: false', () => {
    const { columns, indexes } = tableSpec(database().backend, City.meta)
    const [, , country, twin] = columns
    expect(country).toMatchObject({
      name: 'country_id',
      type: { kind: 'char', maxLength: 2 },
      references: { table: 'atlas_country', column: 'code' },
    })
    expect(twin!.references).toBeUndefined()
    expect(indexes.map((each) => each.columns[0]!.name)).toEqual(['country_id', 'twin_id'])
  })
})

test('constraint: false lets a key lead nowhere', async () => {
  const nowhere = '01890000-0000-7000-8000-000000000000'
  const city = await City.objects.create({ name: 'x', country: 'fr', twin: nowhere })
  await expect(city.twin).rejects.toMatchObject({ code: 'db.does-not-exist' })
})

test('MOD-32: isSameRow() and rowState()', async () => {
  const again = await Country.objects.get({ code: 'fr' })
  const fresh = new Country({ code: 'it', name: 'Italy' })
  expect(again === france).toBe(false)
  expect(isSameRow(again, france)).toBe(true)
  expect(isSameRow(again, await Country.objects.get({ code: 'de' }))).toBe(false)
  expect(isSameRow(fresh, fresh)).toBe(true)
  expect(isSameRow(fresh, new Country({ code: 'it', name: 'Italy' }))).toBe(false)
  expect(isSameRow(france, france.id)).toBe(false)
  expect(rowState(fresh)).toEqual({ adding: true, database: null })
  expect(rowState(again)).toEqual({ adding: false, database: 'default' })
  await again.delete()
  expect(rowState(again).adding).toBe(true)
})
