/** Models of the tests of types and values: every kind of column, each also where it may be null; every kind of relation. */
import { defineApp } from 'nuages'
import {
  bigInteger,
  binary,
  boolean,
  char,
  choice,
  date,
  dateTime,
  decimal,
  duration,
  float,
  foreignKey,
  instant,
  integer,
  ipAddress,
  json,
  Model,
  manyToMany,
  oneToOne,
  ProxyModel,
  reverse,
  reverseOne,
  Temporal,
  time,
  uuid,
} from 'nuages/db'

export class Country extends Model<Country>()({
  code: char({ maxLength: 2, primaryKey: true }),
  label: char({ maxLength: 40, null: true }),
}) {}

export class Writer extends Model<Writer>()({
  name: char({ maxLength: 50, unique: true }),
  bornOn: date({ null: true }),
  country: () => foreignKey(Country, { null: true, onDelete: 'setNull' }),
  works: () => reverse(Work, 'writer'),
  portrait: () => reverseOne(Portrait, 'writer'),
}) {}

export class Portrait extends Model<Portrait>()({
  writer: () => oneToOne(Writer, { onDelete: 'cascade' }),
  source: char({ maxLength: 50 }),
}) {}

export class Topic extends Model<Topic>()({
  slug: char({ maxLength: 20, primaryKey: true }),
  works: () => reverse(Work, 'topics'),
}) {}

export class Work extends Model<Work>()({
  title: char({ maxLength: 50 }),
  subtitle: char({ maxLength: 50, null: true }),
  pages: integer(),
  parts: integer({ null: true }),
  weight: float(),
  rating: float({ null: true }),
  price: decimal({ maxDigits: 8, decimalPlaces: 2 }),
  fee: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
  sold: bigInteger(),
  printed: bigInteger({ null: true }),
  visible: boolean(),
  checked: boolean({ null: true }),
  state: choice({ draft: 'Draft', out: 'Out' }),
  publishedOn: date(),
  reprintedOn: date({ null: true }),
  opensAt: time(),
  closesAt: time({ null: true }),
  madeAt: dateTime(),
  seenAt: dateTime({ null: true }),
  loggedAt: instant(),
  movedAt: instant({ null: true }),
  length: duration(),
  pause: duration({ null: true }),
  token: uuid(),
  other: uuid({ null: true }),
  scan: binary(),
  address: ipAddress({ null: true }),
  data: json<{ lang: string; size?: { w: number }; tags: string[] }>(),
  extra: json<{ note: string }>({ null: true }),
  writer: () => foreignKey(Writer, { onDelete: 'cascade' }),
  editor: () => foreignKey(Writer, { null: true, onDelete: 'setNull' }),
  topics: () => manyToMany(Topic),
}) {}

export class LongWork extends ProxyModel<LongWork>()(Work) {
  get isLong(): boolean {
    return this.pages > 100
  }
}

/** A tree. */
export class Part extends Model<Part>()({
  name: char({ maxLength: 20 }),
  parent: () => foreignKey(Part, { null: true, onDelete: 'cascade' }),
  parts: () => reverse(Part, 'parent'),
}) {}

export const shelf = defineApp({
  name: 'shelf',
  root: import.meta.url,
  models: { Country, Writer, Portrait, Topic, Work, LongWork, Part },
})
/** Models with tables of their own. */
export const tables = { models: { Country, Writer, Portrait, Topic, Work, Part } }

/** Two writers with works, one without; of two works the first has everything and the second only what it must have. */
export async function fill(): Promise<void> {
  await Country.objects.bulkCreate([
    { code: 'fr', label: 'France' },
    { code: 'be', label: null },
  ])
  const [django, stephane, nobody] = await Writer.objects.bulkCreate([
    { name: 'Django', bornOn: Temporal.PlainDate.from('1910-01-23'), country: 'be' },
    { name: 'Stéphane', country: 'fr' },
    { name: 'Nobody' },
  ])
  void nobody
  await Portrait.objects.create({ writer: django!, source: 'photo' })
  await Topic.objects.bulkCreate([{ slug: 'jazz' }, { slug: 'swing' }])
  const least = {
    weight: 0.5,
    price: '12.50',
    publishedOn: Temporal.PlainDate.from('1953-05-16'),
    opensAt: Temporal.PlainTime.from('08:30:00'),
    madeAt: new Date('2026-01-02T03:04:05.678Z'),
    loggedAt: Temporal.Instant.from('2026-01-02T03:04:05.678901Z'),
    length: Temporal.Duration.from({ hours: 1, minutes: 30 }),
    token: '0190163d-8694-739b-aea5-966c26f8ad91',
    scan: new Uint8Array([1, 2, 3]),
  }
  const [full] = await Work.objects.bulkCreate([
    {
      ...least,
      title: 'Nuages',
      subtitle: 'Clouds',
      pages: 120,
      parts: 3,
      rating: 4.5,
      fee: '1.25',
      sold: 3n,
      printed: 2n ** 60n,
      visible: true,
      checked: true,
      state: 'out',
      reprintedOn: Temporal.PlainDate.from('1963-05-16'),
      closesAt: Temporal.PlainTime.from('18:30:00'),
      seenAt: new Date('2026-02-02T03:04:05Z'),
      movedAt: Temporal.Instant.from('2026-02-02T03:04:05Z'),
      pause: Temporal.Duration.from({ seconds: 1 }),
      other: '0190163d-8694-739b-aea5-966c26f8ad92',
      address: '127.0.0.1',
      data: { lang: 'fr', size: { w: 3 }, tags: ['a', 'b'] },
      extra: { note: 'x' },
      writer: django!,
      editor: stephane!,
    },
    {
      ...least,
      title: 'Swing',
      pages: 90,
      sold: 5n,
      visible: false,
      state: 'draft',
      data: { lang: 'be', tags: [] },
      writer: stephane!,
    },
  ])
  await full!.topics.add('jazz', 'swing')
  const root = await Part.objects.create({ name: 'root' })
  await Part.objects.create({ name: 'leaf', parent: root })
}
