/** The atlas edits legs and bookings on the page of their trip: with a script, by keyboard alone, and without one. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, createAtlas, SET_UP } from '../e2e/atlas.ts'
import { launch } from './browser.ts'

const atlas = createAtlas()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let browser: Browser
let page: Page
let address: string
const problems: string[] = []

async function signIn(on: Page, url: string): Promise<void> {
  await on.goto(`${url}/admin/`)
  await on.getByLabel('Email address').fill(ADMIN.email)
  await on.getByLabel('Password').fill(ADMIN.password)
  await on.getByRole('button', { name: 'Log in' }).click()
  await on.getByRole('button', { name: 'Log out' }).waitFor()
}

beforeAll(async () => {
  for (const command of SET_UP) {
    const { code, output } = await atlas.command(...command)
    expect([command, code, code === 0 ? '' : output]).toEqual([command, 0, ''])
  }
  const { url } = await atlas.serve()
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(10_000)
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  await signIn(page, url)
  await page.goto(`${url}/admin/trips/trip/`)
  // A trip whose first leg has a booking.
  const trips = await page
    .locator('.rows tbody a')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  for (const trip of trips) {
    await page.goto(trip)
    await page.locator('[data-inline]').first().waitFor()
    address = page.url()
    if ((await bookings().locator('[data-inline-row]:not([data-new])').count()) > 0) break
  }
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await atlas.remove()
})

const legs = (on = page) => on.locator('[data-inline="legs"] > table > [data-inline-row]')
const bookings = (on = page) => on.locator('[data-inline="legs-0-bookings"]')
const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name ?? null)

describe('ADM-24 in a browser', () => {
  test('rows are added, within rows too, and focus goes to their first field', async () => {
    await page.goto(address)
    const before = await legs().count()
    await page.getByRole('button', { name: 'Add leg' }).click()
    expect(await legs().count()).toBe(before + 1)
    expect(await focused()).toBe(`legs-${before}-order`)
    await legs().last().getByRole('button', { name: 'Add booking' }).click()
    expect(await focused()).toBe(`legs-${before}-bookings-0-provider`)
    await legs().last().getByRole('button', { name: 'Add booking' }).click()
    expect(await focused()).toBe(`legs-${before}-bookings-1-provider`)
    // The chooser of a large table comes alive in a row that was not there.
    await legs().last().getByRole('combobox', { name: 'From' }).fill('Lisb')
    await page.locator('[role=listbox] [role=option]').first().click()
    expect(await legs().last().locator(`[name="legs-${before}-fromCity"]`).inputValue()).toMatch(/^\d+$/)
  })

  test('what is removed can be had back before it is saved; a new row that is removed is not sent', async () => {
    await page.goto(address)
    await page.getByRole('button', { name: 'Add leg' }).click()
    const last = legs().last()
    await last.locator('[name$="-order"]').fill('9')
    await last.getByRole('button', { name: 'Remove New leg' }).click()
    const sent = (name: string) =>
      page.evaluate(
        (each) => new FormData(document.querySelector('form[data-guard]') as HTMLFormElement).get(each),
        name,
      )
    const name = (await last.locator('[name$="-order"]').getAttribute('name'))!
    expect(await sent(name)).toBeNull()
    await last.getByRole('button', { name: 'Undo' }).click()
    expect(await sent(name)).toBe('9')
    await legs()
      .first()
      .getByRole('button', { name: /^Remove Leg 1/ })
      .click()
    expect(await sent('legs-0-DELETE')).toBe('on')
    await page.keyboard.press('Enter') // the focus is on Undo
    expect(await sent('legs-0-DELETE')).toBeNull()
  })

  test('by keyboard alone: a booking is added, saved, and removed again', async () => {
    await page.goto(address)
    await bookings().getByRole('button', { name: 'Add booking' }).focus()
    const before = await bookings().locator('[data-inline-row]:not([data-new])').count()
    await page.keyboard.press('Enter')
    await page.keyboard.type('By keyboard')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type('12.50')
    await page.keyboard.press('Control+s')
    await page.getByText('was saved.').waitFor()
    const saved = bookings().locator('[data-inline-row]:not([data-new])')
    expect(await saved.last().locator('[name$="-provider"]').inputValue()).toBe('By keyboard')
    expect(await saved.count()).toBe(before + 1)
    await saved.last().getByRole('button', { name: 'Remove By keyboard' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+s')
    await page.getByText('was saved.').waitFor()
    expect(await page.getByText('By keyboard').count()).toBe(0)
  })

  test('errors are told at their place and above', async () => {
    await page.goto(address)
    await bookings().locator('[name="legs-0-bookings-0-price"]').last().fill('-1')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'Please correct what is marked below.' }).waitFor()
    expect(await bookings().locator('[aria-invalid]').count()).toBeGreaterThan(0)
  })

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 320],
  ] as const)('axe finds nothing serious, and nothing is cut off: %s, %i wide', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await page.goto(address)
    await page.getByRole('button', { name: 'Add leg' }).click()
    await legs()
      .first()
      .getByRole('button', { name: /^Remove Leg/ })
      .click()
    await page.evaluate(axe)
    const found = await page.evaluate(async () => {
      const { violations } = await (window as never as { axe: { run(): Promise<Found> } }).axe.run()
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
    })
    expect(found).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })

  test('without a script, the empty rows add and the boxes delete', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    plain.setDefaultTimeout(10_000)
    await signIn(plain, new URL(address).origin)
    await plain.goto(address)
    expect(await plain.getByRole('button', { name: 'Add leg' }).count()).toBe(0)
    await bookings(plain).locator('[name$="-provider"]').last().fill('No script')
    await bookings(plain).locator('[name$="-price"]').last().fill('3')
    await plain.getByRole('button', { name: 'Save and continue' }).click()
    const row = bookings(plain).locator('[data-inline-row]', { hasText: 'No script' })
    await row.getByLabel('Delete No script').check()
    await plain.getByRole('button', { name: 'Save and continue' }).click()
    await plain.getByText('was saved.').waitFor()
    expect(await plain.getByText('No script').count()).toBe(0)
    await context.close()
  })

  test('no page broke its policy, no script threw', () => {
    expect(problems).toEqual([])
  })
})

interface Found {
  readonly violations: readonly { id: string; impact?: string; nodes: readonly { html: string }[] }[]
}
