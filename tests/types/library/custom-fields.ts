// Fields of the project's own are typed by what their conversions say (MOD-16).
import { char, customField, decimal, foreignKey, json, Model } from 'nuages/db'
import { Author } from './author.ts'
import { eq } from './eq.ts'

class Color {
  readonly hex: string
  constructor(hex: string) {
    this.hex = hex
  }
}
const color = customField({
  column: char({ maxLength: 7 }),
  toDb: (value: Color) => value.hex,
  fromDb: (hex) => new Color(hex),
  parse: (input) => input as Color,
})
const tags = customField({
  column: json<string[]>(),
  toDb: (value: ReadonlySet<string>) => [...value],
  fromDb: (list) => new Set(list),
  parse: (input) => new Set(input as string[]),
})

class Car extends Model<Car>()({
  paint: color(),
  trim: color({ null: true }),
  tags: tags({ default: () => new Set<string>() }),
}) {}

export async function use(): Promise<void> {
  const car = await Car.objects.create({ paint: new Color('#fff') })
  eq<typeof car.paint, Color>(true)
  eq<typeof car.trim, Color | null>(true)
  eq<typeof car.tags, Set<string>>(true)
  const paints = await Car.objects
    .filter({ paint: car.paint, paint__startswith: '#' })
    .valuesList('paint', { flat: true })
  eq<(typeof paints)[number], Color>(true)
  await Car.objects.filter({ trim__in: [car.paint] }).update({ trim: null, paint: car.paint })
  // @ts-expect-error what is stored is no value
  Car.objects.filter({ paint: '#fff' })
  // @ts-expect-error it must be given
  Car.objects.create({})
  // @ts-expect-error a column that may be null says so where it is used
  Car.objects.update({ paint: null })
}

// @ts-expect-error no key
color({ primaryKey: true })
// @ts-expect-error defaults are values of the class
color({ default: '#fff' })
const column = char({ maxLength: 7 })
const white = (_: unknown) => new Color('#fff')
// @ts-expect-error toDb gives what the column takes
customField({ column, toDb: (_: Color) => 3, fromDb: white, parse: white })
// @ts-expect-error fromDb is given what the column holds
customField({ column, toDb: (_: Color) => '', fromDb: (_: number) => white(_), parse: white })
const maker = foreignKey(Author, { onDelete: 'cascade' })
// @ts-expect-error no relation
customField({ column: maker, toDb: (_: Color) => 3, fromDb: white, parse: white })
// The other kinds go as well.
export const price = customField({
  column: decimal({ maxDigits: 8, decimalPlaces: 2 }),
  toDb: (value: { readonly amount: number }) => String(value.amount) as never,
  fromDb: (amount) => ({ amount: amount.toNumber() }),
  parse: (input) => ({ amount: Number(input) }),
})
