import { type AnyModel, atomic, Decimal, m2mChanged, postSave, preSave, Temporal } from 'nuages/db'
import {
  type DeserializeOptions,
  deserialize,
  type FixtureFormat,
  loadFixtures,
  registerFormat,
  type SerializableRows,
  serialize,
} from 'nuages/db/serializers'
import { describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { freshTables } from '../query/setup.ts'
import { City, Country, Parcel, Person, Seat, Thing, world } from './models.ts'

freshTables(world)

const source = (text: string, format = 'json', name = 'world.json') => ({
  name,
  format,
  async *open() {
    yield text
  },
})
const load = (text: string | object, options: DeserializeOptions = {}) =>
  loadFixtures([source(typeof text === 'string' ? text : JSON.stringify(text))], options)
const written = async (rows: SerializableRows, options = {}) =>
  JSON.parse(await serialize('json', rows, options)) as {
    model: string
    pk?: unknown
    fields: Record<string, unknown>
  }[]

/** Values at the edges of every kind. */
const full = {
  key: '0190a6a1-7c54-7b3a-8b4e-1f2e3d4c5b6a',
  short: 'é “quoted” \\ 😀',
  long: 'a\n\t"b"\u2028',
  address: ' spaces kept ',
  whole: -2147483648,
  small: 32767,
  big: 9223372036854775807n,
  ratio: 1e-7,
  price: new Decimal('12345678901234567890123456.0010'),
  yes: false,
  day: Temporal.PlainDate.from('0001-01-01'),
  clock: Temporal.PlainTime.from('23:59:59.999999'),
  moment: new Date('9999-12-31T23:59:59.999Z'),
  span: Temporal.Duration.from({ days: -1, microseconds: -1 }),
  data: { a: [1, null, 'x'], ü: { deep: true } },
  bytes: new Uint8Array([0, 255, 128]),
}

describe('SER-01 formats', () => {
  test('a row is written as Django writes it', async () => {
    await Thing.objects.create(full)
    expect(await written(Thing.objects.all())).toEqual([
      {
        model: 'world.thing',
        pk: full.key,
        fields: {
          short: full.short,
          long: full.long,
          address: full.address,
          whole: -2147483648,
          small: 32767,
          big: 2 ** 63,
          ratio: 1e-7,
          price: '12345678901234567890123456.0010',
          yes: false,
          day: '0001-01-01',
          clock: '23:59:59.999999',
          moment: '9999-12-31T23:59:59.999Z',
          span: '-2 23:59:59.999999',
          data: full.data,
          bytes: 'AP+A',
        },
      },
    ])
    // Exact in the text, which JSON.parse would round.
    expect(await serialize('json', Thing.objects.all())).toContain('"big":9223372036854775807,')
  })

  test.each(['json', 'jsonl'])('%s comes back as it was', async (format) => {
    await Thing.objects.bulkCreate([full, { key: '00000000-0000-4000-8000-000000000000' }])
    const before = await Thing.objects.orderBy('key')
    const text = await serialize(format, Thing.objects.orderBy('key'), { indent: 2 })
    await Thing.objects.all().delete()
    expect(await loadFixtures([source(text, format)])).toEqual({ rows: 2, perModel: { 'world.Thing': 2 } })
    expect((await Thing.objects.orderBy('key')).map((each) => ({ ...each }))).toEqual(
      before.map((each) => ({ ...each })),
    )
  })

  test('one row is on one line, and indented text is Django’s', async () => {
    await Country.objects.bulkCreate([
      { code: 'FR', name: 'France' },
      { code: 'BE', name: 'Belgium' },
    ])
    expect(await serialize('json', Country.objects.orderBy('code'))).toBe(
      '[\n{"model":"world.country","pk":2,"fields":{"code":"BE","name":"Belgium"}},\n{"model":"world.country","pk":1,"fields":{"code":"FR","name":"France"}}\n]\n',
    )
    expect(await serialize('json', Country.objects.filter({ code: 'FR' }), { indent: 2 })).toBe(
      '[\n  {\n    "model": "world.country",\n    "pk": 1,\n    "fields": {\n      "code": "FR",\n      "name": "France"\n    }\n  }\n]\n',
    )
    expect(await serialize('json', Country.objects.none())).toBe('[]\n')
  })

  test('a subset of fields, by either spelling', async () => {
    await Person.objects.create({ fullName: 'Ada' })
    expect((await written(Person.objects.all(), { fields: ['fullName'] }))[0]!.fields).toEqual({ full_name: 'Ada' })
    expect((await written(Person.objects.all(), { fields: ['full_name'] }))[0]!.fields).toEqual({ full_name: 'Ada' })
    await expect(written(Person.objects.all(), { fields: ['ful_name'] })).rejects.toMatchObject({
      code: 'serializers.unknown-field',
      hint: expect.stringContaining('full_name'),
    })
  })

  test('secret fields are written when asked for', async () => {
    await Person.objects.create({ fullName: 'Ada', token: 'hush' })
    expect((await written(Person.objects.all()))[0]!.fields).not.toHaveProperty('token')
    expect((await written(Person.objects.all(), { secrets: true }))[0]!.fields).toMatchObject({ token: 'hush' })
    expect((await written(Person.objects.all(), { fields: ['token'] }))[0]!.fields).toEqual({ token: 'hush' })
  })

  test('formats of other libraries are registered; unknown ones are refused', async () => {
    const tabs: FixtureFormat = {
      name: 'tabs',
      extensions: ['tsv'],
      async *write(rows) {
        for await (const { model, pk, fields } of rows) yield `${[model, pk, ...Object.values(fields)].join('\t')}\n`
      },
      async *read() {},
    }
    registerFormat(tabs)
    await Country.objects.create({ code: 'FR', name: 'France' })
    expect(await serialize('tabs', Country.objects.all())).toBe('world.country\t1\tFR\tFrance\n')
    await expect(serialize('jsno', [])).rejects.toMatchObject({
      code: 'serializers.unknown-format',
      hint: expect.stringContaining('"json"'),
    })
  })

  test('what is no instance is refused', async () => {
    await expect(serialize('json', [{ a: 1 }])).rejects.toMatchObject({ code: 'serializers.not-an-instance' })
  })
})

describe('SER-02 deserialize', () => {
  const france = { model: 'world.country', pk: 7, fields: { code: 'FR', name: 'France' } }

  test('gives instances that are not saved, and save() writes them as they are', async () => {
    const rows = []
    const text = JSON.stringify([
      { model: 'world.Person', pk: 3, fields: { fullName: 'Ada', changed_at: '2001-02-03T04:05:06+02:00' } },
    ])
    for await (const row of deserialize('json', text)) rows.push(row)
    expect(rows[0]!.instance).toBeInstanceOf(Person)
    expect(await Person.objects.count()).toBe(0)
    await rows[0]!.save()
    const ada = await Person.objects.get({ id: 3 })
    expect(ada.changedAt).toEqual(new Date('2001-02-03T02:05:06Z'))
    expect(ada.token).toBe('none')
  })

  test('a row that is there is replaced, its secrets kept where the text has none', async () => {
    await Person.objects.create({ id: 1, fullName: 'Ada', token: 'hush' })
    await load([{ model: 'world.person', pk: 1, fields: { full_name: 'Augusta', changed_at: '2001-01-01T00:00:00Z' } }])
    expect(await Person.objects.values('fullName', 'token')).toEqual([{ fullName: 'Augusta', token: 'hush' }])
  })

  test('signals say raw, and whether the row is new', async () => {
    const events: unknown[] = []
    const stops = [
      preSave.connect(({ raw, created }) => void events.push(['pre', raw, created])),
      postSave.connect(({ raw, created }) => void events.push(['post', raw, created])),
      m2mChanged.connect(({ raw, action, keys }) => void events.push([action, raw, keys])),
    ]
    await load([france])
    await load([
      france,
      { model: 'world.person', pk: 1, fields: { full_name: 'A', changed_at: '2001-01-01', friends: [1] } },
    ])
    for (const stop of stops) stop()
    expect(events).toEqual([
      ['pre', true, true],
      ['post', true, true],
      ['pre', true, false],
      ['post', true, false],
      ['pre', true, true],
      ['post', true, true],
      ['preClear', true, []],
      ['postClear', true, []],
      ['preAdd', true, [1]],
      ['postAdd', true, [1]],
    ])
  })

  test('many-to-many relations become what the text says', async () => {
    const person = (pk: number, friends?: number[], visited?: number[]) => ({
      model: 'world.person',
      pk,
      fields: {
        full_name: `P${pk}`,
        changed_at: '2001-01-01T00:00:00Z',
        ...(friends && { friends }),
        ...(visited && { visited }),
      },
    })
    await load([
      person(1, [2, 3], [5]),
      person(2, [1]),
      person(3, [1]),
      { model: 'world.city', pk: 5, fields: { name: 'Paris', country: 7, twin: null } },
      france,
    ])
    const friends = async (id: number) =>
      (await (await Person.objects.get({ id })).friends.all().orderBy('id')).map((each) => each.id)
    expect([await friends(1), await friends(2), await friends(3)]).toEqual([[2, 3], [1], [1]])
    await load([person(1, [3]), person(2)])
    expect([await friends(1), await friends(2), await friends(3)]).toEqual([[3], [], [1]])
    expect(await Person.objects.filter({ visited: 5 }).count()).toBe(1)
    expect((await written(Person.objects.filter({ id: 1 })))[0]!.fields).toMatchObject({ friends: [3], visited: [5] })
  })

  test('names nobody knows are refused, or left out', async () => {
    const odd = [
      { model: 'world.contry', pk: 1, fields: {} },
      { ...france, fields: { ...france.fields, capital: 'Paris' } },
    ]
    await expect(load(odd)).rejects.toMatchObject({
      code: 'serializers.unknown-model',
      line: 1,
      hint: expect.stringContaining('world.country'),
    })
    await expect(load([odd[1]!])).rejects.toMatchObject({ code: 'serializers.unknown-field' })
    await load(odd, { ignoreNonexistent: true })
    expect(await Country.objects.values('code')).toEqual([{ code: 'FR' }])
  })

  test('labels may stand for other models', async () => {
    await load([{ ...france, model: 'geo.Land' }], { models: { 'geo.land': 'world.Country' } })
    expect(await Country.objects.count()).toBe(1)
  })

  test.each([
    ['[{"model": "world.country", "pk": 1, "fields": {}', 'serializers.malformed', 1],
    ['{"model": 1}', 'serializers.malformed', 1],
    ['[\n{"model": "world.country"},\n{"pk": 1}\n]', 'serializers.malformed', 3],
    ['[\n{"model": "world.country", "pk": 1, "fields": {"code": "FR", "name": }}]', 'serializers.malformed', 2],
    [
      '[{"model": "world.country", "pk": "x", "fields": {"code": "FR", "name": "France"}}]',
      'serializers.invalid-value',
      1,
    ],
    ['[\n\n{"model": "world.city", "pk": 1, "fields": {"name": "P", "country": {}}}]', 'serializers.invalid-value', 3],
    ['[1]', 'serializers.malformed', 1],
  ])('what is wrong is told with its line: %s', async (text, code, line) => {
    await expect(load(text)).rejects.toMatchObject({
      code,
      line,
      message: expect.stringContaining(`world.json:${line}: `),
    })
    expect(await Country.objects.count()).toBe(0)
  })

  test('a value of the wrong kind is never shown: it may be a secret', async () => {
    const row = { model: 'world.person', pk: 1, fields: { full_name: 'A', token: ['hush'], changed_at: 'hush' } }
    await expect(load([row])).rejects.toMatchObject({ message: expect.not.stringContaining('hush'), field: 'token' })
  })

  test('text comes in parts cut anywhere', async () => {
    const text = `\uFEFF[ {"model":"world.country","pk":1,"fields":{"code":"\\"]","name":"\\\\"}} ,\n{"model":"world.country","pk":2,"fields":{"code":"{","name":"}"}}]\n`
    for (const size of [1, 2, 3, 7, 50]) {
      const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      )
      const rows = []
      for await (const row of deserialize('json', parts)) rows.push(row.instance as Country)
      expect(rows.map(({ code, name }) => [code, name])).toEqual([
        ['"]', '\\'],
        ['{', '}'],
      ])
    }
  })

  test('instants keep the microseconds that a Date has not', async () => {
    const row = (moment: string) => [{ model: 'world.thing', pk: full.key, fields: { moment } }]
    await load(row('2024-01-31T10:15:00.123456+02:00'))
    expect((await written(Thing.objects.all()))[0]!.fields.moment).toBe('2024-01-31T08:15:00.123456Z')
    await load(row('1969-12-31T23:59:59.999999Z'))
    expect((await written(Thing.objects.all()))[0]!.fields.moment).toBe('1969-12-31T23:59:59.999999Z')
  })

  test('durations are read as Python writes them', async () => {
    const span = async (text: string) => {
      await load([{ model: 'world.thing', pk: full.key, fields: { span: text } }])
      return String((await Thing.objects.get({ key: full.key })).span)
    }
    expect(await span('-1 23:59:59.999999')).toBe('-PT0.000001S')
    expect(await span('3 04:05:06.5')).toBe('P3DT4H5M6.5S')
    expect(await span('1 day, 0:00:01')).toBe('P1DT1S')
    expect(await span('00:00:00')).toBe('PT0S')
  })

  test('a key of several fields is a list', async () => {
    await Seat.objects.create({ row: 1, place: 2, label: 'x' })
    const rows = await written(Seat.objects.all())
    expect(rows).toEqual([{ model: 'world.seat', pk: [1, 2], fields: { row: 1, place: 2, label: 'x' } }])
    await load([
      { ...rows[0]!, fields: { label: 'y' } },
      { model: 'world.seat', pk: [1, 3], fields: {} },
    ])
    expect(await Seat.objects.orderBy('place').valuesList('place', 'label')).toEqual([
      [2, 'y'],
      [3, ''],
    ])
  })
})

describe('what the database computes', () => {
  test('is not written, and is computed anew where it is loaded, also from files that have it', async () => {
    const { id } = await Parcel.objects.create({ weight: 2, label: 'a' })
    const rows = await written(Parcel.objects.all())
    expect(rows).toEqual([{ model: 'world.parcel', pk: id, fields: { weight: 2, label: 'a' } }])
    await load([{ ...rows[0]!, fields: { weight: 3, double: 99, label: 'b', loud: 'no' } }])
    await load([{ model: 'world.parcel', pk: id + 1, fields: { weight: 4 } }])
    expect(await Parcel.objects.orderBy('id').valuesList('double', 'loud')).toEqual([
      [6, 'B'],
      [8, ''],
    ])
  })

  test('is written when it is named', async () => {
    await Parcel.objects.create({ weight: 2, label: 'a' })
    expect((await written(Parcel.objects.all(), { fields: ['double'] }))[0]!.fields).toEqual({ double: 4 })
  })
})

describe('SER-03 natural keys', () => {
  const world = async () => {
    const france = await Country.objects.create({ code: 'FR', name: 'France' })
    const paris = await City.objects.create({ name: 'Paris', country: france })
    const lyon = await City.objects.create({ name: 'Lyon', country: france, twin: paris })
    const ada = await Person.objects.create({ fullName: 'Ada', home: lyon })
    await ada.visited.add(paris, lyon)
  }
  const everything = async (options: object) => [
    ...(await written(Person.objects.all(), options)),
    ...(await written(City.objects.orderBy('name'), options)),
    ...(await written(Country.objects.all(), options)),
  ]

  test('relations and rows are known by them', async () => {
    await world()
    const rows = await everything({ useNaturalForeignKeys: true, useNaturalPrimaryKeys: true })
    expect(rows).toMatchObject([
      {
        pk: 1,
        fields: {
          home: ['Lyon', 'FR'],
          visited: [
            ['Paris', 'FR'],
            ['Lyon', 'FR'],
          ],
        },
      },
      { fields: { name: 'Lyon', country: ['FR'], twin: ['Paris', 'FR'] } },
      { fields: { name: 'Paris', country: ['FR'], twin: null } },
      { fields: { code: 'FR' } },
    ])
    expect(rows[1]).not.toHaveProperty('pk')
  })

  test('rows come in any order, into a database with other keys, and twice', async () => {
    await world()
    const rows = await everything({ useNaturalForeignKeys: true, useNaturalPrimaryKeys: true })
    for (const model of [Person, City, Country]) await (model as unknown as AnyModel).objects.all().delete()
    await Country.objects.bulkCreate([
      { code: 'XX', name: 'x' },
      { id: 50, code: 'FR', name: 'old' },
    ])
    for (let round = 0; round < 2; round++) {
      await load(rows)
      expect(await Country.objects.orderBy('code').valuesList('id', 'name')).toEqual(
        [
          [50, 'France'],
          [3, 'x'],
        ].map(([id, name]) => [id === 50 ? 50 : expect.any(Number), name]),
      )
      expect(await City.objects.orderBy('name').valuesList('name', 'country__code', 'twin__name')).toEqual([
        ['Lyon', 'FR', 'Paris'],
        ['Paris', 'FR', null],
      ])
      expect(await Person.objects.valuesList('fullName', 'home__name')).toEqual([['Ada', 'Lyon']])
      expect(await Person.objects.orderBy('visited__name').valuesList('visited__name')).toEqual([['Lyon'], ['Paris']])
    }
  })

  test('one that names nothing is told, with its field', async () => {
    await expect(
      load([{ model: 'world.city', pk: 1, fields: { name: 'Paris', country: ['ZZ'] } }]),
    ).rejects.toMatchObject({
      code: 'serializers.missing-reference',
      line: 1,
      field: 'country',
    })
    await expect(
      load([{ model: 'world.city', pk: 1, fields: { name: 'Paris', country: ['F', 'R'] } }]),
    ).rejects.toMatchObject({
      code: 'serializers.no-natural-key',
    })
  })
})

describe('SER-05 loading', () => {
  test('rows may refer to rows that come later; what leads nowhere undoes everything, with its line', async () => {
    const city = (pk: number, country: number, twin: number | null) => ({
      model: 'world.city',
      pk,
      fields: { name: `c${pk}`, country, twin },
    })
    const country = { model: 'world.country', pk: 7, fields: { code: 'FR', name: 'France' } }
    await load([city(1, 7, 2), city(2, 7, 1), country])
    expect(await City.objects.filter({ country__code: 'FR' }).count()).toBe(2)
    const text = `[\n${[city(3, 7, null), city(4, 8, null)].map((row) => JSON.stringify(row)).join(',\n')}\n]`
    await expect(load(text)).rejects.toMatchObject({
      code: 'serializers.broken-reference',
      message: expect.stringContaining('world.json:3: world.City refers to world.Country 8'),
      field: 'country',
      line: 3,
    })
    expect(await City.objects.count()).toBe(2)
  })

  test('a broken many-to-many is told with the row that has it', async () => {
    const person = { model: 'world.person', pk: 1, fields: { full_name: 'A', changed_at: '2001-01-01', visited: [99] } }
    await expect(load([person])).rejects.toMatchObject({
      code: 'serializers.broken-reference',
      line: 1,
      source: 'world.json',
    })
  })

  test('a row that the database refuses is found among many', async () => {
    const row = (pk: number, code: string) => ({ model: 'world.country', pk, fields: { code, name: code } })
    const rows = [row(1, 'AA'), row(2, 'BB'), row(3, 'AA'), row(4, 'CC')]
    const text = `[\n${rows.map((each) => JSON.stringify(each)).join(',\n')}\n]`
    await expect(load(text)).rejects.toMatchObject({ code: 'serializers.cannot-save', line: 4, pk: 3 })
    expect(await Country.objects.count()).toBe(0)
  })

  test('numbers of new rows go on after those that were loaded', async () => {
    await load([{ model: 'world.country', pk: 40, fields: { code: 'FR', name: 'France' } }])
    expect((await Country.objects.create({ code: 'BE', name: 'Belgium' })).id).toBe(41)
  })

  test('the same key twice in one file: the last one counts', async () => {
    const row = (name: string) => ({ model: 'world.country', pk: 1, fields: { code: 'FR', name } })
    await load([row('a'), row('b')])
    expect(await Country.objects.values('name')).toEqual([{ name: 'b' }])
  })

  test('works inside a block, and on another database', async () => {
    await atomic(() => load([{ model: 'world.country', pk: 1, fields: { code: 'FR', name: 'France' } }]))
    expect(await Country.objects.count()).toBe(1)
    expect(database('other').alias).toBe('other')
    await expect(
      load([{ model: 'world.country', pk: 1, fields: { code: 'FR', name: 'x' } }], { using: 'other' }),
    ).rejects.toMatchObject({ code: 'serializers.cannot-save' })
  })
})
