/** SER-06: what JSON says of values that have no form of their own in it. */
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { defineApp } from '../../src/apps/index.ts'
import { char, Decimal, decimal, duration, instant, Model, uuid } from '../../src/db/index.ts'
import { json, jsonReplacer, jsonText } from '../../src/http/index.ts'
import { tLazy } from '../../src/i18n/index.ts'
import { Temporal } from '../../src/std/dates.ts'
import { markSafe } from '../../src/std/html.ts'

class Order extends Model<Order>()({
  code: uuid(),
  note: char({ maxLength: 20, secret: true }),
  total: decimal({ maxDigits: 30, decimalPlaces: 10 }),
  took: duration(),
  at: instant(),
}) {}
defineApp({ name: 'jsonforms', root: '/', models: { Order } })

const code = '0190a6f2-0000-7000-8000-000000000001'
const FORMS: readonly (readonly [string, unknown, unknown])[] = [
  ['an instant', new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789)), '2026-02-03T04:05:06.789Z'],
  ['an instant with microseconds', Temporal.Instant.from('2026-02-03T04:05:06.789012Z'), '2026-02-03T04:05:06.789012Z'],
  ['a date', Temporal.PlainDate.from('2026-02-03'), '2026-02-03'],
  ['a time', Temporal.PlainTime.from('04:05:06.789'), '04:05:06.789'],
  ['a duration', Temporal.Duration.from({ days: 1, hours: 2, minutes: 3, seconds: 4 }), 'P1DT2H3M4S'],
  ['a decimal of 30 digits', new Decimal('12345678901234567890.0123456789'), '12345678901234567890.0123456789'],
  ['a bigint', 2n ** 63n - 1n, '9223372036854775807'],
  ['a UUID', code, code],
  ['bytes', new Uint8Array([251, 255, 0]), '+/8A'],
  ['a Buffer', Buffer.from('nuages'), 'bnVhZ2Vz'],
  ['a set', new Set([1, 2n]), [1, '2']],
  ['a map', new Map<string, unknown>([['__proto__', 1n]]), JSON.parse('{"__proto__":"1"}')],
  ['no time', new Date(Number.NaN), null],
  ['markup', markSafe('<b>'), '<b>'],
]

describe('SER-06 values', () => {
  test.each(FORMS)('%s', (_, value, expected) => {
    expect(JSON.parse(jsonText({ deep: [{ value }] })!)).toEqual({ deep: [{ value: expected }] })
    expect(JSON.parse(JSON.stringify({ value }, jsonReplacer))).toEqual({ value: expected })
  })

  test('texts that wait for a language', () => {
    expect(jsonText([tLazy('Yes')])).toBe('["Yes"]')
  })

  test('an instance, without what is secret', () => {
    const at = Temporal.Instant.from('2026-02-03T04:05:06.000007Z')
    const order = new Order({ code, note: 'x', total: '1.50', took: Temporal.Duration.from('PT90S'), at })
    expect(JSON.parse(jsonText({ order, big: 1n })!)).toEqual({
      order: { id: null, code, total: '1.5', took: 'PT90S', at: '2026-02-03T04:05:06.000007Z' },
      big: '1',
    })
  })

  test('a response is written so', async () => {
    expect(await new Response(json({ n: 1n, bytes: new Uint8Array([1]) }).body as never).text()).toBe(
      '{"n":"1","bytes":"AQ=="}',
    )
  })

  test('what was not awaited is told, where JSON.stringify writes {}', () => {
    expect(() => json({ rows: { books: Promise.resolve([]) } })).toThrow(
      expect.objectContaining({ code: 'std.not-awaited', message: expect.stringContaining('"books" is a Promise') }),
    )
    expect(() => json({ books: Order.objects.all() })).toThrow(expect.objectContaining({ code: 'std.not-awaited' }))
  })

  test('a circle is JSON’s own error, however deep; depth alone is none', () => {
    const circle: Record<string, unknown> = {}
    circle.self = { circle }
    expect(() => jsonText(circle)).toThrow(/circular/i)
    let deep: unknown = 1n
    for (let i = 0; i < 500; i++) deep = [deep]
    expect(jsonText(deep)).toContain('"1"')
  })
})

test('SER-06 Django’s encoder writes the same, but for the shorter spelling of durations', () => {
  const script = `
import datetime, decimal, json, uuid
from django.core.serializers.json import DjangoJSONEncoder
utc = datetime.timezone.utc
print(json.dumps([
  datetime.datetime(2026, 2, 3, 4, 5, 6, 789000, utc), datetime.date(2026, 2, 3), datetime.time(4, 5, 6, 789000),
  datetime.timedelta(days=1, hours=2, minutes=3, seconds=4), decimal.Decimal('12345678901234567890.0123456789'),
  uuid.UUID('${code}'),
], cls=DjangoJSONEncoder))`
  const { stdout, stderr } = spawnSync(process.env.PYTHON ?? '/usr/bin/python3', ['-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const theirs = JSON.parse(stdout) as string[]
  const value = (name: string) => FORMS.find(([each]) => each === name)![1]
  const names = ['an instant', 'a date', 'a time', 'a duration', 'a decimal of 30 digits', 'a UUID']
  const ours = JSON.parse(jsonText(names.map(value))!) as string[]
  expect(Temporal.Duration.from(theirs[3]!).toString()).toBe(ours[3])
  expect(theirs.toSpliced(3, 1)).toEqual(ours.toSpliced(3, 1))
})
