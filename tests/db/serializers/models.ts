/** Models with every kind of column, natural keys, and relations that go in circles. */
import { defineApp } from 'nuages'
import {
  bigInteger,
  binary,
  boolean,
  char,
  date,
  dateTime,
  decimal,
  duration,
  float,
  foreignKey,
  generated,
  integer,
  json,
  Model,
  manyToMany,
  Own,
  slug,
  smallInteger,
  text,
  time,
  unique,
  uuid,
} from 'nuages/db'
import { Upper } from 'nuages/db/functions'

export class Country extends Model<Country>()(
  { code: char({ maxLength: 2, unique: true }), name: char({ maxLength: 50 }) },
  { naturalKey: ['code'] },
) {}

export class City extends Model<City>()(
  {
    name: char({ maxLength: 50 }),
    country: () => foreignKey(Country, { onDelete: 'cascade' }),
    twin: () => foreignKey(City, { null: true, onDelete: 'setNull' }),
  },
  { naturalKey: ['name', 'country'], constraints: [unique(['name', 'country'])] },
) {}

export class Person extends Model<Person>()({
  fullName: char({ maxLength: 50 }),
  token: char({ maxLength: 20, secret: true, default: 'none' }),
  home: () => foreignKey(City, { null: true, onDelete: 'setNull' }),
  friends: () => manyToMany(Person),
  visited: () => manyToMany(City),
  changedAt: dateTime({ autoNow: true }),
}) {}

export class Thing extends Model<Thing>()({
  key: uuid({ primaryKey: true, auto: 4 }),
  short: char({ maxLength: 20, null: true }),
  long: text({ default: '' }),
  address: slug({ null: true }),
  whole: integer({ null: true }),
  small: smallInteger({ null: true }),
  big: bigInteger({ null: true }),
  ratio: float({ null: true }),
  price: decimal({ maxDigits: 30, decimalPlaces: 4, null: true }),
  yes: boolean({ null: true }),
  day: date({ null: true }),
  clock: time({ null: true }),
  moment: dateTime({ null: true }),
  span: duration({ null: true }),
  data: json<unknown>({ null: true }),
  bytes: binary({ null: true }),
}) {}

export class Seat extends Model<Seat>()(
  { row: integer(), place: integer(), label: char({ maxLength: 10, default: '' }) },
  { primaryKey: ['row', 'place'] },
) {}

export class Parcel extends Model<Parcel>()({
  weight: integer(),
  double: generated(Own('weight').times(2), { output: integer() }),
  label: char({ maxLength: 10 }),
  loud: generated(Upper('label'), { output: text() }),
}) {}

export const world = defineApp({
  name: 'world',
  root: import.meta.url,
  models: { City, Country, Parcel, Person, Seat, Thing },
})
