/** Choosing rows by keyboard, adding one on the way, and what two people wrote: the admin's form in a browser. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AtlasBrowser, barriers, openAtlas } from './site.ts'

let site: AtlasBrowser
let page: Page
let trip: string
beforeAll(async () => {
  site = await openAtlas()
  page = site.page
  await site.signIn()
  await page.goto(`${site.url}/admin/trips/trip/?q=${encodeURIComponent('Bologna, Milan, Zürich')}`)
  await page.getByRole('link', { name: 'Bologna, Milan, Zürich' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  trip = page.url()
}, 180_000)
afterAll(() => site?.close())

const leave = async () => {
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(trip)
}

test('ADM-22 chips by keyboard: arrows choose, Backspace takes the last one away, Escape closes', async () => {
  await page.goto(trip)
  const group = page.getByRole('group', { name: /Countries/ })
  const box = group.getByRole('combobox')
  const chips = group.locator('.chips li')
  const count = await chips.count()
  await box.focus()
  await page.keyboard.type('portug')
  await page.locator('[role=option]').first().waitFor()
  await site.shot('chooser-open')
  expect(await box.getAttribute('aria-expanded')).toBe('true')
  await page.keyboard.press('Escape')
  expect([await box.getAttribute('aria-expanded'), await box.inputValue()]).toEqual(['false', ''])
  await page.keyboard.type('portug')
  await page.locator('[role=option]').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  expect(await chips.count()).toBe(count + 1)
  await page.keyboard.press('Backspace')
  expect(await chips.count()).toBe(count)
  // Nothing was sent by Enter.
  expect(page.url()).toBe(trip)
})

test('ADM-22 more rows come while one goes down, and a search that finds nothing says so', async () => {
  await page.goto(trip)
  const box = page.getByRole('combobox', { name: 'To' }).first()
  await box.fill('san')
  await page.locator('[role=option]').first().waitFor()
  for (let step = 0; step < 25; step++) await page.keyboard.press('ArrowDown')
  await page.locator('[role=option]').nth(25).waitFor()
  await box.fill('qqqqqqqq')
  await page.getByText('Nothing matches.').first().waitFor()
  await page.keyboard.press('Escape')
  expect(await box.inputValue()).not.toBe('qqqqqqqq')
})

test('ADM-21 a row added in a window of its own is chosen in the form', async () => {
  await page.goto(trip)
  const group = page.getByRole('group', { name: /Tags/ })
  const opened = page.waitForEvent('popup')
  await group.locator('xpath=..').getByRole('link', { name: 'Add tag' }).first().click()
  const popup = await opened
  await popup.getByLabel('Name').fill('Slow travel')
  await popup.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Slow travel').first().waitFor()
  await expect.poll(() => popup.isClosed()).toBe(true)
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.locator('.messages .success').waitFor()
  expect(await group.getByLabel('Slow travel').isChecked()).toBe(true)
})

test.each([
  ['light', 1280],
  ['dark', 390],
] as const)('ADM-26 both versions, %s, %i pixels wide', async (look, width) => {
  const [mine, theirs] = [await site.look(look, width), await site.look(look, width)]
  await mine.goto(trip)
  await theirs.goto(trip)
  await theirs.getByRole('textbox', { name: /^Notes/ }).fill(`Take the early train, ${look}.`)
  await theirs.getByLabel('Ends on').fill(look === 'light' ? '2027-06-06' : '2027-06-07')
  await theirs.getByRole('button', { name: 'Save and continue' }).click()
  await theirs.locator('.messages .success').waitFor()
  await mine.getByRole('textbox', { name: /^Notes/ }).fill(`Take the late train, ${look}.`)
  await mine.getByRole('button', { name: 'Save and continue' }).click()
  await mine.getByText('Take the early train').first().waitFor()
  expect(await mine.evaluate(() => document.activeElement?.classList.contains('conflicts'))).toBe(true)
  expect(await barriers(mine)).toEqual([])
  await site.shot(`conflict-${look}-${width}`, mine)
  await mine.getByRole('radio', { name: /Yours/ }).check()
  await mine.getByRole('button', { name: 'Save and continue' }).click()
  await mine.locator('.messages .success').waitFor()
  expect(await mine.getByRole('textbox', { name: /^Notes/ }).inputValue()).toBe(`Take the late train, ${look}.`)
  for (const each of [mine, theirs]) await each.context().close()
})

test('a draft that is restored does not overwrite what was saved since', async () => {
  await page.goto(trip)
  await page.getByRole('textbox', { name: /^Notes/ }).fill('Written before the line was cut')
  await page.route('**/change/', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()))
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.waitForTimeout(500)
  await page.unroute('**/change/')
  const other = await site.look('light', 1280)
  await other.goto(trip)
  await other.getByRole('textbox', { name: /^Notes/ }).fill('Saved by somebody else')
  await other.getByRole('button', { name: 'Save and continue' }).click()
  await other.locator('.messages .success').waitFor()
  await other.context().close()
  await page.goto(trip)
  await page.getByRole('button', { name: 'Restore it' }).click()
  expect(await page.getByRole('textbox', { name: /^Notes/ }).inputValue()).toBe('Written before the line was cut')
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.getByText('Saved by somebody else').first().waitFor()
  expect(await page.locator('.conflicts').count()).toBe(1)
  await leave()
})
