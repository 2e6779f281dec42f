/** Models of the tests about writing: every kind of unique constraint, JSON of several shapes, a table between with columns. */
import { defineApp } from 'nuages'
import {
  boolean,
  char,
  Decimal,
  dateTime,
  decimal,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  reverse,
  unique,
} from 'nuages/db'

export interface Details {
  colour?: string | null
  sizes?: number[]
  maker?: { name?: string | null; city?: string | null }
  'odd "key\' \\ $.x'?: number
}

export class Item extends Model<Item>()(
  {
    code: char({ maxLength: 20, unique: true }),
    name: char({ maxLength: 50, default: '' }),
    shelf: char({ maxLength: 10, null: true }),
    place: integer({ null: true }),
    count: integer({ default: 0 }),
    price: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
    gone: boolean({ default: false }),
    seenAt: dateTime({ null: true }),
    details: json<Details>({ default: () => ({}) }),
    notes: json<unknown>({ null: true }),
    depot: () => foreignKey(Depot, { null: true, onDelete: 'setNull' }),
    orders: () => manyToMany(Order, { through: Line, throughFields: ['item', 'order'] }),
  },
  {
    constraints: [unique(['shelf', 'place'])],
  },
) {}

export class Depot extends Model<Depot>()({
  name: char({ maxLength: 50, unique: true }),
  items: () => reverse(Item, 'depot'),
}) {}

/** One address for each person who is still there. */
export class Person extends Model<Person>()(
  {
    email: char({ maxLength: 100 }),
    left: boolean({ default: false }),
    visits: integer({ default: 1 }),
    friends: () => manyToMany(Person),
    follows: () => manyToMany(Person, { symmetrical: false }),
  },
  { constraints: [unique(['email'], { where: { left: false }, name: 'person_email_there' })] },
) {}

export class Order extends Model<Order>()({
  number: integer(),
  lines: () => reverse(Line, 'order'),
}) {}

export class Line extends Model<Line>()({
  item: () => foreignKey(Item, { onDelete: 'cascade' }),
  order: () => foreignKey(Order, { onDelete: 'cascade' }),
  replaced: () => foreignKey(Item, { null: true, onDelete: 'setNull' }),
  amount: integer({ default: 1 }),
}) {}

export const stock = defineApp({
  name: 'stock',
  root: import.meta.url,
  models: { Depot, Item, Line, Order },
})

/** Where an index may be over some rows only. */
export const guests = defineApp({ name: 'guests', root: import.meta.url, models: { Person } })

/** Two depots with four items, and one with none: what tests of aggregates count. */
export async function fillDepots(): Promise<void> {
  const [a, b] = await Depot.objects.bulkCreate([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  await Item.objects.bulkCreate([
    { code: '1', name: 'Zebra', count: 12, depot: a!, shelf: 'x', place: 3, price: new Decimal('1.50') },
    { code: '2', name: 'ant', count: 10, depot: a! },
    { code: '3', name: 'ant', count: 6, depot: a!, place: 4 },
    { code: '4', name: 'Bee', count: 5, depot: b! },
  ])
}
