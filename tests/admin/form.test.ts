import { Group } from 'nuages/auth'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { Company, Desk, Office, User } from './form-project/offices/app.ts'
import settings from './form-project/settings.ts'
import { as, errorsIn, permission, root, shownIn, staff, textOf } from './visitors.ts'

const site = testSite(settings, runner)
let client: Awaited<ReturnType<typeof as>>
let office: Office
let acme: Company
const url = (row: { id: number } = office) => `/admin/offices/office/${row.id}/change/`
const ADD = '/admin/offices/office/add/'
beforeEach(async () => {
  client = await as(site, await root())
  acme = await Company.objects.create({ name: 'Acme' })
  office = await Office.objects.create({ name: 'North', alarmed: true, level: 'high', owner: acme })
})

describe('ADM-19 fields in groups', () => {
  test('stand in order, with title, description and lines; what no group names follows', async () => {
    const { body } = await client.get(url())
    const order = ['id="id_name"', 'class="line"', 'id="id_opensOn"', 'id="id_closesOn"', '<details class="fieldset">']
    const places = [...order, '<h2>More &lt;b&gt;</h2>', 'Rarely needed.', 'id="id_notes"', '<h2>Secrets</h2>', 'small']
    const found = places.map((text) => body.indexOf(text))
    expect(found).toEqual([...found].sort((a, b) => a - b))
    expect(found).not.toContain(-1)
    expect(body).not.toContain('id="id_partners"')
  })

  test('a closed group opens where it has an error', async () => {
    expect((await client.get(ADD)).body).toContain('<details class="fieldset">')
    const sent = await client.post(ADD, { name: 'x', extra: '{', level: 'low' })
    expect(errorsIn(sent.body).extra).toBeTruthy()
    expect(sent.body).toContain('<details class="fieldset" open>')
  })

  test('whoever may only look sees the same groups', async () => {
    const viewer = await as(site, await staff(['offices.view_office']))
    const { body } = await viewer.get(url())
    expect(body).toContain('<h2>Secrets</h2>')
    expect(body).not.toContain('name="notes"')
  })

  test('JSON is written on lines', async () => {
    await Office.objects.filter({ id: office.id }).update({ extra: { a: [1], b: { c: null } } })
    expect(shownIn((await client.get(url())).body, 'extra')).toBe(JSON.stringify({ a: [1], b: { c: null } }, null, 2))
  })
})

describe('ADM-19 secrets that are chosen', () => {
  const secretsOf = async () => {
    const row = await Office.objects.get({ id: office.id })
    return [row.alarmed, row.level, row.ownerId]
  }

  test('are written, kept when nothing is chosen, and never shown', async () => {
    const { body } = await client.get(url())
    for (const name of ['alarmed', 'level', 'owner']) {
      const control = new RegExp(`<select[^>]* name="${name}"[\\s\\S]*?</select>`).exec(body)![0]
      expect([name, control.includes('selected')]).toEqual([name, control.includes('value="" selected')])
    }
    expect((await client.post(url(), { name: 'South', alarmed: '', level: '', owner: '' })).status).toBe(302)
    expect(await secretsOf()).toEqual([true, 'high', acme.id])
    const other = await Company.objects.create({ name: 'Other' })
    await client.post(url(), { name: 'South', alarmed: 'false', level: 'low', owner: String(other.id) })
    expect(await secretsOf()).toEqual([false, 'low', other.id])
    const history = await client.get(url().replace('change', 'history'))
    for (const text of ['Acme', 'Other', 'High', 'Low']) expect(history.body).not.toContain(text)
  })

  test('a row that a secret leads to has no name where it is shown only', async () => {
    const desk = await Desk.objects.create({ name: 'One', owner: acme })
    const { body } = await client.get(`/admin/offices/desk/${desk.id}/change/`)
    expect(body).toContain('••••••')
    expect(body).not.toContain('Acme')
  })
})

describe('ADM-26 save as new', () => {
  const values = { name: 'Copy', notes: 'same', alarmed: '', level: 'low', owner: '', _saveasnew: '1' }

  test('leaves the row as it is and makes another', async () => {
    expect((await client.get(url())).body).toContain('name="_saveasnew"')
    const sent = await client.post(url(), values)
    expect(sent.status).toBe(302)
    expect(await Office.objects.orderBy('id').valuesList('name', { flat: true })).toEqual(['North', 'Copy'])
    expect((await client.get('/admin/offices/office/')).body).toContain('“Copy” was added.')
  })

  test('what is wrong is told on the page of a new row', async () => {
    const sent = await client.post(url(), { ...values, name: '' })
    expect([sent.status, errorsIn(sent.body).name]).toEqual([422, 'This field is required.'])
    expect(sent.body).toContain(`action="${ADD}"`)
    expect(await Office.objects.count()).toBe(1)
  })

  test('is for those who may add, and only where the option says so', async () => {
    const visitor = await as(site, await staff(['offices.change_office', 'offices.change_desk']))
    expect((await visitor.get(url())).body).not.toContain('_saveasnew')
    expect((await visitor.post(url(), values)).status).toBe(403)
    expect(await Office.objects.count()).toBe(1)
    const desk = await Desk.objects.create({ name: 'One' })
    await client.post(`/admin/offices/desk/${desk.id}/change/`, { name: 'Two', _saveasnew: '1' })
    expect(await Desk.objects.valuesList('name', { flat: true })).toEqual(['Two'])
  })
})

describe('ADM-29 view on site', () => {
  test('leads where the option says, or nowhere', async () => {
    expect((await client.get(url())).body).toContain(`href="/o/${office.id}/"`)
    await Office.objects.filter({ id: office.id }).update({ name: 'closed' })
    expect((await client.get(url())).body).not.toContain('View on site')
    const desk = await Desk.objects.create({ name: 'One' })
    expect((await client.get(`/admin/offices/desk/${desk.id}/change/`)).body).not.toContain('View on site')
  })
})

describe('ADM-20 values from the address', () => {
  test('fill what may be written, and nothing else', async () => {
    const { body } = await client.get(
      `${ADD}?name=From%20a%20link&opensOn=2026-05-01&closesOn=never&level=high&alarmed=true&owner=${acme.id}&company=${acme.id}&size=big&id=9`,
    )
    expect([shownIn(body, 'name'), shownIn(body, 'opensOn'), shownIn(body, 'closesOn')]).toEqual([
      'From a link',
      '2026-05-01',
      '',
    ])
    expect([shownIn(body, 'company'), shownIn(body, 'owner')]).toEqual([String(acme.id), ''])
    expect(body).not.toContain('value="high" selected')
  })
})

describe('ADM-17 what goes with a row', () => {
  const remove = () => `/admin/offices/company/${acme.id}/delete/`
  const rights = ['delete_company', 'delete_user', 'delete_office', 'delete_desk', 'view_company', 'view_user'].map(
    (name) => `offices.${name}`,
  )
  beforeEach(async () => {
    await Office.objects.all().delete()
  })

  test('includes no account that may more than the user', async () => {
    const boss = await User.objects.create({ email: 'boss@example.org', isSuperuser: true, company: acme })
    const visitor = await as(site, await staff(rights))
    const asked = await visitor.get(remove())
    expect(textOf(asked.body)).toContain('users that may more than you')
    expect(asked.body).not.toContain('Yes, delete')
    expect((await visitor.post(remove(), { confirm: 'yes' })).status).toBe(409)
    await User.objects.filter({ id: boss.id }).update({ isSuperuser: false })
    expect((await visitor.post(remove(), { confirm: 'yes' })).status).toBe(302)
    expect(await User.objects.filter({ id: boss.id }).exists()).toBe(false)
  })

  test('reads the rights of all accounts at once, those of their groups too', async () => {
    const visitor = await as(site, await staff(rights))
    const accounts = await User.objects.bulkCreate(
      Array.from({ length: 6 }, (_, i) => ({ email: `a${i}@example.org`, company: acme })),
    )
    for (const account of accounts) await account.userPermissions.add(await permission('offices.view_user'))
    expect((await visitor.get(remove())).body).toContain('Yes, delete') // a query for each would be an error here
    const group = await Group.objects.create({ name: 'stronger' })
    await accounts[4]!.groups.add(group)
    expect((await visitor.get(remove())).body).toContain('Yes, delete')
    await group.permissions.add(await permission('offices.add_user'))
    expect(textOf((await visitor.get(remove())).body)).toContain('users that may more than you')
  })

  test('nor when several rows are deleted at once', async () => {
    await User.objects.create({ email: 'boss@example.org', isSuperuser: true, company: acme })
    const visitor = await as(site, await staff(rights))
    const asked = await visitor.post('/admin/offices/company/', {
      _action: '~delete',
      _selected: String(acme.id),
      confirm: 'yes',
      _confirmed: '1',
    })
    expect(asked.status).toBe(409)
    expect(await Company.objects.count()).toBe(1)
  })

  test('a superuser deletes whom they will', async () => {
    await User.objects.create({ email: 'boss@example.org', isSuperuser: true, company: acme })
    expect((await client.post(remove(), { confirm: 'yes' })).status).toBe(302)
  })
})
