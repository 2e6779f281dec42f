/** Lists of the admin: selecting, acting, editing, narrowing, ordering; by mouse, by keyboard, on a phone. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AtlasBrowser, barriers, LOOKS, openAtlas } from './site.ts'

let site: AtlasBrowser
let page: Page
let trips: string

beforeAll(async () => {
  site = await openAtlas()
  page = site.page
  trips = `${site.url}/admin/trips/trip/`
  await site.signIn()
}, 180_000)
afterAll(() => site?.close())

const status = () => page.locator('.messages')
const names = () => page.locator('tbody tr td:nth-child(2)').allInnerTexts()
const select = (name: string) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true })

test('rows are selected one by one, as a range, and all of the page', async () => {
  await page.goto(trips)
  const run = page.getByRole('button', { name: 'Run' })
  expect(await run.isDisabled()).toBe(true)
  const boxes = page.getByRole('checkbox', { name: /^Select (?!all)/ })
  await boxes.nth(1).check()
  await boxes.nth(4).click({ modifiers: ['Shift'] })
  await page.getByText('4 of 300 selected').waitFor()
  await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
  await page.getByText('50 of 300 selected').waitFor()
  await page.getByRole('checkbox', { name: 'All 300 that match' }).check()
  await page.getByText('All 300 selected').waitFor()
  expect(await run.isDisabled()).toBe(true)
  await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Mark as planned' })
  expect(await run.isDisabled()).toBe(false)
})

test('an action asks for its parameters, says what is wrong with them, and runs once', async () => {
  await page.goto(`${trips}?q=Adelaide to Gold Coast`)
  const budget = () =>
    page.getByRole('textbox', { name: /Budget/i }).or(page.getByRole('spinbutton', { name: /Budget/i }))
  const before = Number(await budget().inputValue())
  await select('Adelaide to Gold Coast').check()
  await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Change the budget…' })
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByText('Change the budget of 1 trips?').waitFor()
  await page.getByLabel('Percent').fill('1000')
  await page.getByRole('button', { name: 'Change the budget…' }).click()
  await page.getByText('Enter 100 or less.').waitFor()
  await page.getByLabel('Percent').fill('10')
  await site.shot('action')
  await page.getByRole('button', { name: 'Change the budget…' }).click()
  await status().getByText('The budget of 1 trips was changed.').waitFor()
  expect(Number(await budget().inputValue())).toBeCloseTo(before * 1.1)
  expect(page.url()).toContain('q=Adelaide')
})

test('rows are deleted together, after what goes with them was shown', async () => {
  await page.goto(`${trips}?q=spring in japan`)
  const all = await names()
  expect(all.length).toBeGreaterThan(2)
  const boxes = page.getByRole('checkbox', { name: /^Select Spring/ })
  await boxes.nth(0).check()
  await boxes.nth(1).check()
  await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Delete selected' })
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('row', { name: /2\s+trips/i }).waitFor()
  await page.getByRole('row', { name: /legs/i }).waitFor()
  await page.getByRole('button', { name: 'Yes, delete' }).click()
  await status().waitFor()
  expect((await names()).length).toBe(all.length - 2)
})

test('cells are edited in the list by keyboard: counted, taken back, saved', async () => {
  await page.goto(trips)
  const cell = page.locator('tbody tr').first().getByRole('combobox')
  await cell.focus()
  await page.keyboard.press('ArrowDown')
  await page.getByText('1 changed').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.getByText('1 changed').count()).toBe(0)
  await cell.selectOption({ label: 'Cancelled' })
  await page.keyboard.press('Control+ArrowDown')
  expect(
    await page
      .locator('tbody tr')
      .nth(1)
      .getByRole('combobox')
      .evaluate((e) => e === document.activeElement),
  ).toBe(true)
  await page.keyboard.press('Control+s')
  await status().getByText('1 row was saved').waitFor()
  expect(await cell.inputValue()).toBe('cancelled')
})

test('a cell that somebody else changed meanwhile is not overwritten', async () => {
  await page.goto(trips)
  const other = await site.look('light', 1280)
  await other.goto(trips)
  const row = (on: Page) => on.locator('tbody tr').nth(2).getByRole('combobox')
  const before = await row(other).inputValue()
  const [theirs, ours] = ['booked', 'done', 'draft'].filter((value) => value !== before)
  await row(other).selectOption(theirs!)
  await other.getByRole('button', { name: 'Save changes' }).click()
  await other.getByRole('status').getByText('was saved').waitFor()
  await row(page).selectOption(ours!)
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByRole('alert').waitFor()
  await site.shot('list-stale')
  await other.reload()
  expect(await row(other).inputValue()).toBe(theirs)
  await other.context().close()
})

test('a list with changes is not left by accident', async () => {
  await page.goto(trips)
  await page.locator('tbody tr').first().getByRole('combobox').selectOption('done')
  const asked = new Promise((resolve) =>
    page.once('dialog', async (dialog) => {
      await dialog.dismiss()
      resolve(dialog.type())
    }),
  )
  await page.getByRole('link', { name: 'Tags', exact: true }).click({ noWaitAfter: true })
  expect(await asked).toBe('beforeunload')
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(trips)
})

test('filters say how many rows stand behind each choice, and narrow to them', async () => {
  await page.goto(trips)
  const filters = page.getByRole('complementary', { name: 'Filters' })
  const done = filters.getByRole('link', { name: /^Done \d+$/ })
  await done.waitFor()
  const count = /\d+/.exec((await done.textContent()) ?? '')![0]
  await done.click()
  await page.getByLabel(`All ${count} that match`).waitFor()
  expect(
    await page
      .getByRole('combobox', { name: /Status/ })
      .first()
      .inputValue(),
  ).toBe('done')
})

test('counts of a large table come after the page, which does not wait for them', async () => {
  const counted = page.waitForResponse((response) => response.url().includes('/counts/'))
  await page.goto(`${site.url}/admin/geo/city/`)
  await page.getByRole('link', { name: 'Shanghai', exact: true }).waitFor()
  expect((await counted).status()).toBe(200)
  await page
    .getByRole('complementary', { name: 'Filters' })
    .getByRole('link', { name: /^Capital \d+$/ })
    .waitFor()
})

test('dates lead from years to months to days and back', async () => {
  await page.goto(trips)
  const dates = page.getByRole('navigation', { name: 'Starts on' })
  await dates.getByRole('link', { name: '2025' }).click()
  await dates.getByRole('link', { name: /^March/ }).click()
  expect(await page.locator('tbody tr').count()).toBeGreaterThan(2)
  await site.shot('list-dates')
  await dates
    .getByRole('link', { name: /^3|^\d+ March|^March \d+/ })
    .first()
    .click()
  await dates.getByRole('link', { name: '2025' }).click()
  await dates.getByRole('link', { name: /^March/ }).waitFor()
})

test('columns computed by the database order the list, two of them together', async () => {
  await page.goto(trips)
  await page.getByRole('columnheader', { name: 'Legs' }).getByRole('link', { name: 'Legs', exact: true }).click()
  const legs = async () => (await page.locator('tbody td[data-label="Legs"]').allInnerTexts()).map(Number)
  const up = await legs()
  expect(up).toEqual([...up].sort((a, b) => a - b))
  await page.getByRole('columnheader', { name: 'Legs' }).getByRole('link', { name: /^Legs/ }).click()
  const down = await legs()
  expect(down[0]).toBeGreaterThan(1)
  expect(down).toEqual([...down].sort((a, b) => b - a))
  await page.getByRole('link', { name: 'Then by name' }).click()
  expect(await page.locator('th[aria-sort]').count()).toBe(2)
})

test('the keyboard alone finds, opens and selects', async () => {
  await page.goto(trips)
  await page.keyboard.press('/')
  await page.keyboard.type('bologna, milan')
  await page.keyboard.press('Enter')
  await page.getByLabel('All 1 that match').waitFor()
  const seen = new Set<string>()
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const { name, ring } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const style = getComputedStyle(element)
      return {
        name: element.getAttribute('aria-label') ?? element.textContent ?? element.tagName,
        ring: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0,
      }
    })
    expect([name, ring]).toEqual([name, true])
    seen.add(name.trim())
    if (name.startsWith('Select Bologna')) await page.keyboard.press('Space')
    if (name.trim() === 'Bologna, Milan, Zürich') break
  }
  expect([...seen]).toContain('Bologna, Milan, Zürich')
  await page.getByText('1 of 1 selected').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1 }).getByText('Bologna').waitFor()
})

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  let other: Page
  beforeAll(async () => {
    other = await site.look(colorScheme, width)
  }, 60_000)
  afterAll(() => other?.context().close())

  const ADDRESSES = {
    list: '',
    filtered: '?status=done&q=a',
    dates: '?startsOn__year=2025',
    ordered: '?o=-legs.name',
    nothing: '?q=zzzz',
  }
  test.each(Object.entries(ADDRESSES))('the list %s has no barrier', async (name, query) => {
    await other.goto(trips + query)
    await other.waitForLoadState('networkidle')
    expect(await barriers(other)).toEqual([])
    await site.shot(`trips-${name}-${colorScheme}-${width}`, other)
  })

  test.each(['Delete selected', 'Change the budget…'])('the page that confirms %s has no barrier', async (label) => {
    await other.goto(trips)
    await other
      .getByRole('checkbox', { name: /^Select (?!all)/ })
      .first()
      .check()
    await other.getByLabel('Action', { exact: true }).selectOption({ label })
    await other.getByRole('button', { name: 'Run' }).click()
    await other
      .getByRole('button', { name: 'No, take me back' })
      .or(other.getByRole('link', { name: 'No, take me back' }))
      .waitFor()
    expect(await barriers(other)).toEqual([])
    await site.shot(`confirm-${label.slice(0, 6)}-${colorScheme}-${width}`, other)
  })
})

test('print shows the rows, not the tools', async () => {
  await page.goto(trips)
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('link', { name: 'Bologna, Milan, Zürich' }).isVisible()).toBe(true)
  for (const hidden of ['.nav', '.row-actions', '.filters', '.save-rows .primary', '.toolbar'])
    expect([hidden, await page.locator(hidden).first().isVisible()]).toEqual([hidden, false])
  await page.emulateMedia({ media: null })
})

test('without scripts rows are selected, acted upon and edited all the same', async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } })
  const plain = await context.newPage()
  await site.signIn(plain)
  await plain.goto(trips)
  await plain
    .getByRole('checkbox', { name: /^Select (?!all)/ })
    .nth(5)
    .check()
  await plain.getByLabel('Action', { exact: true }).selectOption({ label: 'Mark as planned' })
  await plain.getByRole('button', { name: 'Run' }).click()
  await plain
    .getByRole('status')
    .getByText(/planned now/)
    .waitFor()
  await plain.locator('tbody tr').nth(5).getByRole('combobox').selectOption('booked')
  await plain.getByRole('button', { name: 'Save changes' }).click()
  await plain.getByRole('status').getByText('was saved').waitFor()
  await context.close()
})

test('no page broke its own security policy or threw', () => {
  expect(site.problems).toEqual([])
})
