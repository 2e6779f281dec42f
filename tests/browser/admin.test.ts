import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, createAtlas, SET_UP } from '../e2e/atlas.ts'
import { launch } from './browser.ts'

const atlas = createAtlas()
const shots = process.env.SCREENSHOTS ?? join(atlas.folder, 'shots')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let browser: Browser
let page: Page
let url: string
const problems: string[] = []

beforeAll(async () => {
  mkdirSync(shots, { recursive: true })
  for (const command of SET_UP) {
    const { code, output } = await atlas.command(...command)
    expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, ''])
  }
  url = (await atlas.serve()).url
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  page.setDefaultTimeout(8000)
  // A page that breaks its own Content-Security-Policy, or whose script throws, says so here.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await atlas.remove()
})

const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: false })
const models = () => page.getByRole('navigation', { name: 'Models' })
async function signIn(on = page) {
  await on.getByLabel('Email address').fill(ADMIN.email)
  await on.getByLabel('Password').fill(ADMIN.password)
  await on.getByRole('button', { name: 'Log in' }).click()
  await on.getByRole('button', { name: 'Log out' }).waitFor()
}

test('the public pages show the atlas', async () => {
  await page.goto(url)
  await shot('home')
  await page.getByRole('searchbox').fill('Paris')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '“Paris”' }).waitFor()
  await shot('search')
  await page.goto(`${url}/countries/france/`)
  await shot('country')
  await page.getByRole('link', { name: 'Paris' }).first().click()
  await page.getByText('Capital in').waitFor()
  await shot('city')
})

test('login → search → edit → history → logout', async () => {
  await page.goto(`${url}/admin/`)
  await shot('login')
  await page.getByLabel('Email address').fill(ADMIN.email)
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByLabel('Password').inputValue()).toBe('')
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await shot('index')

  await models().getByRole('link', { name: 'Cities', exact: true }).click()
  await page.getByRole('heading', { name: 'Cities' }).waitFor()
  await shot('list')
  await page.keyboard.press('/')
  await page.keyboard.type('Paris')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Paris', exact: true }).first().click()
  await page.getByLabel('Population').fill('-1')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').waitFor()
  // The keyboard is where the mistake is, and what was typed is still there.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('id_population')
  expect(await page.getByLabel('Population').inputValue()).toBe('-1')
  await shot('error')
  await page.getByLabel('Population').fill('2138552')
  await page.keyboard.press('Control+s')
  await page.getByRole('status').getByText('was saved').waitFor()
  await shot('form')
  await page.getByRole('link', { name: 'History' }).click()
  await page.locator('ins', { hasText: '2138552' }).waitFor()
  await shot('history')
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.goto(`${url}/admin/geo/city/`)
  expect(page.url()).toContain('/admin/login/?next=')
})

test('filters and ordering narrow the list, and a form leads back to it', async () => {
  await signIn()
  const filters = page.getByRole('complementary', { name: 'Filters' })
  await filters.getByRole('link', { name: /^Capital( |$)/ }).click()
  await filters.getByRole('link', { name: /^Oceania( |$)/ }).click()
  await page.getByRole('link', { name: 'Canberra', exact: true }).waitFor()
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link', { name: 'Name', exact: true }).click()
  expect(await page.locator('th[aria-sort=ascending]').textContent()).toContain('Name')
  const list = page.url()
  await page.getByRole('link', { name: 'Canberra', exact: true }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('status').getByText('was saved').waitFor()
  expect(new URL(page.url()).searchParams.toString()).toBe(new URL(list).searchParams.toString())
})

test('many rows to choose from can be filtered, and are saved', async () => {
  await page.goto(`${url}/admin/geo/country/?q=iceland`)
  await page.getByRole('link', { name: 'Iceland', exact: true }).click()
  const languages = page.getByRole('group', { name: 'Languages' })
  await languages.getByRole('combobox').fill('Danish')
  await page.getByRole('option', { name: 'Danish', exact: true }).click()
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.getByRole('status').getByText('was saved').waitFor()
  await page.getByRole('link', { name: 'History' }).click()
  await page.locator('ins', { hasText: 'Danish, Icelandic' }).waitFor()
})

test('boxes of a group are filtered by what is typed', async () => {
  await page.goto(`${url}/admin/auth/group/add/`)
  await page.getByLabel('Name').fill('Editors')
  const permissions = page.getByRole('group', { name: /^Permissions/ })
  await permissions.getByRole('searchbox').fill('city')
  expect(await permissions.getByRole('group', { name: 'Atlas · city' }).isVisible()).toBe(true)
  expect(await permissions.getByRole('group', { name: 'Atlas · country' }).isVisible()).toBe(false)
  await permissions.getByRole('group', { name: 'Atlas · city' }).getByLabel('Change').check()
  await permissions.getByText('1 chosen').waitFor()
  await shot('picker')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('.messages').getByText('was added').waitFor()
})

test('what was written survives a session that ended', async () => {
  await page.goto(`${url}/admin/geo/language/add/`)
  await page.getByLabel('Code').fill('xyz')
  await page.getByLabel('Name').fill('Hours of work')
  await page.context().clearCookies({ name: /session/i })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  // Refused or asked to sign in: either way the form comes back with everything in it.
  await page.goto(`${url}/admin/login/?next=/admin/geo/language/add/`)
  await signIn()
  await page.getByText('What you last wrote here was not saved.').waitFor()
  await shot('draft')
  await page.getByRole('button', { name: 'Restore it' }).click()
  expect(await page.getByLabel('Name').inputValue()).toBe('Hours of work')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('status').getByText('was added').waitFor()
  await page.goto(`${url}/admin/geo/language/add/`)
  expect(await page.getByText('What you last wrote here was not saved.').count()).toBe(0)
})

test('a page with changes is not left by accident', async () => {
  await page.goto(`${url}/admin/geo/language/add/`)
  await page.getByLabel('Name').fill('Changed')
  const asked = new Promise((resolve) =>
    page.once('dialog', async (dialog) => {
      await dialog.dismiss()
      resolve(dialog.type())
    }),
  )
  await models().getByRole('link', { name: 'Cities', exact: true }).click({ noWaitAfter: true })
  expect(await asked).toBe('beforeunload')
  expect(await page.getByLabel('Name').inputValue()).toBe('Changed')
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(`${url}/admin/`)
})

const ADDRESSES = {
  index: '/admin/',
  list: '/admin/geo/city/',
  filtered: '/admin/geo/country/?continent=1&q=a',
  nothing: '/admin/geo/city/?q=zzzzzz',
  form: '/admin/geo/country/76/change/',
  add: '/admin/geo/city/add/',
  user: '/admin/accounts/user/1/change/',
  password: '/admin/accounts/user/1/password/',
  group: '/admin/auth/group/add/',
  delete: '/admin/geo/country/76/delete/',
  blocked: '/admin/geo/continent/1/delete/',
  history: '/admin/geo/city/1/history/',
  missing: '/admin/geo/nothing/',
  home: '/',
  search: '/?q=rio',
  country: '/countries/france/',
  city: '/cities/1/',
}

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 320],
] as const)('%s, %i pixels wide', (colorScheme, width) => {
  // Its own context: axe is put into the page past its security policy.
  let other: Page
  beforeAll(async () => {
    const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme, bypassCSP: true })
    other = await context.newPage()
    await other.goto(`${url}/admin/login/`)
  }, 30_000)
  afterAll(() => other.context().close())

  /** What keeps people from using a page. */
  async function barriers(): Promise<string[]> {
    await other.evaluate(axe)
    const found = await other.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
      const { violations } = await axe.run()
      return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`)
    })
    const overflow = await other.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    return overflow ? [...found, `${overflow} pixels too wide`] : found
  }

  test('the login page has no barrier', async () => {
    expect(await barriers()).toEqual([])
    await signIn(other)
  })

  test.each(Object.entries(ADDRESSES))('the page %s has no barrier', async (name, path) => {
    await other.goto(url + path)
    expect(await barriers()).toEqual([])
    await other.screenshot({ path: join(shots, `${name}-${colorScheme}-${width}.png`) })
  })

  test('a form with errors has no barrier', async () => {
    await other.goto(`${url}/admin/geo/country/add/`)
    await other.getByRole('button', { name: 'Save', exact: true }).click()
    await other.getByRole('alert').waitFor()
    expect(await barriers()).toEqual([])
  })
})

test('on a phone the navigation opens and closes, and rows are cards', async () => {
  await page.setViewportSize({ width: 390, height: 800 })
  await page.goto(`${url}/admin/geo/country/`)
  expect(await models().isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.keyboard.press('Escape')
  expect(await page.getByRole('button', { name: 'Menu' }).getAttribute('aria-expanded')).toBe('false')
  await page.getByRole('button', { name: 'Menu' }).click()
  await models().getByRole('link', { name: 'Languages', exact: true }).click()
  await page.getByRole('heading', { name: 'Languages' }).waitFor()
  const cells = page.locator('tbody tr').first().locator('td')
  const [first, second] = [await cells.nth(0).boundingBox(), await cells.nth(1).boundingBox()]
  expect(second!.y).toBeGreaterThan(first!.y)
  await page.setViewportSize({ width: 1280, height: 860 })
})

test('a theme that was chosen stays, and print shows the page only', async () => {
  await page.goto(`${url}/admin/geo/city/`)
  const canvas = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await canvas()
  for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Change theme' }).click()
  expect(await canvas()).not.toBe(light)
  await page.reload()
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await page.getByRole('button', { name: 'Change theme' }).click()
  await page.emulateMedia({ media: 'print' })
  expect(await models().isVisible()).toBe(false)
  expect(await page.getByRole('link', { name: 'Shanghai' }).isVisible()).toBe(true)
  await page.emulateMedia({ media: null })
})

test('without scripts everything is still there', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } })
  const plain = await context.newPage()
  await plain.goto(`${url}/admin/`)
  await signIn(plain)
  await plain.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Languages', exact: true }).click()
  await plain.getByRole('link', { name: 'Afrikaans', exact: true }).click()
  await plain.getByRole('button', { name: 'Save', exact: true }).click()
  await plain.getByRole('status').getByText('was saved').waitFor()
  await context.close()
})

test('no page broke its own security policy or threw', () => {
  expect(problems).toEqual([])
})
