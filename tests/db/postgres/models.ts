/** A small diary: tags, numbers and periods. */
import { defineApp } from 'nuages'
import {
  bigInteger,
  boolean,
  char,
  Decimal,
  date,
  dateTime,
  decimal,
  float,
  foreignKey,
  integer,
  Model,
  smallInteger,
  Temporal,
  text,
  time,
  uuid,
} from 'nuages/db'
import {
  array,
  bigIntegerRange,
  dateRange,
  dateTimeRange,
  decimalRange,
  exclude,
  integerRange,
} from 'nuages/db/postgres'

export class Note extends Model<Note>()({
  title: char({ maxLength: 50 }),
  tags: array(char({ maxLength: 40 }), { blank: true }),
  lines: array(text({ null: true }), { null: true }),
  counts: array(integer(), { default: () => [1, 2] }),
  small: array(smallInteger(), { blank: true }),
  big: array(bigInteger(), { blank: true }),
  ratios: array(float(), { blank: true }),
  prices: array(decimal({ maxDigits: 12, decimalPlaces: 2 }), { blank: true }),
  flags: array(boolean({ null: true }), { blank: true }),
  days: array(date(), { blank: true }),
  times: array(time(), { blank: true }),
  moments: array(dateTime(), { blank: true }),
  ids: array(uuid(), { blank: true }),
  pair: array(integer(), { size: 2, null: true }),
}) {}

export class Room extends Model<Room>()({ name: char({ maxLength: 50 }) }) {}

export class Booking extends Model<Booking>()(
  {
    room: foreignKey(Room, { onDelete: 'cascade' }),
    period: dateRange(),
    cancelled: boolean({ default: false }),
    seats: integerRange({ null: true }),
    ids: bigIntegerRange({ null: true }),
    price: decimalRange({ null: true }),
    open: dateTimeRange({ null: true }),
  },
  {
    constraints: [
      exclude({
        name: 'no_double_booking',
        expressions: [
          ['room', '='],
          ['period', '&&'],
        ],
        where: { cancelled: false },
        message: 'The room is taken.',
      }),
    ],
  },
) {}

export const diary = defineApp({ name: 'diary', root: import.meta.url, models: { Note, Room, Booking } })
export const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text)
export const dec = (text: string): Decimal => new Decimal(text)
