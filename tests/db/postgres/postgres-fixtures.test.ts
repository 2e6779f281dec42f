/** Fixtures of what only PostgreSQL has. In Django's form: arrays and ranges are JSON in a text. */
import { defineApp } from 'nuages'
import { Decimal, Model, Temporal } from 'nuages/db'
import { Range, vector } from 'nuages/db/postgres'
import { deserialize, loadFixtures, serialize } from 'nuages/db/serializers'
import { expect, test } from 'vitest'
import { Booking, dec, Note, Room } from './models.ts'
import { freshDiary } from './setup.ts'

class Point extends Model<Point>()({ place: vector({ dimensions: 3, null: true }) }) {}
defineApp({ name: 'fixturepoints', root: import.meta.url, models: { Point } })

freshDiary()

const source = (format: string, text: string) => ({
  name: `x.${format}`,
  format,
  async *open() {
    yield text
  },
})

test.each(['json', 'jsonl', 'xml', 'yaml'])('SER-03 arrays and ranges come back from %s', async (format) => {
  const now = new Date('2024-01-02T03:04:05.678Z')
  await Note.objects.create({
    title: 'full',
    tags: ['', 'a,b', '"', '\\', '{}', 'NULL', 'null', '<&>', 'ä€😀'],
    lines: [null, 'x\ny'],
    counts: [-1, 2147483647],
    big: [9007199254740993n, 0n],
    ratios: [0.1, 5e-324],
    prices: [dec('1.50')],
    flags: [true, null, false],
    days: [Temporal.PlainDate.from('2024-02-29')],
    times: [Temporal.PlainTime.from('01:02:03.000004')],
    moments: [now],
    ids: ['00000000-0000-0000-0000-00000000000a'],
  })
  await Note.objects.create({ title: 'empty', lines: null })
  const room = await Room.objects.create({ name: 'r' })
  const period = new Range(Temporal.PlainDate.from('2024-01-01'), Temporal.PlainDate.from('2024-02-01'))
  await Booking.objects.create({
    room,
    period,
    seats: new Range(1, null),
    ids: new Range(null, 9007199254740993n),
    price: new Range(new Decimal('1.50'), new Decimal('2'), '(]'),
    open: new Range(now, null),
  })
  await Booking.objects.create({ room, period: period.map((day) => day.add({ years: 1 })), seats: Range.empty() })
  const all = async () => [
    await Note.objects.orderBy('pk').values(),
    await Room.objects.values(),
    await Booking.objects.orderBy('pk').values(),
  ]
  const before = await all()
  const text = await serialize(format, [
    ...(await Note.objects.orderBy('pk')),
    ...(await Room.objects.all()),
    ...(await Booking.objects.orderBy('pk')),
  ])
  for (const model of [Booking, Room, Note]) await model.objects.all().delete()
  await loadFixtures([source(format, text)])
  expect(await all()).toEqual(before)
})

test('SER-02 the form is Django’s; lists and mappings are read as well, and nonsense is told', async () => {
  const [row] = JSON.parse(
    await serialize('json', [new Note({ title: 'x', counts: [1, 2] })], { fields: ['counts'] }),
  ) as { fields: unknown }[]
  expect(row!.fields).toEqual({ counts: '[1,2]' })
  const read = async (fields: object, model = 'diary.note') => {
    for await (const each of deserialize('json', JSON.stringify([{ model, pk: 1, fields }])))
      return each.instance as Note & Booking
    return null
  }
  expect((await read({ counts: '["3", "4"]', flags: [true, 'False'] }))!).toMatchObject({
    counts: [3, 4],
    flags: [true, false],
  })
  const booking = (await read({ seats: '{"lower": "1", "upper": null, "bounds": "(]"}' }, 'diary.booking'))!
  expect(booking.seats).toEqual(new Range(1, null, '(]'))
  expect((await read({ seats: '{"empty": true}' }, 'diary.booking'))!.seats).toEqual(Range.empty())
  for (const [fields, model] of [
    [{ counts: '[1, "x"]' }],
    [{ counts: '{1,2}' }],
    [{ counts: 5 }],
    [{ seats: '[1,2)' }, 'diary.booking'],
    [{ seats: { lower: 'x' } }, 'diary.booking'],
    [{ seats: { lower: 1, bounds: ');--' } }, 'diary.booking'],
  ] as [object, string?][]) {
    await expect(read(fields, model), JSON.stringify(fields)).rejects.toMatchObject({
      code: 'serializers.invalid-value',
    })
  }
})

test('SER-03 vectors are text, and text that is none is told', async () => {
  const text = await serialize('json', [new Point({ place: [1, 2.5, -3] })])
  expect(JSON.parse(text)).toMatchObject([{ fields: { place: '[1,2.5,-3]' } }])
  for await (const { instance } of deserialize('json', text)) expect((instance as Point).place).toEqual([1, 2.5, -3])
  const wrong = deserialize('json', text.replace('[1,2.5,-3]', '[1,'))
  await expect(wrong.next()).rejects.toMatchObject({ code: 'serializers.invalid-value', field: 'place' })
})
