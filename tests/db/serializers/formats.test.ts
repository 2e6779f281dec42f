/** Every format, with values that text has trouble with; and text that attacks. */
import { Decimal, JSONNull, Temporal } from 'nuages/db'
import { deserialize, loadFixtures, serialize } from 'nuages/db/serializers'
import { describe, expect, test } from 'vitest'
import { freshTables } from '../query/setup.ts'
import { City, Country, Person, Seat, Thing, world } from './models.ts'

freshTables(world)

const source = (format: string, text: string) => ({
  name: `x.${format}`,
  format,
  // Cut where it hurts.
  async *open() {
    for (let i = 0; i < text.length; i += 7) yield text.slice(i, i + 7)
  },
})
const load = (format: string, text: string) => loadFixtures([source(format, text)])
const ODD = ' “é” 😀 & <b> ]]> \' " \\ # : - %YAML\n\tline\r\nnext\u2028\u0085 '
const WORDS = [
  'yes',
  'No',
  'null',
  '~',
  '=',
  '<<',
  '1e3',
  '0x1f',
  '010',
  '1:30',
  '2020-01-01',
  '- a',
  '? b',
  '',
  '*x',
  '&x',
  '!!t',
  '.inf',
]

describe.each(['json', 'jsonl', 'xml', 'yaml'])('SER-01 %s', (format) => {
  test('every kind of value comes back', async () => {
    const full = await Thing.objects.create({
      short: ' a<b&"c" ',
      long: ODD,
      whole: -5,
      small: 0,
      big: -9223372036854775808n,
      ratio: 5e-324,
      price: new Decimal('12345678901234567890123456.0001'),
      yes: false,
      day: Temporal.PlainDate.from('0001-01-01'),
      clock: Temporal.PlainTime.from('23:59:59.999999'),
      moment: new Date('2024-02-29T12:00:00.120Z'),
      span: Temporal.Duration.from({ days: -1, hours: -2 }),
      data: { a: [1, 2.5, null, true, ODD], '': { 'x y': [], '1': 1e21 }, __proto__x: {}, words: WORDS },
      bytes: new Uint8Array([0, 255, 10]),
    })
    await Thing.objects.create({ data: 'text', ratio: 1e21 })
    await Thing.objects.create({ data: [], ratio: -0.5, yes: true })
    for (const word of WORDS) await Thing.objects.create({ short: word, long: `${word}\n${word}`, data: word })
    const before = await Thing.objects.orderBy('key').values()
    const text = await serialize(format, Thing.objects.orderBy('key'), { indent: 2 })
    await Thing.objects.all().delete()
    expect(await load(format, text)).toMatchObject({ rows: 3 + WORDS.length })
    expect(await Thing.objects.orderBy('key').values()).toEqual(before)
    expect((await Thing.objects.get({ key: full.key })).long).toBe(ODD)
    expect(await serialize(format, Thing.objects.orderBy('key'), { indent: 2 })).toBe(text)
  })

  test('relations, natural keys, empty ones and keys of several columns come back', async () => {
    const fr = await Country.objects.create({ code: 'FR', name: 'France' })
    const paris = await City.objects.create({ name: 'Paris <&>', country: fr })
    const ada = await Person.objects.create({ fullName: 'Ada', home: paris })
    const bo = await Person.objects.create({ fullName: 'Bo' })
    await ada.visited.add(paris)
    await ada.friends.add(bo)
    await Seat.objects.create({ row: 3, place: 4, label: 'x' })
    const rows = async () => [
      ...(await Country.objects.all()),
      ...(await City.objects.all()),
      ...(await Person.objects.orderBy('pk')),
      ...(await Seat.objects.all()),
    ]
    for (const natural of [false, true]) {
      const options = { useNaturalForeignKeys: natural, useNaturalPrimaryKeys: natural, secrets: true }
      const text = await serialize(format, await rows(), options)
      for (const model of [Person, City, Country, Seat]) await model.objects.all().delete()
      await load(format, text)
      expect(await serialize(format, await rows(), { ...options, useNaturalPrimaryKeys: true })).toBe(
        natural ? text : await serialize(format, await rows(), { ...options, useNaturalPrimaryKeys: true }),
      )
      const [one, two] = await Person.objects.orderBy('fullName').selectRelated('home')
      expect(one!.home!.name).toBe('Paris <&>')
      expect([await one!.visited.count(), await two!.visited.count()]).toEqual([1, 0])
      expect((await two!.friends.all()).map((each) => each.fullName)).toEqual(['Ada'])
      expect(await Seat.objects.values('row', 'place', 'label')).toEqual([{ row: 3, place: 4, label: 'x' }])
    }
  })

  test('nothing is a fixture of no rows', async () => {
    const text = await serialize(format, [])
    expect(await load(format, text)).toMatchObject({ rows: 0 })
  })

  test('what is wrong is told with its line', async () => {
    const rows = [new Seat({ row: 1, place: 1 }), new Seat({ row: 1, place: 2, label: 'wrong' })]
    const text = (await serialize(format, rows, { indent: 1 })).replace(/"?label"?(?=[^\n]*wrong)/, (name) =>
      name.replace('label', 'lable'),
    )
    const line = text.slice(0, text.lastIndexOf('world.seat')).split('\n').length
    const error = await load(format, text).catch((error) => error)
    expect(error).toMatchObject({ code: 'serializers.unknown-field', source: `x.${format}` })
    expect(Math.abs(error.line - line)).toBeLessThan(2)
  })
})

describe('XML', () => {
  const doc = (inner: string, head = '') =>
    `<?xml version="1.0" encoding="utf-8"?>${head}<django-objects version="1.0">${inner}</django-objects>`
  const read = async (text: string) => {
    const rows: unknown[] = []
    for await (const row of deserialize('xml', [text])) rows.push(row.instance)
    return rows
  }

  test('SER-02 entities, document types and what they fetch are refused', async () => {
    const country = (code: string) => doc(`<object model="world.country"><field name="code">${code}</field></object>`)
    const heads = {
      'billion laughs':
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
      'quadratic blow-up': `<!DOCTYPE x [<!ENTITY c "${'a'.repeat(1000)}">]>`,
      'XXE of a file': '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
      'XXE of a network': '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
      'a fetched DTD': '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
      'an empty DTD': '<!DOCTYPE x>',
    }
    for (const [name, head] of Object.entries(heads)) {
      const error = await read(country('&c;').replace('?>', `?>${head}`)).catch((error) => error)
      expect([name, error.code, error.message]).toEqual([
        name,
        'serializers.malformed',
        expect.stringContaining('document type'),
      ])
    }
    await expect(read(country('&c;'))).rejects.toMatchObject({ code: 'serializers.malformed', line: 1 })
    expect(await read(country('F&#82;'))).toMatchObject([{ code: 'FR' }])
  })

  test('SER-02 elements nest as fixtures do, and no deeper', async () => {
    for (const inner of [
      `<object model="world.country"><field name="code">${'<a>'.repeat(100_000)}`,
      `<object model="world.country"><object model="world.country"></object></object>`,
      `<object model="world.country"><field name="code"><field name="code">x</field></field></object>`,
      '<script/>',
      'text',
      '<object><field name="code">x</field></object>',
      '<object model="world.country"><field>x</field></object>',
      '<object model="world.person"><field name="visited" rel="ManyToManyRel"><object></object></field></object>',
      '<object model="world.country"><field name="code" name="code">x</field></object>',
      '<object model="world.country">',
    ]) {
      await expect(read(doc(inner)), inner.slice(0, 80)).rejects.toMatchObject({ code: 'serializers.malformed' })
    }
    await expect(read('')).rejects.toMatchObject({ code: 'serializers.malformed' })
    await expect(read(doc('').replace('</django-objects>', ''))).rejects.toMatchObject({
      code: 'serializers.malformed',
    })
    await expect(
      read(doc('<object model="world.country"><field name="__proto__">x</field></object>')),
    ).rejects.toMatchObject({ code: 'serializers.unknown-field' })
  })

  test('control characters cannot be written, and say so', async () => {
    for (const text of ['\0', 'a\u0001', '\ufffe', '\ud83d']) {
      await expect(serialize('xml', [new Thing({ long: text })])).rejects.toMatchObject({
        code: 'serializers.unwritable-text',
      })
    }
  })

  test('a JSON null and an empty column are two things', async () => {
    const key = (await Thing.objects.create({ data: JSONNull })).key
    await Thing.objects.create({ data: null })
    const text = await serialize('xml', await Thing.objects.all())
    await Thing.objects.all().delete()
    await load('xml', text)
    expect(await Thing.objects.filter({ data: JSONNull }).valuesList('key', { flat: true })).toEqual([key])
    expect(await Thing.objects.filter({ data: null }).count()).toBe(1)
  })
})

describe('YAML', () => {
  test('SER-02 tags that make more than data, loops and a billion laughs are refused', async () => {
    const thing = (data: string) => `- model: world.thing\n  pk: '${'0'.repeat(31)}a'\n  fields:\n    data: ${data}\n`
    const laughs = Array.from(
      { length: 9 },
      (_, i) => `- &l${i + 1} [${Array.from({ length: 9 }, () => `*l${i}`).join(', ')}]`,
    )
    const attacks = {
      python: thing('!!python/object/apply:os.system ["echo"]'),
      js: thing('!!js/function "function () { return 1 }"'),
      loop: thing('&x [*x]'),
      laughs: `- &l0 [lol, lol]\n${laughs.join('\n')}\n`,
      deep: thing('['.repeat(200_000)),
      deeper: thing(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
      mapping: 'model: world.thing\n',
      tabs: '- model: world.thing\n\tfields: {}\n',
      twice: `${thing('1')}    data: 2\n`,
      two: `${thing('1')}---\n${thing('2')}`,
    }
    for (const [name, text] of Object.entries(attacks)) {
      const error = await load('yaml', text).then(
        () => ({ code: 'loaded' }),
        (error) => error,
      )
      expect([name, error.code]).toEqual([
        name,
        name === 'deeper' ? expect.stringMatching(/malformed|invalid-value/) : 'serializers.malformed',
      ])
    }
    expect(await Thing.objects.count()).toBe(0)
  })

  test('SER-02 quadratic blow-up: thousands of aliases take no longer than as many values', async () => {
    const pk = '0'.repeat(31)
    const head = `- model: world.thing\n  pk: '${pk}a'\n  fields:\n    data:\n    - &a x\n`
    // Where each looked for its anchor this outlasted the test's limit of time.
    await load('yaml', `${head}${'    - *a\n'.repeat(12_000)}`)
    const again = Array.from({ length: 3 }, (_, i) => `    - &a ${i}\n    - *a\n`).join('')
    await load('yaml', `${head.replace(`${pk}a`, `${pk}b`)}${again}`)
    const [many, few] = await Thing.objects.orderBy('key')
    expect([(many!.data as unknown[]).length, few!.data]).toEqual([12_001, ['x', 0, 0, 1, 1, 2, 2]])
  })

  test('dates that Python repeats by aliases, its booleans and its numbers are read', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `- model: world.thing
  pk: '${String(i).padStart(32, '0')}'
  fields: {moment: ${i === 0 ? '&id001 2020-01-01 00:00:00.5+00:00' : '*id001'}, day: 2001-02-03, 'yes': on, big: 9007199254740993, whole: 0x10, clock: 10:15:00, ratio: 1.0e+3}`,
    )
    await load('yaml', rows.join('\n'))
    const last = await Thing.objects.get({ key: '00000000-0000-0000-0000-000000000299' })
    expect(last.moment).toEqual(new Date('2020-01-01T00:00:00.5Z'))
    expect([String(last.day), last.yes, last.big, last.whole, String(last.clock), last.ratio]).toEqual([
      '2001-02-03',
      true,
      9007199254740993n,
      16,
      '10:15:00',
      1000,
    ])
  })
})
