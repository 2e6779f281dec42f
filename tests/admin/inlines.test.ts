import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import settings from './inlines-project/settings.ts'
import { Booking, Guest, Leg, Person, Port, Trip } from './inlines-project/travel/models.ts'
import { as, errorsIn, queriesFor, root, shownIn, staff, textOf } from './site.ts'

const site = testSite(settings, runner)
let client: Awaited<ReturnType<typeof as>>
let trip: Trip
beforeEach(async () => {
  client = await as(site, await root())
  trip = await Trip.objects.create({ name: 'North' })
})

const ADD = '/admin/travel/trip/add/'
const change = (of: { id: number } = trip) => `/admin/travel/trip/${of.id}/change/`
const leg = (name: string, of = trip) => Leg.objects.create({ trip: of, name })
const legNames = (of = trip) => Leg.objects.filter({ trip: of.id }).orderBy('id').valuesList('name', { flat: true })

/** What a browser would send for these rows: new ones, or changed by key. */
function rows(prefix: string, list: readonly Record<string, unknown>[]): Record<string, string> {
  const values: Record<string, string> = {
    [`${prefix}-TOTAL_FORMS`]: String(list.length),
    [`${prefix}-INITIAL_FORMS`]: '0',
  }
  for (const [index, row] of list.entries())
    for (const [name, value] of Object.entries(row)) values[`${prefix}-${index}-${name}`] = String(value)
  return values
}
const body = (legs: readonly Record<string, unknown>[] = [], more: Record<string, string> = {}) => ({
  name: 'North',
  nights: '0',
  ...rows('legs', legs),
  ...rows('guests', []),
  ...more,
})

/** All that a form would send as it is shown. */
function sentOf(html: string): Record<string, string> {
  const values: Record<string, string> = {}
  const shown = html.replace(/<template[\s\S]*?<\/template>/g, '')
  for (const [tag, name] of shown.matchAll(/<input[^>]* name="([^"]+)"[^>]*>/g)) {
    if (/type="checkbox"/.test(tag) && !/ checked/.test(tag)) continue
    values[name!] = textOf(/ value="([^"]*)"/.exec(tag)?.[1] ?? '')
  }
  for (const [, name] of shown.matchAll(/<select[^>]* name="([^"]+)"/g)) values[name!] = shownIn(shown, name!) ?? ''
  delete values._selected
  return values
}
const lastEntry = async () => JSON.parse((await LogEntry.objects.orderBy('-id').first())!.changeMessage) as unknown[]

describe('ADM-24: the page', () => {
  test('shows the rows of a parent, empty ones, and an inert one to copy', async () => {
    const a = await leg('a')
    await Booking.objects.create({ leg: a, code: 'X1' })
    await leg('elsewhere', await Trip.objects.create({ name: 'South' }))
    const { body: html } = await client.get(change())
    expect(shownIn(html, 'legs-0-name')).toBe('a')
    expect(shownIn(html, 'legs-0-id')).toBe(String(a.id))
    expect(shownIn(html, 'legs-1-name')).toBe('')
    expect(shownIn(html, 'legs-0-bookings-0-code')).toBe('X1')
    expect(html).toContain('name="legs-__prefix__-bookings-__prefix__-code"')
    expect(html).toContain('<div class="label">Letters</div><div class="value">1</div>')
    expect(shownIn(html, 'guests-TOTAL_FORMS')).toBe('2')
    expect(html).not.toContain('elsewhere')
    expect(html).not.toMatch(/<[^>]+ (style|onclick)=/)
  })

  test('costs as many queries for many rows as for few', async () => {
    const port = await Port.objects.create({ name: 'Oslo' })
    const fill = async (count: number, of: Trip) => {
      for (let i = 0; i < count; i++) {
        const row = await Leg.objects.create({ trip: of, name: `l${i}`, start: port })
        await Booking.objects.create({ leg: row, code: `c${i}` })
        await Guest.objects.create({ trip: of, person: await Person.objects.create({ name: `p${i}` }) })
      }
    }
    await fill(1, trip)
    const few = await queriesFor(() => client.get(change()))
    const other = await Trip.objects.create({ name: 'South' })
    await fill(6, other)
    const many = await queriesFor(() => client.get(change(other)))
    expect(many).toBe(few)
  })

  test('costs no query a row where the rows to choose from are many', async () => {
    await Port.objects.bulkCreate(Array.from({ length: 1200 }, (_, i) => ({ name: `Port ${i}` })))
    const ports = await Port.objects.all().slice(0, 8)
    await Leg.objects.create({ trip, name: 'one', start: ports[7]! })
    const few = await queriesFor(() => client.get(change()))
    for (const [i, start] of ports.slice(0, 7).entries()) await Leg.objects.create({ trip, name: `l${i}`, start })
    expect(await queriesFor(() => client.get(change()))).toBe(few)
  })

  test('shows a bounded number of rows, says so, leads to the others, and loses none', async () => {
    await Leg.objects.bulkCreate(Array.from({ length: 300 }, (_, i) => ({ trip, name: `leg ${i}` })))
    const { body: html } = await client.get(change())
    const shown = Number(shownIn(html, 'legs-INITIAL_FORMS'))
    expect(shown).toBeGreaterThan(2)
    expect(shown).toBeLessThanOrEqual(50)
    expect(html).toContain(`${shown} of 300 legs are shown here; the others stay as they are.`)
    expect(html).toContain(`href="/admin/travel/leg/?trip=${trip.id}"`)
    const values = sentOf(html)
    expect(Object.keys(values).length).toBeLessThan(1000)
    const sent = await client.post(change(), { ...values, 'legs-0-name': 'first', nights: '3' })
    expect([sent.status, await Leg.objects.count()]).toEqual([302, 300])
    expect((await legNames())[0]).toBe('first')
  })
})

describe('a parent with very many rows', () => {
  test('opens in a moment, and its link leads to the list of its rows alone', async () => {
    const south = await Trip.objects.create({ name: 'South' })
    const other = await leg('elsewhere', south)
    await Leg.objects.bulkCreate(Array.from({ length: 10_000 }, (_, i) => ({ trip, name: `leg ${i}` })))
    const one = (await Leg.objects.filter({ trip: trip.id }).orderBy('id').first())!
    await Booking.objects.bulkCreate([
      ...Array.from({ length: 3000 }, (_, i) => ({ leg: one, code: `c${i}` })),
      { leg: other, code: 'other' },
    ])
    const { body: html } = await client.get(change())
    expect(html.length).toBeLessThan(1_000_000)
    expect(html).toContain('of 10000 legs are shown here')
    const bookings = new RegExp(`href="(/admin/travel/booking/\\?leg=${one.id})"`).exec(html)![1]!
    const { body: list } = await client.get(bookings)
    expect(list).toContain('of 3,000 rows')
    expect(await client.get(bookings.replace(/\d+$/, 'x'))).toMatchObject({ status: 200 })
    expect((await client.post(change(), { ...sentOf(html), nights: '4' })).status).toBe(302)
    expect([await Leg.objects.count(), await Booking.objects.count()]).toEqual([10_001, 3001])
  })
})

describe('ADM-24, ADM-26: saving', () => {
  test('a new parent with rows and rows of rows, in one history entry as Django writes it', async () => {
    const sent = await client.post(
      ADD,
      body(
        [
          { name: 'one', sure: 'on', ...rowsUnder('bookings', [{ code: 'B1', seats: 2 }]) },
          { name: '', sure: 'on' },
        ],
        {
          name: 'South',
        },
      ),
    )
    expect([sent.status, sent.location]).toEqual([302, '/admin/travel/trip/'])
    const row = await Trip.objects.get({ name: 'South' })
    expect(await legNames(row)).toEqual(['one'])
    expect((await Booking.objects.get({ code: 'B1' })).seats).toBe(2)
    expect(await lastEntry()).toEqual([
      { added: {} },
      { added: { name: 'leg', object: 'one' } },
      { added: { name: 'booking', object: 'B1' } },
    ])
    expect((await client.get(`/admin/travel/trip/${row.id}/history/`)).body).toContain('Added leg “one”')
  })

  test('changes, adds and deletes; a parent that stays as it was is not said to have changed', async () => {
    const [a, b] = [await leg('a'), await leg('b')]
    const inner = await Booking.objects.create({ leg: a, code: 'X1' })
    const sent = await client.post(
      change(),
      body([
        { id: a.id, name: 'A', sure: 'on', ...rowsUnder('bookings', [{ id: inner.id, code: 'X2', seats: 1 }]) },
        { id: b.id, name: 'b', DELETE: 'on' },
        { name: 'c', sure: 'on' },
      ]),
    )
    expect(sent.status).toBe(302)
    expect(await legNames()).toEqual(['A', 'c'])
    expect((await Booking.objects.get({ id: inner.id })).code).toBe('X2')
    expect(await lastEntry()).toEqual([
      { added: { name: 'leg', object: 'c' } },
      { changed: { name: 'leg', object: 'A', fields: ['name'] } },
      { deleted: { name: 'leg', object: 'b' } },
      { changed: { name: 'booking', object: 'X2', fields: ['code'] } },
    ])
  })

  test('through rows of a many-to-many relation', async () => {
    const [eve, bob] = [await Person.objects.create({ name: 'Eve' }), await Person.objects.create({ name: 'Bob' })]
    const guests = rows('guests', [{ person: eve.id, role: 'cook' }, { person: bob.id }])
    expect((await client.post(change(), body([], guests))).status).toBe(302)
    expect(await Guest.objects.filter({ trip: trip.id }).count()).toBe(2)
    const twice = await client.post(change(), body([], rows('guests', [{ person: eve.id }])))
    expect([twice.status, twice.body.includes('Guest with these Trip, Person already exists.')]).toEqual([422, true])
  })

  test('tells all errors at once, each at its place; nothing is saved', async () => {
    const a = await leg('a')
    const sent = await client.post(
      change(),
      body(
        [
          { id: a.id, name: '', sure: 'on' },
          { name: 'never', sure: 'on', ...rowsUnder('bookings', [{ code: 'x', seats: 0 }]) },
          { name: 'fine', sure: 'on' },
        ],
        { nights: 'many' },
      ),
    )
    expect(sent.status).toBe(422)
    const errors = errorsAt(sent.body)
    expect(Object.keys(errors).sort()).toEqual(['legs-0-name', 'legs-1-bookings-0-seats', 'legs-1-name', 'nights'])
    expect(errorsIn(sent.body)['']).toBe('Please correct what is marked below.')
    expect(shownIn(sent.body, 'legs-2-name')).toBe('fine')
    expect([await legNames(), await LogEntry.objects.count()]).toEqual([['a'], 0])
  })

  test('errors of rows alone are told above the form, too', async () => {
    const sent = await client.post(change(), body([{ name: 'never', sure: 'on' }]))
    expect(errorsIn(sent.body)['']).toBe('Please correct what is marked below.')
  })

  test('rows below a row that is left empty are not lost without a word', async () => {
    const under = rowsUnder('bookings', [{ code: 'x', seats: 1 }])
    const sent = await client.post(change(), body([{ name: '', sure: 'on', ...under }]))
    expect(sent.status).toBe(422)
    expect(sent.body).toContain('Fill this in, too')
  })

  test('what the database refuses is told at the row; parent and rows stay as they were', async () => {
    const a = await leg('a')
    const sent = await client.post(change(), body([{ name: 'a', sure: 'on' }], { name: 'Other' }))
    expect(sent.status).toBe(422)
    expect(sent.body).toContain('Leg with these Trip, Name already exists.')
    expect((await Trip.objects.get({ id: trip.id })).name).toBe('North')
    expect((await Leg.objects.get({ id: a.id })).name).toBe('a')
  })

  test('what is sent as it was shown changes nothing', async () => {
    await Booking.objects.create({ leg: await leg('a'), code: 'X1' })
    const { body: html } = await client.get(change())
    expect((await client.post(change(), sentOf(html))).status).toBe(302)
    expect(await lastEntry()).toEqual([{ changed: { fields: [], values: {} } }])
    expect([await legNames(), await Booking.objects.count(), await Guest.objects.count()]).toEqual([['a'], 1, 0])
  })
})

describe('ADM-26: rows of a parent that becomes a new row', () => {
  test('are copied with it; the first stay as they are', async () => {
    await Booking.objects.create({ leg: await leg('a'), code: 'X1' })
    const values = sentOf((await client.get(change())).body)
    expect((await client.post(ADD, { ...values, name: 'Copy' })).status).toBe(302)
    const row = await Trip.objects.get({ name: 'Copy' })
    expect([await legNames(row), await legNames()]).toEqual([['a'], ['a']])
    expect(await Booking.objects.filter({ code: 'X1' }).count()).toBe(2)
    expect(await Booking.objects.filter({ leg__trip: row.id }).count()).toBe(1)
  })

  test('by the button of the form, too', async () => {
    await leg('a')
    const values = sentOf((await client.get(change())).body)
    expect((await client.post(change(), { ...values, name: 'Copy', _saveasnew: '1' })).status).toBe(302)
    expect([await legNames(await Trip.objects.get({ name: 'Copy' })), await legNames()]).toEqual([['a'], ['a']])
    const refused = await client.post(change(), { ...values, _saveasnew: '1' })
    expect([refused.status, shownIn(refused.body, 'legs-0-name')]).toEqual([422, 'a'])
    // Shown again on the way to a new row, rows have no key: they are new.
    expect(shownIn(refused.body, 'legs-0-id')).toBe('')
  })

  test('but for those that are to be deleted', async () => {
    await leg('a')
    const values = sentOf((await client.get(change())).body)
    expect((await client.post(ADD, { ...values, name: 'Copy', 'legs-0-DELETE': 'on' })).status).toBe(302)
    expect([await legNames(await Trip.objects.get({ name: 'Copy' })), await legNames()]).toEqual([[], ['a']])
  })
})

describe('attacks', () => {
  test('a key of another parent’s row changes and deletes nothing', async () => {
    const foreign = await leg('foreign', await Trip.objects.create({ name: 'South' }))
    const inner = await Booking.objects.create({ leg: foreign, code: 'X1' })
    const mine = await leg('mine')
    for (const row of [
      { id: foreign.id, name: 'stolen', sure: 'on' },
      { id: foreign.id, name: 'foreign', DELETE: 'on' },
      { id: mine.id, name: 'mine', sure: 'on', ...rowsUnder('bookings', [{ id: inner.id, code: 'Z', seats: 1 }]) },
      { id: mine.id, name: 'mine', ...rowsUnder('bookings', [{ id: inner.id, code: 'X1', seats: 1, DELETE: 'on' }]) },
    ])
      await client.post(change(), body([row]))
    const now = await Leg.objects.get({ id: foreign.id })
    expect([now.name, now.tripId === trip.id]).toEqual(['foreign', false])
    const booking = await Booking.objects.get({ id: inner.id })
    expect([booking.code, booking.legId]).toEqual(['X1', foreign.id])
  })

  test.each<Record<string, string>>([
    { 'legs-TOTAL_FORMS': '999999999' },
    { 'legs-TOTAL_FORMS': 'x' },
    { 'legs-TOTAL_FORMS': '1', 'legs-INITIAL_FORMS': '5' },
    { 'legs-0-id': 'x', 'legs-TOTAL_FORMS': '1', 'legs-0-name': 'a' },
    { 'legs-0-bookings-TOTAL_FORMS': '-1', 'legs-0-name': 'a', 'legs-TOTAL_FORMS': '1' },
    { 'legs-0-_state': '{', 'legs-0-id': '1', 'legs-0-name': 'a', 'legs-TOTAL_FORMS': '1' },
  ])('altered data %o is a refused form, no fault of the server', async (values) => {
    const sent = await client.post(change(), body([], values))
    expect(sent.status).toBe(422)
    expect(await Leg.objects.count()).toBe(0)
  })

  test('numbers alone cost little: hundreds of rows that each claim thousands', async () => {
    const claims = { 'bookings-TOTAL_FORMS': 1060, 'bookings-INITIAL_FORMS': 0 }
    const many = Array.from({ length: 300 }, () => ({ name: 'x', ...claims }))
    const sent = await client.post(change(), body(many)) // what made this quadratic would not end in the test's time
    expect(sent.status).toBe(422)
  })

  test('more rows than the most are refused', async () => {
    const many = Array.from({ length: 61 }, (_, i) => ({ name: `n${i}`, sure: 'on' }))
    const sent = await client.post(change(), body(many))
    expect([sent.status, sent.body.includes('Please submit at most 60 forms.')]).toEqual([422, true])
    await Leg.objects.bulkCreate(Array.from({ length: 60 }, (_, i) => ({ trip, name: `leg ${i}` })))
    expect((await client.post(change(), body([{ name: 'one more', sure: 'on' }]))).status).toBe(422)
  })
})

describe('ADM-03, ADM-24: permissions of the rows’ own', () => {
  const parent = ['travel.view_trip', 'travel.change_trip']
  const visit = async (...permissions: string[]) => as(site, await staff([...parent, ...permissions]))

  test('without any, the rows are not shown, nor written', async () => {
    await leg('a')
    const visitor = await visit()
    expect((await visitor.get(change())).body).not.toContain('legs-')
    expect((await visitor.post(change(), body([{ name: 'b', sure: 'on' }]))).status).toBe(302)
    expect(await legNames()).toEqual(['a'])
  })

  test('to view: rows are values; nothing sent is read', async () => {
    const a = await leg('a')
    const visitor = await visit('travel.view_leg')
    const { body: html } = await visitor.get(change())
    expect(html).toContain('<span class="row-title">a</span>')
    expect(shownIn(html, 'legs-0-name')).toBeNull()
    expect(html).not.toContain('legs-__prefix__')
    await visitor.post(
      change(),
      body([
        { id: a.id, name: 'b', DELETE: 'on' },
        { name: 'c', sure: 'on' },
      ]),
    )
    expect(await legNames()).toEqual(['a'])
  })

  test('to add: new rows only', async () => {
    const a = await leg('a')
    const visitor = await visit('travel.view_leg', 'travel.add_leg')
    await visitor.post(
      change(),
      body([
        { id: a.id, name: 'b', DELETE: 'on' },
        { name: 'c', sure: 'on' },
      ]),
    )
    expect(await legNames()).toEqual(['a', 'c'])
  })

  test('to add, but not to view: what is there is not told', async () => {
    await leg('secret leg')
    const visitor = await visit('travel.add_leg')
    const { body: html } = await visitor.get(change())
    expect([html.includes('secret leg'), html.includes('legs-0-name')]).toEqual([false, true])
    await visitor.post(change(), body([{ name: 'c', sure: 'on' }]))
    expect(await legNames()).toEqual(['secret leg', 'c'])
  })

  test('to change: neither new rows nor deletions', async () => {
    const a = await leg('a')
    const visitor = await visit('travel.change_leg')
    await visitor.post(
      change(),
      body([
        { id: a.id, name: 'b', sure: 'on', DELETE: 'on' },
        { name: 'c', sure: 'on' },
      ]),
    )
    expect(await legNames()).toEqual(['b'])
  })

  test('to delete, unless it deletes what one may not', async () => {
    const [a, b] = [await leg('a'), await leg('b')]
    const visitor = await visit('travel.view_leg', 'travel.delete_leg')
    expect((await visitor.post(change(), body([{ id: b.id, DELETE: 'on' }]))).status).toBe(302)
    expect(await legNames()).toEqual(['a'])
    await Booking.objects.create({ leg: a, code: 'X1' })
    const refused = await visitor.post(change(), body([{ id: a.id, DELETE: 'on' }]))
    expect([refused.status, await legNames()]).toEqual([422, ['a']])
    expect(refused.body).toContain('Deleting this would delete bookings, which you may not.')
  })

  test('whoever may only view the parent views its rows', async () => {
    await leg('a')
    const visitor = await as(site, await staff(['travel.view_trip', 'travel.change_leg', 'travel.add_leg']))
    const { body: html } = await visitor.get(change())
    expect([html.includes('<span class="row-title">a</span>'), html.includes('name="legs-0-name"')]).toEqual([
      true,
      false,
    ])
  })
})

describe('stale saves', () => {
  test('what somebody else changed in a row is kept, what this user changed is saved', async () => {
    const a = await leg('a')
    const values = sentOf((await client.get(change())).body)
    await Leg.objects.filter({ id: a.id }).update({ name: 'theirs' })
    const sent = await client.post(change(), { ...values, 'legs-0-day': '2026-05-01' })
    expect(sent.status).toBe(302)
    const now = await Leg.objects.get({ id: a.id })
    expect([now.name, String(now.day)]).toEqual(['theirs', '2026-05-01'])
  })

  test('a field that both changed is asked about, then saved', async () => {
    const a = await leg('a')
    const values = sentOf((await client.get(change())).body)
    await Leg.objects.filter({ id: a.id }).update({ name: 'theirs' })
    const sent = await client.post(change(), { ...values, 'legs-0-name': 'mine' })
    expect(sent.status).toBe(422)
    expect(errorsAt(sent.body)['legs-0-name']).toContain('Changed by somebody else in the meantime, to: theirs.')
    expect((await Leg.objects.get({ id: a.id })).name).toBe('theirs')
    expect(shownIn(sent.body, 'legs-0-name')).toBe('mine')
    expect((await client.post(change(), sentOf(sent.body))).status).toBe(302)
    expect((await Leg.objects.get({ id: a.id })).name).toBe('mine')
  })

  test('a row that somebody else deleted is told; saved again, it is added anew', async () => {
    const a = await leg('a')
    const values = sentOf((await client.get(change())).body)
    await a.delete()
    const sent = await client.post(change(), { ...values, 'legs-0-name': 'mine' })
    expect([sent.status, sent.body.includes('This leg was deleted in the meantime.')]).toEqual([422, true])
    expect((await client.post(change(), sentOf(sent.body))).status).toBe(302)
    expect(await legNames()).toEqual(['mine'])
  })
})

/** Rows of a row: `bookings-0-code` under whatever row it is put in. */
function rowsUnder(prefix: string, list: readonly Record<string, unknown>[]): Record<string, string> {
  return rows(prefix, list)
}
/** Messages by the name of the field. */
function errorsAt(html: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, id, list] of html.matchAll(/<ul class="errors" id="id_([\w-]+)_errors">([\s\S]*?)<\/ul>/g))
    found[id!] = textOf(list!)
  return found
}
