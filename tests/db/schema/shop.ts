/** Models whose tables the database computes, fills and guards. */
import { defineApp } from 'nuages'
import {
  char,
  check,
  dateTime,
  decimal,
  F,
  float,
  generated,
  index,
  integer,
  Model,
  Own,
  sql,
  text,
  unique,
  uuid,
} from 'nuages/db'
import { Lower, Now, Random, Upper, UUID4 } from 'nuages/db/functions'

export class Item extends Model<Item>()(
  {
    name: char({ maxLength: 50 }),
    price: decimal({ maxDigits: 8, decimalPlaces: 2 }),
    count: integer({ default: 1 }),
    total: generated(Own('price').times(Own('count')), { output: decimal({ maxDigits: 12, decimalPlaces: 2 }) }),
    loud: generated(Upper('name'), { output: text(), index: true }),
  },
  { constraints: [unique(['loud'], { name: 'loud_once' })] },
) {}

export class Made extends Model<Made>()({
  token: uuid({ dbDefault: UUID4() }),
  at: dateTime({ dbDefault: Now() }),
  chance: float({ dbDefault: Random() }),
  level: integer({ dbDefault: 7 }),
  note: char({ maxLength: 20, null: true, dbDefault: 'none' }),
  size: integer({ dbDefault: sql`(3 + 4)` }),
}) {}

export class Person extends Model<Person>()(
  { email: char({ maxLength: 100 }), age: integer() },
  {
    indexes: [
      index([Lower('email'), '-age']),
      index([F('age').desc({ nulls: 'last' })], { name: 'age_last', where: { age__gt: 3 } }),
    ],
    constraints: [unique([Lower('email')]), check({ age__gte: 0 })],
  },
) {}

export const shop = defineApp({ name: 'shop', root: import.meta.url, models: { Item, Made, Person } })
