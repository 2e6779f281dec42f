/** instant(): Temporal.Instant, to the microsecond, over the column of dateTime() (MOD-06). */
import { defineApp } from 'nuages'
import {
  Case,
  Cast,
  CommonTable,
  char,
  connection,
  dateTime,
  duration,
  F,
  foreignKey,
  instant,
  Max,
  Min,
  Model,
  reverse,
  sql,
  Temporal,
  Value,
  When,
  wrapQueries,
} from 'nuages/db'
import { Coalesce, RawSQL, Trunc } from 'nuages/db/functions'
import { dateTimeRange, Range } from 'nuages/db/postgres'
import { deserialize, serialize } from 'nuages/db/serializers'
import { modelForm } from 'nuages/forms'
import { describe, expect, test } from 'vitest'
import { showValue } from '../../../src/admin/show.ts'
import { modelState } from '../../../src/db/migrations/from-models.ts'
import { engine } from '../backends/fresh.ts'
import { freshTablesOf } from '../schema/tables.ts'

class Device extends Model<Device>()({
  name: char({ maxLength: 20 }),
  readings: () => reverse(Reading, 'device'),
}) {}
class Reading extends Model<Reading>()({
  device: () => foreignKey(Device, { onDelete: 'cascade', null: true }),
  at: instant(),
  until: instant({ null: true, blank: true }),
  coarse: dateTime({ null: true, blank: true }),
  length: duration({ null: true }),
  seen: instant({ autoNow: true }),
  made: instant({ dbDefault: 'now' }),
  note: char({ maxLength: 20, blank: true }),
}) {}
class Before extends Model<Before>()({
  at: dateTime({ default: new Date(5) }),
  made: dateTime({ dbDefault: 'now' }),
}) {}
class After extends Model<After>()({
  at: instant({ default: Temporal.Instant.fromEpochMilliseconds(5) }),
  made: instant({ dbDefault: 'now' }),
}) {}
defineApp({ name: 'clocks', root: import.meta.url, models: { Device, Reading, Before, After } })
freshTablesOf(Device, Reading)

const at = (text: string) => Temporal.Instant.from(text)
const FINE = at('2024-01-31T10:15:00.123456Z')
const NEXT = at('2024-01-31T10:15:00.123457Z')
const flat = { flat: true } as const

describe('MOD-06 instants', () => {
  test('come back to the microsecond, of any year; nanoseconds are cut', async () => {
    const texts = [
      '2024-01-31T10:15:00.123456Z',
      '2024-01-31T10:15:00Z',
      '2024-01-31T10:15:00.1Z',
      '2024-01-31T10:15:00.000001Z',
      '1969-12-31T23:59:59.999999Z',
      '1066-10-14T09:00:00.000999Z',
      '9999-12-31T23:59:59.999999Z',
    ]
    for (const text of texts) {
      const made = await Reading.objects.create({ at: at(text) })
      const read = await Reading.objects.get({ id: made.id })
      expect(read.at).toBeInstanceOf(Temporal.Instant)
      expect([read.at.equals(at(text)), String(read.at)]).toEqual([true, text])
    }
    const many = await Reading.objects.bulkCreate(texts.map((text) => ({ at: at(text), until: at(text) })))
    const read = await Reading.objects.filter({ id__in: many.map((each) => each.id) }).orderBy('id')
    expect(read.map((each) => String(each.until))).toEqual(texts)
    const fine = await Reading.objects.create({ at: at('2024-01-31T10:15:00.123456789Z') })
    expect(String((await fine.refresh()).at)).toBe('2024-01-31T10:15:00.123456Z')
    const made = await Reading.objects.create({ at: new Date('2024-01-31T10:15:00.250Z') })
    expect([made.at instanceof Temporal.Instant, String(made.at)]).toEqual([true, '2024-01-31T10:15:00.25Z'])
    await expect(Reading.objects.create({ at: 'soon' as never })).rejects.toMatchObject({ code: 'db.invalid-value' })
  })

  test('are compared with all their digits: exact, lists, ranges, orders, parts of dates', async () => {
    const [a, b] = await Reading.objects.bulkCreate([{ at: FINE }, { at: NEXT }])
    expect((await Reading.objects.get({ at: FINE })).id).toBe(a!.id)
    expect((await Reading.objects.get({ at: a!.at })).id).toBe(a!.id)
    expect(await Reading.objects.filter({ at__in: [NEXT] }).valuesList('id', flat)).toEqual([b!.id])
    expect(await Reading.objects.filter({ at__gt: FINE }).valuesList('id', flat)).toEqual([b!.id])
    expect(await Reading.objects.filter({ at__range: [FINE, FINE] }).valuesList('id', flat)).toEqual([a!.id])
    // A Date is the millisecond itself.
    expect(await Reading.objects.filter({ at: new Date('2024-01-31T10:15:00.123Z') }).count()).toBe(0)
    expect(await Reading.objects.filter({ at__gt: new Date('2024-01-31T10:15:00.123Z') }).count()).toBe(2)
    expect(await Reading.objects.orderBy('-at').valuesList('id', flat)).toEqual([b!.id, a!.id])
    expect(
      await Reading.objects
        .filter({ at__year: 2024, at__hour: 10, at__date: Temporal.PlainDate.from('2024-01-31') })
        .count(),
    ).toBe(2)
    expect(await Reading.objects.filter({ at: FINE }).update({ until: F('at') })).toBe(1)
    expect(await Reading.objects.filter({ until: F('at') }).valuesList('until', flat)).toEqual([FINE])
    // @ts-expect-error no text
    const wrong = () => Reading.objects.filter({ at: '2024-01-31' })
    expect(wrong).toBeTypeOf('function')
    const day: Temporal.PlainDate = (await Reading.objects.values('at__date').orderBy('at'))[0]!.at__date
    expect(String(day)).toBe('2024-01-31')
  })

  test('are instants in all that is computed of them', async () => {
    const device = await Device.objects.create({ name: 'thermometer' })
    await device.readings.create({ at: FINE })
    await device.readings.create({ at: NEXT, coarse: new Date(0) })
    const { last, first } = await Reading.objects.aggregate({ last: Max('at'), first: Min('coarse') })
    const [latest, earliest]: [Temporal.Instant | null, Date | null] = [last, first]
    expect([String(latest), earliest]).toEqual([String(NEXT), new Date(0)])
    const row = await Reading.objects
      .annotate({
        month: Trunc('at', 'month'),
        known: Coalesce('until', 'at'),
        cast: Cast('at', instant()),
        plain: Cast('at', dateTime()),
        raw: RawSQL(sql`${Reading.F('at')}`, instant()),
        chosen: Case([When({ coarse__isnull: true }, F('at'))], F('at')),
        later: F<'at', Reading>('at'),
      })
      .get({ at: FINE })
    expect(row.month).toBeInstanceOf(Temporal.Instant)
    expect([row.known, row.cast, row.raw, row.chosen, row.later].map(String)).toEqual(Array(5).fill(String(FINE)))
    expect(row.plain).toBeInstanceOf(Date)
    const [shown] = await Device.objects.annotate({ newest: Max('readings__at') }).filter({ newest__gte: NEXT })
    const newest: Temporal.Instant | null = shown!.newest
    expect(String(newest)).toBe(String(NEXT))
    expect(await Reading.objects.values('at', 'device__readings__at').orderBy('at', 'device__readings__at')).toEqual(
      [FINE, NEXT].flatMap((own) => [FINE, NEXT].map((other) => ({ at: own, device__readings__at: other }))),
    )
    const joined = await Device.objects.prefetchRelated('readings').get({ id: device.id })
    expect(joined.readings.items.map((each) => String(each.at))).toEqual([String(FINE), String(NEXT)])
    const union = Reading.objects.filter({ at: FINE }).union(Reading.objects.filter({ at: NEXT }))
    expect((await union.orderBy('at')).map((each) => String(each.at))).toEqual([String(FINE), String(NEXT)])
  })

  test('pages end and begin between two microseconds', async () => {
    const all = Array.from({ length: 7 }, (_, i) => FINE.add({ microseconds: i }))
    await Reading.objects.bulkCreate(all.map((each) => ({ at: each })))
    const found: string[] = []
    let page = await Reading.objects.orderBy('at').page({ size: 2 })
    for (;;) {
      found.push(...page.rows.map((each) => String(each.at)))
      if (page.next === null) break
      page = await Reading.objects.orderBy('at').page({ size: 2, after: page.next })
    }
    expect(found).toEqual(all.map(String))
  })

  test('save() writes what changed: a microsecond is a change, a column that was not touched keeps its own', async () => {
    const { id } = await Reading.objects.create({ at: FINE })
    // What another program wrote into a dateTime().
    await Reading.objects
      .filter({ id })
      .dynamic({ id })
      .update({ coarse: FINE as never })
    const row = await Reading.objects.get({ id })
    expect(row.coarse).toEqual(new Date('2024-01-31T10:15:00.123Z'))
    const sent: string[] = []
    await wrapQueries(
      async (query, next) => {
        sent.push(query.sql)
        return next()
      },
      async () => {
        row.note = 'seen'
        await row.save()
        await Reading.objects.bulkUpdate([row], ['note'])
      },
    )
    expect(sent.filter((each) => /UPDATE/i.test(each) && /coarse|"at"/.test(each))).toEqual([])
    const raw = await Reading.objects.annotate({ whole: Cast('coarse', instant()) }).get({ id })
    expect(String(raw.whole)).toBe(String(FINE))
    // The value that was read is coarser than the one that is there: it finds nothing, an instant does.
    expect(await Reading.objects.filter({ coarse: row.coarse }).count()).toBe(0)
    expect(await Reading.objects.filter({ coarse: FINE as never }).count()).toBe(1)
    row.at = NEXT
    await row.save()
    expect(String((await Reading.objects.get({ id })).at)).toBe(String(NEXT))
    row.at = Temporal.Instant.from(String(NEXT))
    await row.save() // equal: nothing to write
    expect(String((await Reading.objects.get({ at: NEXT })).at)).toBe(String(NEXT))
  })

  test('fill themselves: autoNow, and the clock of the database', async () => {
    const before = Date.now() - 60_000
    const row = await Reading.objects.create({ at: FINE })
    expect([row.seen, row.made].every((each) => each instanceof Temporal.Instant)).toBe(true)
    expect(row.seen.epochMilliseconds).toBeGreaterThan(before)
    expect(row.made.epochMilliseconds).toBeGreaterThan(before)
    expect((await row.refresh()).made.equals(row.made)).toBe(true)
  })

  test('of a constant are read as it was given: a Date as one, an instant as one', async () => {
    await Reading.objects.create({ at: FINE })
    const coarse = new Date('2024-01-31T10:15:00.123Z')
    const rows = await Reading.objects.annotate({ fine: Value(FINE), plain: Value(coarse) }).values('fine', 'plain')
    expect(rows.map((row) => [String(row.fine), row.plain])).toEqual([[String(FINE), coarse]])
    const [either] = await Reading.objects.annotate({ end: Coalesce('until', Value(NEXT)) }).values('end')
    expect(String(either!.end)).toBe(String(NEXT))
    const [again] = await Reading.objects.annotate({ fine: Value(coarse), plain: Value(FINE) }).values('fine', 'plain')
    expect([again!.fine, String(again!.plain)]).toEqual([coarse, String(FINE)])
  })
  const isPostgres = engine.name === 'PostgreSQL' || engine.name === 'PGlite'
  if (isPostgres)
    test('of a range too', async () => {
      await Reading.objects.create({ at: FINE })
      const range = new Range(FINE, NEXT)
      const [row] = await Reading.objects.annotate({ span: Value(range, dateTimeRange()) }).values('span')
      expect(String(row!.span)).toBe(String(range))
      expect(row!.span.lower).toBeInstanceOf(Temporal.Instant)
      const dates = new Range(new Date(1000), null)
      const [coarse] = await Reading.objects.annotate({ span: Value(dates, dateTimeRange()) }).values('span')
      expect(coarse!.span).toEqual(dates)
    })

  test('in JSON, fixtures and logs they have their microseconds', async () => {
    const row = await Reading.objects.create({ at: FINE, until: at('2024-01-31T10:15:00Z') })
    expect(JSON.parse(JSON.stringify(row))).toMatchObject({
      at: '2024-01-31T10:15:00.123456Z',
      until: '2024-01-31T10:15:00Z',
    })
    const text = await serialize('json', Reading.objects.all())
    expect(JSON.parse(text)[0].fields).toMatchObject({
      at: '2024-01-31T10:15:00.123456Z',
      until: '2024-01-31T10:15:00Z',
    })
    await Reading.objects.delete()
    for await (const each of deserialize('json', text)) await each.save()
    const again = await Reading.objects.get({ id: row.id })
    expect([again.at, again.until].map(String)).toEqual([String(FINE), '2024-01-31T10:15:00Z'])
  })

  test('of input: with an offset, without one, and refused', () => {
    const { clean } = { clean: (value: unknown) => Reading.meta.getField('at').clean(value) }
    expect(String(clean('2024-01-31T10:15:00.123456+02:00'))).toBe('2024-01-31T08:15:00.123456Z')
    expect(String(clean('2024-01-31 10:15:00.5'))).toBe('2024-01-31T10:15:00.5Z')
    expect(clean(FINE)).toBe(FINE)
    expect(String(clean(new Date(0)))).toBe('1970-01-01T00:00:00Z')
    for (const wrong of ['', 'soon', '2024-02-31T10:00', 5, new Date(Number.NaN), at('-000100-01-01T00:00Z')])
      expect(() => clean(wrong)).toThrow()
  })

  test('a form shows seconds, and keeps the rest of a value that comes back as it was shown', async () => {
    const form = modelForm(Reading, { fields: ['at', 'coarse', 'note'] })
    const row = await Reading.objects.create({ at: FINE, coarse: new Date('2024-01-31T10:15:07.250Z') })
    const shown = await form.empty({ instance: row })
    expect(String(shown.field('at').value)).toBe('2024-01-31T10:15:00')
    const sent = (values: Record<string, string>) =>
      form.bind(new Map(Object.entries(values)) as never, { instance: row })
    const same = await sent({ at: '2024-01-31T10:15', coarse: '2024-01-31T10:15:07', note: 'x' })
    expect(await same.isValid()).toBe(true)
    expect(same.changed).toEqual(['note'])
    await same.save()
    const kept = await Reading.objects.get({ id: row.id })
    expect([String(kept.at), kept.coarse?.getMilliseconds(), kept.note]).toEqual([String(FINE), 250, 'x'])
    const other = await sent({ at: '2024-01-31T10:16:00', coarse: '2024-01-31T10:15:08', note: 'x' })
    expect(await other.isValid()).toBe(true)
    await other.save()
    const changed = await Reading.objects.get({ id: row.id })
    expect([String(changed.at), changed.coarse?.toISOString()]).toEqual([
      '2024-01-31T10:16:00Z',
      '2024-01-31T10:15:08.000Z',
    ])
    expect(String(showValue(FINE))).toContain('<time datetime="2024-01-31T10:15:00.123Z">')
  })

  test('names known at run time take text with all its digits', async () => {
    await Reading.objects.bulkCreate([{ at: FINE }, { at: NEXT }])
    expect(await Reading.objects.dynamic({ at: '2024-01-31T10:15:00.123456Z' }).count()).toBe(1)
    expect(await Reading.objects.dynamic({ at__gt: '2024-01-31T10:15:00.123456Z' }).count()).toBe(1)
    expect(await Reading.objects.dynamic({ at__lte: '2024-01-31 10:15:00.123456' }).count()).toBe(1)
  })

  test('to migrations it is a dateTime: going from one to the other changes nothing', () => {
    const [before, after] = [modelState(Before as never), modelState(After as never)]
    expect(after.fields).toEqual(before.fields)
    expect(after.fields.at).toEqual({ builder: 'dateTime', args: [{ default: new Date(5) }] })
  })

  test('rows of common tables and of SQL of your own have them', async () => {
    await Reading.objects.bulkCreate([{ at: FINE }, { at: NEXT }])
    const recent = new CommonTable('recent', Reading.objects.filter({ at__gt: FINE }).values('id', 'at'))
    const rows = await recent.values()
    expect(rows.map((each) => String(each.at))).toEqual([String(NEXT)])
    const raw = await Reading.objects.raw(sql`SELECT * FROM clocks_reading ORDER BY at`)
    expect(raw.map((each) => String(each.at))).toEqual([String(FINE), String(NEXT)])
    const { rows: found } = await connection('default').execute(sql`SELECT id FROM clocks_reading WHERE at > ${FINE}`)
    expect(found).toHaveLength(1)
  })
})
