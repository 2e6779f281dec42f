/** A small shop with a column of each kind, null and every value in each: for random questions, see `differential.ts`. */
import { defineApp } from 'nuages'
import {
  bigInteger,
  boolean,
  char,
  date,
  dateTime,
  decimal,
  duration,
  float,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  reverse,
  time,
} from 'nuages/db'
import { Temporal } from '../../../src/std/dates.ts'

export class Maker extends Model<Maker>()({
  name: char({ maxLength: 20 }),
  rank: integer({ null: true }),
  born: date({ null: true }),
  items: () => reverse(Item, 'maker'),
}) {}

export class Item extends Model<Item>()({
  label: char({ maxLength: 20 }),
  note: char({ maxLength: 20, null: true }),
  count: integer({ null: true }),
  big: bigInteger({ null: true }),
  price: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
  ratio: float({ null: true }),
  flag: boolean({ null: true }),
  day: date({ null: true }),
  moment: dateTime({ null: true }),
  clock: time({ null: true }),
  span: duration({ null: true }),
  data: json<unknown>({ null: true }),
  maker: () => foreignKey(Maker, { null: true, onDelete: 'setNull' }),
  parent: () => foreignKey(Item, { null: true, onDelete: 'setNull' }),
  children: () => reverse(Item, 'parent'),
  parts: () => reverse(Part, 'item'),
  tags: () => manyToMany(Label),
}) {}

export class Part extends Model<Part>()({
  size: integer({ null: true }),
  cost: decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
  item: () => foreignKey(Item, { onDelete: 'cascade' }),
}) {}

export class Label extends Model<Label>()({
  name: char({ maxLength: 20, unique: true }),
  items: () => reverse(Item, 'tags'),
}) {}

export const shop = defineApp({ name: 'shop', root: import.meta.url, models: { Maker, Item, Part, Label } })

// ------------------------------------------------------------------ values

const { Duration, PlainDate, PlainTime } = Temporal
const TEXTS = ['', 'a', 'ab', 'b', 'abc', 'a_b', 'a%b', "it's", 'a\\b', 'x y', '12', 'é']
export const VALUES = {
  integer: [-3, -1, 0, 1, 2, 7, 2_147_483_647],
  bigInteger: [-9_007_199_254_740_993n, -1n, 0n, 5n, 9_007_199_254_740_993n],
  decimal: ['-0.25', '0', '0.10', '1.5', '2', '100.05'],
  float: [-1.25, 0, 0.5, 2, 1e10],
  text: TEXTS,
  boolean: [true, false],
  date: ['1899-12-31', '2023-12-31', '2024-01-01', '2024-02-29', '2026-11-22'],
  dateTime: ['1969-12-31T23:59:59.999Z', '2024-01-01T00:00:00Z', '2024-03-31T01:30:00Z', '2026-11-22T02:10:58.123Z'],
  time: ['00:00:00', '01:30:00', '23:59:59.123456'],
  duration: ['PT0S', 'PT1.5S', '-PT36H', 'P40D'],
  json: [
    null,
    true,
    0,
    1,
    1.5,
    'a',
    '1',
    [],
    [1, 'a'],
    {},
    { a: 1 },
    { a: 'x', b: { c: [1, 2] } },
    { a: null },
    [null],
  ],
} as const
export type ValueKind = keyof typeof VALUES

/** As the field takes it. */
export function fieldValue(kind: ValueKind, value: unknown): unknown {
  if (value === null) return null
  if (kind === 'date') return PlainDate.from(value as string)
  if (kind === 'time') return PlainTime.from(value as string)
  if (kind === 'duration') return Duration.from(value as string)
  return kind === 'dateTime' ? new Date(value as string) : value
}

export interface Rows {
  readonly makers: readonly object[]
  readonly items: readonly object[]
  readonly parts: readonly object[]
  readonly labels: readonly object[]
  readonly tagged: readonly (readonly [item: number, label: number])[]
}

/** The same rows each time: of every column each value, and null, in no step with one another. */
export function shopRows(): Rows {
  let state = 7
  const next = (most: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % most
  }
  const pick = (kind: ValueKind, some = true): unknown => {
    const list = VALUES[kind]
    if (some && next(5) === 0) return null
    return fieldValue(kind, list[next(list.length)])
  }
  const kinds = { count: 'integer', big: 'bigInteger', price: 'decimal', ratio: 'float', flag: 'boolean' } as const
  const others = { day: 'date', moment: 'dateTime', clock: 'time', span: 'duration', note: 'text' } as const
  const items = Array.from({ length: 40 }, (_, i) => ({
    id: i + 1,
    label: pick('text', false),
    ...Object.fromEntries(Object.entries({ ...kinds, ...others }).map(([name, kind]) => [name, pick(kind)])),
    data: next(4) === 0 ? null : VALUES.json[1 + next(VALUES.json.length - 1)],
    makerId: next(4) === 0 ? null : 1 + next(5),
    parentId: i === 0 || next(3) === 0 ? null : 1 + next(i),
  }))
  return {
    makers: Array.from({ length: 6 }, (_, i) => ({
      id: i + 1,
      name: TEXTS[i],
      rank: i % 3 === 0 ? null : i - 2,
      born: pick('date'),
    })),
    items,
    parts: Array.from({ length: 50 }, (_, i) => ({
      id: i + 1,
      size: pick('integer'),
      cost: pick('decimal'),
      itemId: 1 + next(25),
    })),
    labels: ['x', 'y', 'z'].map((name, i) => ({ id: i + 1, name })),
    tagged: items.flatMap(({ id }) => [1, 2, 3].filter(() => next(3) === 0).map((label) => [id, label] as const)),
  }
}
