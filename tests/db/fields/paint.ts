/** Fields of the project's own over text, decimals, JSON and bytes, and a model that has them. */
import { defineApp } from 'nuages'
import { binary, char, check, customField, Decimal, decimal, foreignKey, json, Model, slug, unique } from 'nuages/db'
import { ValidationError } from 'nuages/validators'

export class Color {
  readonly hex: string
  constructor(hex: string) {
    this.hex = hex
  }
  toString(): string {
    return `Color ${this.hex}`
  }
  toJSON(): string {
    return this.hex
  }
}
export class Money {
  readonly amount: Decimal
  constructor(amount: Decimal) {
    this.amount = amount
  }
  toString(): string {
    return `${this.amount.toFixed(2)} €`
  }
}

/** How often values were read, for tests that count. */
export const reads = { colors: 0 }

export const color = customField({
  column: char({ maxLength: 7 }),
  toDb: (value: Color) => value.hex.toLowerCase(),
  fromDb: (hex) => {
    reads.colors++
    return new Color(hex)
  },
  parse(input) {
    if (input instanceof Color) return input
    if (typeof input === 'string' && /^#[0-9a-f]{3,12}$/i.test(input)) return new Color(input)
    throw new ValidationError('Enter a color.')
  },
  form: { attributes: { type: 'color' } },
})
const money = customField({
  column: decimal({ maxDigits: 8, decimalPlaces: 2, min: new Decimal(0) }),
  toDb: (value: Money) => value.amount,
  fromDb: (amount) => new Money(amount),
  parse(input) {
    if (input instanceof Money) return input
    throw new ValidationError('Enter an amount.')
  },
})
/** JSON with sets in it: what an encoder and a decoder of JSON are for. */
const tagSet = customField({
  column: json<string[]>(),
  toDb: (tags: ReadonlySet<string>) => [...tags].sort(),
  fromDb: (list) => new Set(list),
  parse(input) {
    if (input instanceof Set) return input as ReadonlySet<string>
    if (Array.isArray(input)) return new Set(input.map(String))
    throw new ValidationError('Enter a list.')
  },
})
const flags = customField({
  column: binary({ maxLength: 4 }),
  toDb: (value: { readonly bits: number }) => Uint8Array.of(value.bits),
  fromDb: (bytes) => ({ bits: bytes[0]! }),
  parse: (input) => input as { readonly bits: number },
})

export class Maker extends Model<Maker>()({ name: slug({ unique: true }) }) {}
export class Car extends Model<Car>()(
  {
    maker: () => foreignKey(Maker, { onDelete: 'cascade', null: true }),
    paint: color({ unique: true }),
    trim: color({ null: true, blank: true, dbColumn: 'trim_color' }),
    price: money({ default: () => new Money(new Decimal(0)) }),
    tags: tagSet({ default: () => new Set<string>() }),
    flags: flags({ null: true }),
  },
  { ordering: ['paint'] },
) {}
export class Badge extends Model<Badge>()(
  { paint: color(), price: money(), rim: color({ null: true }) },
  {
    constraints: [
      unique(['paint', 'price'], { message: 'There is one like it.' }),
      check({ rim__startswith: '#f' }, { message: 'Too dark.' }),
    ],
  },
) {}

defineApp({ name: 'paint', root: import.meta.url, models: { Maker, Car, Badge } })
