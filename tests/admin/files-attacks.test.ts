/** Files in the admin, as attackers send them: names of others' files, rows of others, forms they may only look at. */
import { configureStorages, inMemory, storage } from 'nuages/storage'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { png } from '../storage/images.ts'
import { Plan, Show } from './files-project/gallery/app.ts'
import settings from './files-project/settings.ts'
import { as, errorsIn, root, staff, textOf } from './visitors.ts'

const site = testSite(settings, runner)
const SHOWS = '/admin/gallery/show/'
const photo = (name: string) => new File([new Uint8Array(png)], name, { type: 'image/png' })
const paper = (name: string, content = 'signed') => new File([content], name)

let client: Awaited<ReturnType<typeof as>>
let mine: Show
let other: Show
beforeEach(async () => {
  configureStorages({ default: inMemory({ url: '/media/' }) })
  mine = await Show.objects.create({ name: 'Mine', poster: photo('mine.png'), contract: paper('mine.txt') })
  other = await Show.objects.create({
    name: 'Other',
    poster: photo('other.png'),
    contract: paper('other.txt', 'secret'),
  })
})
const pathOf = (show: Show) => `${SHOWS}${show.pk}/change/`
/** The management fields that the page has. */
async function managed(path: string): Promise<Record<string, string>> {
  const { body } = await client.get(path)
  return Object.fromEntries(
    [...body.matchAll(/<input[^>]*name="([^"]*(?:_FORMS|_state))"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [
      name!,
      value!.replaceAll('&quot;', '"'),
    ]),
  )
}
/** What rows name, and what is stored. */
async function everything() {
  const rows = await Show.objects.orderBy('id')
  const { files: contracts } = await storage().list('contracts')
  const { files: posters } = await storage().list('posters')
  return { rows: rows.map(({ contract, poster }) => [contract.name, poster?.name]), contracts, posters }
}

describe('SEC-11 a form with files', () => {
  test.each<[string, Record<string, string | File>]>([
    ['another row’s file, by its name', { contract: 'contracts/other.txt' }],
    ['a file of the machine', { contract: '../../etc/passwd', poster: '/etc/passwd' }],
    ['names under other names', { 'initial-contract': 'contracts/other.txt', contract_now: 'contracts/other.txt' }],
    ['the fields that keep its size', { posterWidth: '99', id: '2', pk: '2' }],
  ])('takes no %s', async (_, forged) => {
    client = await as(site, await root())
    const before = await everything()
    const sent = { ...(await managed(pathOf(mine))), name: 'Mine', ...forged }
    expect((await client.post(pathOf(mine), sent)).status).toBe(302)
    expect(await everything()).toEqual(before)
    expect((await Show.objects.get({ pk: mine.pk })).posterWidth).toBe(7)
  })

  test('a file and the box that removes it at once, or the box of one that is needed: neither is done', async () => {
    client = await as(site, await root())
    const before = await everything()
    const sent = { ...(await managed(pathOf(mine))), name: 'Mine' }
    const both = await client.post(pathOf(mine), { ...sent, poster: photo('new.png'), 'poster-clear': 'on' })
    expect([both.status, errorsIn(both.body).poster]).toEqual([
      422,
      'Choose a file, or tick the box that removes it: not both.',
    ])
    const needed = await client.post(pathOf(mine), { ...sent, 'contract-clear': 'on' })
    expect([needed.status, errorsIn(needed.body).contract]).toEqual([422, 'Choose a file.'])
    expect(await everything()).toEqual(before)
  })

  test('a row of an inline that belongs to another parent keeps its file', async () => {
    client = await as(site, await root())
    const plan = await Plan.objects.create({ show: other, drawing: paper('plan.txt') })
    const answer = await client.post(pathOf(mine), {
      ...(await managed(pathOf(mine))),
      name: 'Mine',
      'plan-TOTAL_FORMS': '1',
      'plan-INITIAL_FORMS': '1',
      'plan-0-id': String(plan.pk),
      'plan-0-show': String(mine.pk),
      'plan-0-drawing': paper('stolen.txt'),
    })
    expect(answer.status).toBe(422)
    const after = await Plan.objects.get({ pk: plan.pk })
    expect([after.showId, after.drawing.name]).toEqual([other.pk, 'plans/plan.txt'])
    expect((await storage().list('plans')).files).toEqual(['plan.txt'])
  })

  test('whoever may only look is shown no control, and stores and removes nothing', async () => {
    client = await as(site, await staff(['gallery.view_show', 'gallery.view_plan']))
    const before = await everything()
    const page = await client.get(pathOf(mine))
    expect([page.status, page.body.includes('type="file"')]).toEqual([200, false])
    const sent = { name: 'Mine', contract: paper('evil.txt'), 'poster-clear': 'on', poster: photo('evil.png') }
    expect((await client.post(pathOf(mine), sent)).status).toBe(403)
    expect((await client.post(`${SHOWS}add/`, sent)).status).toBe(403)
    expect(await everything()).toEqual(before)
  })
})

describe('SEC-08 names of files in pages', () => {
  test.each([
    '<img src=x onerror=alert(1)>.txt',
    '"><script>alert(1)</script>.txt',
    "'onmouseover='alert(1).txt",
    '{{ 7|add:7 }}.txt',
  ])('%s', async (name) => {
    client = await as(site, await root())
    const sent = await managed(`${SHOWS}add/`)
    const again = await client.post(`${SHOWS}add/`, { ...sent, name: '', contract: paper(name) })
    expect(again.status).toBe(422)
    const told = /<p class="file-again">(.*?)<\/p>/.exec(again.body)![1]!
    expect(told).not.toMatch(/[<>"']/)
    const base = name.split('/').at(-1)!.replaceAll('"', '%22') // as browsers send it
    expect(textOf(told)).toBe(`“${base}” was not saved. Choose it again.`)
    expect((await client.post(`${SHOWS}add/`, { ...sent, name: 'x', contract: paper(name) })).status).toBe(302)
    const { contract } = (await Show.objects.orderBy('-id').first())!
    expect(contract.name).toMatch(/^contracts\/[\w.]+$/)
  })

  test('a name that came into the database some other way is no address of a script or of another site', async () => {
    client = await as(site, await root())
    const hostile = ['javascript:alert(1)', '//evil.example/x', '"><script>alert(1)</script>', '../../admin/logout/']
    for (const name of hostile) {
      await Show.objects.filter({ pk: mine.pk }).update({ contract: name, poster: name })
      for (const path of [SHOWS, pathOf(mine)]) {
        const { status, body } = await client.get(path)
        expect(status).toBe(200)
        expect(body).not.toMatch(/(?:href|src)="(?:javascript:|\/\/|[^"]*\.\.\/)|<script>alert/)
      }
    }
  })
})
