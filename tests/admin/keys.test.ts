/** MOD-03: rows whose keys have several parts, and rows that point to them, in the admin. */
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { LogEntry } from '../../src/admin/index.ts'
import { keyOf } from '../../src/admin/keys.ts'
import { Box, Depot, Shelf, Slot } from './keys-project/depot/app.ts'
import settings from './keys-project/settings.ts'
import { as, cells, root } from './site.ts'

const site = testSite(settings, runner)
const SHELVES = '/admin/depot/shelf/'
const BOXES = '/admin/depot/box/'
/** Texts that would be another address, another key or markup, were they not escaped. */
const HOSTILE = ['a,b', 'a/b', 'a%2Cb', '..', '.', '~', '%', 'a b', '"><script>', 'é,ü', "it's", '__key__', '?q=1#x']

let client: Awaited<ReturnType<typeof as>>
let depot: Depot
const shelf = (code: string, of = depot) => Shelf.objects.create({ depot: of, code })
const page = (row: object, what: string) =>
  `${SHELVES}${encodeURIComponent(keyOf(row)).replaceAll('%2C', ',')}/${what}/`
const relation = (row: Shelf) => `${row.depotId},${encodeURIComponent(row.code)}`
beforeEach(async () => {
  client = await as(site, await root())
  depot = await Depot.objects.create({ name: 'north' })
})

test('checks find nothing: a parent with such a key is no field that the inline leaves out', async () => {
  const findings = await site.project.checks()
  expect(findings.filter(({ object }) => object?.startsWith('depot.'))).toEqual([])
})

describe('addresses of such rows', () => {
  test('no two keys share one, and each leads to its row, whatever is in it', async () => {
    const rows = []
    for (const code of HOSTILE) rows.push(await shelf(code))
    expect(new Set(rows.map(keyOf)).size).toBe(HOSTILE.length)
    const { body } = await client.get(SHELVES)
    for (const row of rows) {
      expect(body).toContain(`href="${page(row, 'change').replaceAll("'", '&#x27;')}"`)
      const { status, body: html } = await client.get(page(row, 'change'))
      expect([row.code, status]).toEqual([row.code, 200])
      expect(html).not.toContain('<script>"')
      expect((await client.get(page(row, 'delete'))).status).toBe(200)
      expect((await client.get(page(row, 'history'))).status).toBe(200)
    }
  })

  test('what is no key is no page', async () => {
    await shelf('a')
    for (const key of ['1', '1,a,b', 'x,a', '1,%00', ',', '1,%E0%A4%A'])
      expect([key, (await client.get(`${SHELVES}${encodeURIComponent(key)}/change/`)).status]).toEqual([key, 404])
  })

  test('are edited, their history kept, deleted with what points to them', async () => {
    const row = await shelf('a,b')
    await shelf('a')
    await Box.objects.create({ shelf: row, name: 'one' })
    const sent = await client.post(page(row, 'change'), {
      depot: String(depot.id),
      code: 'a,b',
      note: 'high',
      'boxes-TOTAL_FORMS': '0',
      'boxes-INITIAL_FORMS': '0',
    })
    expect(sent.status).toBe(302)
    expect((await Shelf.objects.get({ pk: row.pk })).note).toBe('high')
    const entry = await LogEntry.objects.orderBy('-id').first()
    expect(entry!.objectId).toBe(keyOf(row))
    expect((await client.get(page(row, 'history'))).body).toContain('high')
    expect((await client.post(page(row, 'delete'), { _confirmed: '1', post: 'yes' })).status).toBe(302)
    expect(await Shelf.objects.valuesList('code', { flat: true })).toEqual(['a'])
    expect(await Box.objects.count()).toBe(0)
  })

  test('actions delete those that were ticked, and no others', async () => {
    const rows = [await shelf('a,b'), await shelf('a'), await shelf('b')]
    const selected = { _action: 'delete_selected', _selected: [keyOf(rows[0]!), keyOf(rows[2]!)] }
    const { body } = await client.get(SHELVES)
    const action = /<option value="([^"]*[Dd]elete[^"]*)">/.exec(body)?.[1] ?? ''
    await client.post(SHELVES, { ...selected, _action: action, _confirmed: '2' })
    expect(await Shelf.objects.valuesList('code', { flat: true })).toEqual(['a'])
  })

  test('lists are searched and sorted', async () => {
    for (const code of ['b', 'a', 'ab']) await shelf(code)
    expect(cells((await client.get(`${SHELVES}?q=a`)).body).map((row) => row[0])).toEqual(['a', 'ab'])
    expect(cells((await client.get(`${SHELVES}?o=-code`)).body).map((row) => row[0])).toEqual(['b', 'ab', 'a'])
  })
})

describe('rows that point to them', () => {
  test('choose one in a form, and are refused what is none', async () => {
    const [first, odd] = [await shelf('a'), await shelf('a,"b')]
    const { body } = await client.get(`${BOXES}add/`)
    expect(body).toContain(`value="${relation(odd)}"`)
    expect(
      (await client.post(`${BOXES}add/`, { shelf: relation(odd), name: 'x', seen: [relation(first), relation(odd)] }))
        .status,
    ).toBe(302)
    const box = await Box.objects.get({ name: 'x' })
    expect(box.shelfId).toEqual([depot.id, 'a,"b'])
    expect(await box.seen.count()).toBe(2)
    const edit = `${BOXES}${box.id}/change/`
    const shown = (await client.get(edit)).body
    expect(shown).toContain(`value="${relation(odd)}" selected`)
    for (const wrong of ['1', '1,zz', '9,a', '%', 'a,b,c'])
      expect([wrong, (await client.post(edit, { shelf: wrong, name: 'y' })).status]).toEqual([wrong, 422])
    expect((await client.post(edit, { shelf: relation(first), name: 'y', seen: [relation(first)] })).status).toBe(302)
    expect((await Box.objects.get({ id: box.id })).shelfId).toEqual([depot.id, 'a'])
    expect(await box.seen.count()).toBe(1)
  })

  test('are narrowed by a filter', async () => {
    const [a, b] = [await shelf('a,x'), await shelf('b')]
    await Box.objects.create({ shelf: a, name: 'one' })
    await Box.objects.create({ shelf: b, name: 'two' })
    const found = await client.get(`${BOXES}?shelf=${encodeURIComponent(relation(a))}`)
    expect(cells(found.body).map((row) => row[0])).toEqual(['one'])
    expect(cells((await client.get(`${BOXES}?shelf=nonsense`)).body)).toHaveLength(2)
  })

  test('find one by name', async () => {
    const rows = [await shelf('a,x'), await shelf('b')]
    const { body } = await client.get(`${SHELVES}choices/?for=depot.box.shelf&q=a`)
    expect(JSON.parse(body)).toEqual({ rows: [{ key: relation(rows[0]!), name: 'shelf a,x' }], more: false })
    const named = await client.get(
      `${SHELVES}choices/?for=depot.box.shelf&key=${encodeURIComponent(relation(rows[1]!))}&key=x`,
    )
    expect(JSON.parse(named.body).rows).toEqual([{ key: relation(rows[1]!), name: 'shelf b' }])
  })

  test('are edited in the page of the row they point to', async () => {
    const row = await shelf('a,b')
    const own = { depot: String(depot.id), code: 'a,b', note: '' }
    const set = { 'boxes-TOTAL_FORMS': '1', 'boxes-INITIAL_FORMS': '0', 'boxes-0-name': 'new' }
    expect((await client.post(page(row, 'change'), { ...own, ...set })).status).toBe(302)
    const [box] = await Box.objects.all()
    expect([box!.name, box!.shelfId]).toEqual(['new', row.pk])
    expect((await client.get(page(row, 'change'))).body).toContain('value="new"')
  })

  test('have them in their own key', async () => {
    const row = await shelf('a,b')
    expect(
      (await client.post('/admin/depot/slot/add/', { shelf: relation(row), place: '3', label: 'low' })).status,
    ).toBe(302)
    const slot = await Slot.objects.get({ pk: [depot.id, 'a,b', 3] })
    const { body } = await client.get('/admin/depot/slot/')
    expect(body).toContain(`/admin/depot/slot/${encodeURIComponent(keyOf(slot)).replaceAll('%2C', ',')}/change/`)
    expect(
      (await client.get(`/admin/depot/slot/${encodeURIComponent(keyOf(slot)).replaceAll('%2C', ',')}/change/`)).status,
    ).toBe(200)
  })
})
