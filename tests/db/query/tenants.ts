/** Models whose keys have several columns, and models that point to them. */
import { defineApp } from 'nuages'
import {
  char,
  date,
  decimal,
  foreignKey,
  integer,
  Model,
  manyToMany,
  oneToOne,
  reverse,
  reverseOne,
  text,
  unique,
  uuid,
} from 'nuages/db'

export class Tenant extends Model<Tenant>()({
  name: char({ maxLength: 50, unique: true }),
  orders: () => reverse(Order, 'tenant'),
}) {}

/** A key, one part of which is a foreign key. */
export class Order extends Model<Order>()(
  {
    tenant: () => foreignKey(Tenant, { onDelete: 'cascade' }),
    number: char({ maxLength: 20 }),
    placed: date({ null: true }),
    total: decimal({ maxDigits: 10, decimalPlaces: 2, default: '0' }),
    note: text({ blank: true }),
    lines: () => reverse(Line, 'order'),
    labels: () => manyToMany(Label),
    related: () => manyToMany(Order),
    invoice: () => reverseOne(Invoice, 'order'),
    events: () => reverse(Event, 'order'),
  },
  { primaryKey: ['tenant', 'number'], ordering: ['tenant', 'number'] },
) {}

/** A key, one part of which is a foreign key over several columns. */
export class Line extends Model<Line>()(
  {
    order: () => foreignKey(Order, { onDelete: 'cascade' }),
    position: integer(),
    product: char({ maxLength: 50 }),
    price: integer({ default: 0 }),
    splits: () => reverse(Split, 'line'),
  },
  { primaryKey: ['order', 'position'], ordering: ['order', 'position'] },
) {}

/** Points to a key of three columns. */
export class Split extends Model<Split>()({
  line: () => foreignKey(Line, { onDelete: 'protect' }),
  share: integer(),
}) {}

export class Label extends Model<Label>()({
  name: char({ maxLength: 30 }),
  orders: () => reverse(Order, 'labels'),
}) {}

export class Invoice extends Model<Invoice>()({
  order: () => oneToOne(Order, { onDelete: 'restrict' }),
  code: uuid({ auto: true, unique: true }),
}) {}

/** Leads to an order, or to none. */
export class Event extends Model<Event>()(
  {
    order: () => foreignKey(Order, { null: true, onDelete: 'setNull' }),
    parent: () => foreignKey(Event, { null: true, onDelete: 'cascade' }),
    kind: char({ maxLength: 20 }),
  },
  { constraints: [unique(['order', 'kind'], { message: 'This happens once.' })] },
) {}

/** Its key to an order shares the column of the tenant. */
export class Parcel extends Model<Parcel>()({
  tenant: () => foreignKey(Tenant, { onDelete: 'cascade' }),
  number: char({ maxLength: 20, null: true }),
  order: () => foreignKey(Order, { onDelete: 'cascade', null: true, fields: ['tenant', 'number'] }),
}) {}

export const tenants = defineApp({
  name: 'tenants',
  root: import.meta.url,
  models: { Tenant, Order, Line, Split, Label, Invoice, Event, Parcel },
})
