import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, createAtlas } from '../e2e/atlas.ts'
import { launch } from './browser.ts'

const atlas = createAtlas()
const shots = process.env.SCREENSHOTS ?? join(atlas.folder, 'shots')
let browser: Browser
let page: Page
let url: string
const problems: string[] = []

beforeAll(async () => {
  mkdirSync(shots, { recursive: true })
  for (const command of [['migrate'], ['loadatlas'], ['createsuperuser', '--if-none'], ['collectstatic']]) {
    const { code, output } = await atlas.command(...command)
    expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, ''])
  }
  url = (await atlas.serve()).url
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  // A page that breaks its own Content-Security-Policy, or whose script throws, says so here.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('422')) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await atlas.remove()
})

const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: false })

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
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await shot('index')

  await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Cities' }).click()
  await page.getByRole('heading', { name: 'Cities' }).waitFor()
  await shot('list')
  await page.keyboard.press('/')
  await page.keyboard.type('Paris')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Paris', exact: true }).first().click()
  await page.getByLabel('Population').fill('-1')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').waitFor()
  await shot('error')
  await page.getByLabel('Population').fill('2138552')
  await page.getByRole('button', { name: 'Save and continue' }).click()
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

test('filters, ordering and pages narrow the list', async () => {
  await page.getByLabel('Email address').fill(ADMIN.email)
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('complementary', { name: 'Filters' }).getByRole('link', { name: 'Capital', exact: true }).click()
  await page.getByRole('complementary', { name: 'Filters' }).getByRole('link', { name: 'Oceania', exact: true }).click()
  await page.getByRole('link', { name: 'Canberra', exact: true }).waitFor()
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click()
  expect(await page.locator('th[aria-sort=ascending]').innerText()).toContain('Name')
})

test('dark and phone width are as complete', async () => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(`${url}/admin/geo/country/`)
  await shot('list-dark')
  await page.setViewportSize({ width: 390, height: 800 })
  await page.goto(`${url}/admin/geo/country/`)
  await shot('list-phone')
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'Languages' }).click()
  await page.getByRole('heading', { name: 'Languages' }).waitFor()
  await page.goto(`${url}/`)
  await shot('home-phone-dark')
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(overflow).toBe(0)
})

test('no page broke its own security policy or threw', () => {
  expect(problems).toEqual([])
})
