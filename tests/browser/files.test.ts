/** MOD-09: files in the admin, in a browser: sent, shown, taken away, by keyboard, in every look. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUser } from 'nuages/auth'
import { type RunningServer, serveNode } from 'nuages/http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Project } from '../../src/project/index.ts'
import { createProject } from '../../src/project/internal.ts'
import { migrateAll } from '../../src/testing/migrate.ts'
import { Show } from '../admin/files-project/gallery/app.ts'
import settings from '../admin/files-project/settings.ts'
import { launch } from './browser.ts'
import { barriers, LOOKS } from './site.ts'

const folder = mkdtempSync(join(tmpdir(), 'nuages-browser-files-'))
const shots = process.env.SCREENSHOTS ?? join(folder, 'shots')
let project: Project
let server: RunningServer
let browser: Browser
const problems: string[] = []

async function look(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme, bypassCSP: width !== 1280 })
  const page = await context.newPage()
  page.setDefaultTimeout(6000)
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.goto(`http://127.0.0.1:${server.port}/admin/login/`)
  await page.getByLabel('Email address').fill('root@example.org')
  await page.getByLabel('Password').fill('long enough')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Log out' }).waitFor()
  return page
}

/** A picture, drawn by the browser. */
async function picture(page: Page): Promise<Buffer> {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 640
    canvas.height = 400
    const pen = canvas.getContext('2d')!
    const sky = pen.createLinearGradient(0, 0, 640, 400)
    sky.addColorStop(0, '#e4572e')
    sky.addColorStop(1, '#29335c')
    pen.fillStyle = sky
    pen.fillRect(0, 0, 640, 400)
    return canvas.toDataURL('image/jpeg', 0.8)
  })
  return Buffer.from(url.split(',')[1]!, 'base64')
}

beforeAll(async () => {
  mkdirSync(shots, { recursive: true })
  const written = {
    ...settings,
    databases: { default: `sqlite:${join(folder, 'db.sqlite3')}` },
    mediaRoot: join(folder, 'media'),
    allowedHosts: ['127.0.0.1'],
  }
  project = await createProject(written, { env: {}, root: folder })
  await migrateAll(project)
  await createUser({ email: 'root@example.org', password: 'long enough', isStaff: true, isSuperuser: true })
  server = await serveNode(project.handler, { port: 0 })
  browser = await launch()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await server?.close({ timeout: 100 })
  await project?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a file is sent with the form, shown with its picture, and taken away by keyboard', async () => {
  const page = await look('light', 1280)
  const site = `http://127.0.0.1:${server.port}`
  await page.goto(`${site}/admin/gallery/show/add/`)
  await page.getByLabel('Name').fill('Summer')
  await page
    .getByLabel('Poster')
    .setInputFiles({ name: 'Sommer é.jpg', mimeType: 'image/jpeg', buffer: await picture(page) })
  await page.getByLabel('Contract').setInputFiles({ name: 'bad.exe', mimeType: '', buffer: Buffer.from('x') })
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.getByText('Files that end in “exe” are not taken.').waitFor()
  await page.getByText('“Sommer é.jpg” was not saved. Choose it again.').waitFor()
  await page.screenshot({ path: join(shots, 'files-error.png'), fullPage: true })
  await page
    .getByLabel('Poster')
    .setInputFiles({ name: 'Sommer é.jpg', mimeType: 'image/jpeg', buffer: await picture(page) })
  await page
    .getByLabel('Contract')
    .setInputFiles({ name: 'contract.pdf', mimeType: '', buffer: Buffer.alloc(900, 'x') })
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.getByRole('link', { name: 'Sommer_é.jpg' }).waitFor()
  const shown = await page.locator('#id_poster_now img').evaluate((img) => (img as HTMLImageElement).naturalWidth)
  expect(shown).toBe(640)
  const show = await Show.objects.get()
  expect([show.poster!.name, show.posterWidth]).toEqual(['posters/Sommer_é.jpg', 640])
  expect(await page.getByLabel('Contract').evaluate((input) => (input as HTMLInputElement).required)).toBe(false)

  // By keyboard: the link, the control, the box, in this order.
  await page.getByLabel('Name').focus()
  const stops: string[] = []
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('Tab')
    stops.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName || ''))
  }
  expect(stops).toEqual(['A', 'id_poster', 'id_poster_clear'])
  await page.keyboard.press('Space')
  await page.keyboard.press('Control+s')
  await page.getByRole('link', { name: 'Sommer_é.jpg' }).waitFor({ state: 'detached' })
  expect((await Show.objects.get()).poster).toBeNull()
  expect(problems).toEqual([])
}, 60_000)

test.each(LOOKS)(
  'can be used in the look %s at %i pixels',
  async (scheme, width) => {
    const page = await look(scheme, width)
    await Show.objects.all().delete()
    const poster = new File([new Uint8Array(await picture(page))], 'a-poster-with-a-rather-long-name-of-the-summer.jpg')
    const show = await Show.objects.create({ name: 'Summer', poster, contract: new File(['x'], 'contract.pdf') })
    const site = `http://127.0.0.1:${server.port}`
    for (const [name, path] of [
      ['form', `show/${show.pk}/change/`],
      ['list', 'show/'],
    ]) {
      await page.goto(`${site}/admin/gallery/${path}`)
      await page.waitForLoadState('networkidle')
      await page.screenshot({ path: join(shots, `files-${name}-${scheme}-${width}.png`), fullPage: true })
      if (width !== 1280) expect([name, await barriers(page)]).toEqual([name, []])
    }
    expect(problems).toEqual([])
  },
  60_000,
)
