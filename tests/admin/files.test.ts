/** MOD-09: files of rows in the admin, through the real handler. */
import { configureStorages, inMemory, storage } from 'nuages/storage'
import { testSite } from 'nuages/testing'
import * as runner from 'vitest'
import { beforeEach, describe, expect, test } from 'vitest'
import { png } from '../storage/images.ts'
import { Plan, Show } from './files-project/gallery/app.ts'
import settings from './files-project/settings.ts'
import { as, errorsIn, root, textOf } from './visitors.ts'

const site = testSite(settings, runner)
const SHOWS = '/admin/gallery/show/'
const photo = (name = 'poster.png') => new File([new Uint8Array(png)], name, { type: 'image/png' })
const paper = (name = 'contract.txt', content = 'signed') => new File([content], name)

let client: Awaited<ReturnType<typeof as>>
beforeEach(async () => {
  configureStorages({ default: inMemory({ url: '/media/' }) })
  client = await as(site, await root())
})
/** The management fields that the page has, whatever the inline is called. */
async function managed(path: string): Promise<Record<string, string>> {
  const { body } = await client.get(path)
  return Object.fromEntries(
    [...body.matchAll(/<input[^>]*name="([^"]*(?:_FORMS|_state))"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [
      name!,
      value!.replaceAll('&quot;', '"'),
    ]),
  )
}

describe('MOD-09 a form of the admin with files', () => {
  test('is multipart, has controls that say what they take, and stores what is sent', async () => {
    const page = await client.get(`${SHOWS}add/`)
    expect(page.body).toContain('enctype="multipart/form-data"')
    expect(page.body).toMatch(/<input type="file" name="contract" id="id_contract" accept="\.pdf,\.txt" required/)
    expect(page.body).toMatch(
      /<input type="file" name="poster" id="id_poster" accept="\.png,[^"]*" aria-describedby="id_poster_help"/,
    )
    const sent = { ...(await managed(`${SHOWS}add/`)), name: 'Summer', poster: photo(), contract: paper() }
    expect((await client.post(`${SHOWS}add/`, sent)).status).toBe(302)
    const show = await Show.objects.get()
    expect([show.poster!.name, show.posterWidth, show.contract.name]).toEqual([
      'posters/poster.png',
      7,
      'contracts/contract.txt',
    ])
    expect(await show.contract.text()).toBe('signed')
  })

  test('shows what there is, keeps it when nothing is sent, takes another, takes it away', async () => {
    const show = await Show.objects.create({ name: 'Summer', poster: photo(), contract: paper() })
    const path = `${SHOWS}${show.pk}/change/`
    const { body } = await client.get(path)
    expect(body).toContain(
      '<a href="/media/posters/poster.png" target="_blank" rel="noopener"><img src="/media/posters/poster.png" alt=""',
    )
    expect(body).toMatch(
      /<input type="file" name="contract" id="id_contract" accept="\.pdf,\.txt" aria-describedby="id_contract_now">/,
    )
    expect(body).toContain('name="poster-clear"')
    expect(body).not.toContain('name="contract-clear"')

    const plain = { ...(await managed(path)), name: 'Autumn' }
    expect((await client.post(path, plain)).status).toBe(302)
    await show.refresh()
    expect([show.name, String(show.poster), String(show.contract)]).toEqual([
      'Autumn',
      'posters/poster.png',
      'contracts/contract.txt',
    ])
    const other = {
      ...(await managed(path)),
      name: 'Autumn',
      poster: photo('other.png'),
      contract: paper('new.txt', 'again'),
    }
    expect((await client.post(path, other)).status).toBe(302)
    await show.refresh()
    expect([String(show.poster), await show.contract.text()]).toEqual(['posters/other.png', 'again'])
    const cleared = { ...(await managed(path)), name: 'Autumn', 'poster-clear': 'on' }
    expect((await client.post(path, cleared)).status).toBe(302)
    await show.refresh()
    expect([show.poster, show.posterWidth, String(show.contract)]).toEqual([null, null, 'contracts/new.txt'])
    const history = textOf((await client.get(`${SHOWS}${show.pk}/history/`)).body)
    expect(history).toContain('posters/other.png')
  })

  test('what is wrong is told at its field; the row and its files stay, the page says what to choose again', async () => {
    const show = await Show.objects.create({ name: 'Summer', poster: photo(), contract: paper() })
    const path = `${SHOWS}${show.pk}/change/`
    const send = async (values: object) => {
      const answer = await client.post(path, { ...(await managed(path)), name: 'Summer', ...values })
      const { '': _, ...errors } = errorsIn(answer.body)
      return [answer.status, errors, answer.body] as const
    }
    const [status, errors, body] = await send({
      name: '',
      poster: photo('fine.png'),
      contract: paper('virus.exe'),
    })
    expect([status, errors]).toEqual([
      422,
      {
        name: 'This field is required.',
        contract: 'Files that end in “exe” are not taken. Allowed: pdf, txt.',
      },
    ])
    expect(body).toContain('“fine.png” was not saved. Choose it again.')
    expect(body).toContain('href="/media/posters/poster.png"')
    expect((await send({ contract: paper('long.txt', 'x'.repeat(2000)) }))[1]).toEqual({
      contract: 'The file has 2 kB; at most 1000 bytes are taken.',
    })
    expect((await send({ contract: paper('empty.txt', '') }))[1]).toEqual({ contract: 'The file is empty.' })
    expect((await send({ poster: new File(['<svg onload=alert(1)>'], 'x.png') }))[1]).toEqual({
      poster: 'This is no image, or it is damaged.',
    })
    expect((await send({ poster: photo('both.png'), 'poster-clear': 'on' }))[1]).toEqual({
      poster: 'Choose a file, or tick the box that removes it: not both.',
    })
    expect((await send({ 'contract-clear': 'on' }))[1]).toEqual({ contract: 'Choose a file.' })
    // A file that is named in a text is no file.
    expect((await send({ poster: '../../etc/passwd' }))[0]).toBe(302)
    await show.refresh()
    expect([String(show.poster), String(show.contract)]).toEqual(['posters/poster.png', 'contracts/contract.txt'])
    expect((await storage().list('posters')).files.filter((name) => /fine|both/.test(name))).toEqual([])
  })

  test('SEC-11 stored XSS: markup in a name is text', async () => {
    const show = await Show.objects.create({ name: 'x', contract: paper('"><img src=x onerror=alert(1)>.txt') })
    await Plan.objects.create({ show, drawing: paper('page.html', '<script>alert(1)</script>') })
    for (const path of [SHOWS, `${SHOWS}${show.pk}/change/`]) {
      const { body } = await client.get(path)
      expect(body).not.toContain('<img src=x')
      expect(body).not.toMatch(/onerror=alert\(1\)>/)
    }
  })

  test('a list has small pictures and names; a row of an inline takes a file', async () => {
    const show = await Show.objects.create({ name: 'Summer', poster: photo(), contract: paper() })
    const list = (await client.get(SHOWS)).body
    expect(list).toContain('<span class="file-cell"><img src="/media/posters/')
    expect(list).toContain('contract')
    const path = `${SHOWS}${show.pk}/change/`
    const management = await managed(path)
    const prefix = Object.keys(management)
      .find((name) => name.endsWith('-TOTAL_FORMS'))!
      .replace('-TOTAL_FORMS', '')
    const sent = {
      ...management,
      name: 'Summer',
      [`${prefix}-TOTAL_FORMS`]: '1',
      [`${prefix}-0-drawing`]: paper('plan.svg', '<svg/>'),
    }
    const answer = await client.post(path, sent)
    expect([answer.status, errorsIn(answer.body)]).toEqual([302, {}])
    expect((await Plan.objects.get()).drawing.name).toBe('plans/plan.svg')
    expect((await client.get(path)).body).toContain('href="/media/plans/plan.svg"')
  })
})
