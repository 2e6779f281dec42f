/** Forms of the admin: rows within rows, choosing among many rows, two people at once; by mouse and keyboard. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AtlasBrowser, barriers, LOOKS, openAtlas } from './site.ts'

let site: AtlasBrowser
let page: Page
/** The page of a trip with three legs. */
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

const saved = (on = page) => on.locator('.messages .success').waitFor()
const legs = (on = page) => on.locator('[name^="legs-"][name$="-order"]:visible')
async function choose(name: string, text: string) {
  const box = page.getByRole('combobox', { name }).last()
  await box.fill(text)
  await page
    .getByRole('option', { name: new RegExp(text) })
    .first()
    .waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
}

test('one row among 135,000 is found by its name, with the keyboard alone', async () => {
  await page.goto(trip)
  const box = page.getByRole('combobox', { name: 'To' }).first()
  await box.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Lugano')
  const option = page.getByRole('option', { name: /Lugano/ }).first()
  await option.waitFor()
  await page.keyboard.press('ArrowDown')
  expect(await box.getAttribute('aria-activedescendant')).toBeTruthy()
  await page.keyboard.press('Enter')
  expect(await box.inputValue()).toContain('Lugano')
  await page.keyboard.press('Control+s')
  await saved()
  expect(await page.getByRole('combobox', { name: 'To' }).first().inputValue()).toContain('Lugano')
  await page.getByRole('link', { name: 'History' }).click()
  await page.locator('.timeline').getByText(/leg/i).first().waitFor()
})

test('what is typed and chosen from nothing stays what it was', async () => {
  await page.goto(trip)
  const box = page.getByRole('combobox', { name: 'To' }).first()
  const before = await box.inputValue()
  await box.fill('Zzzzzz')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await box.inputValue()).toBe(before)
})

test('many rows are chosen as chips, and taken away again', async () => {
  await page.goto(trip)
  const group = page.getByRole('group', { name: /Countries/ })
  const box = group.getByRole('combobox')
  const count = await group.locator('.chips li').count()
  await box.fill('Portu')
  await page.getByRole('option', { name: /Portugal/ }).click()
  expect(await group.locator('.chips li').count()).toBe(count + 1)
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await saved()
  await group.locator('.chips li', { hasText: 'Portugal' }).getByRole('button').click()
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await saved()
  expect(await group.locator('.chips li').count()).toBe(count)
})

test('rows are added, changed and removed with their parent, with rows of their own', async () => {
  await page.goto(trip)
  const before = await legs().count()
  await page.getByRole('button', { name: 'Add leg' }).click()
  await page.keyboard.press('Tab')
  const order = legs().last()
  await order.fill('9')
  await choose('From', 'Lugano')
  await choose('To', 'Zürich')
  await page.getByRole('button', { name: 'Add booking' }).last().click()
  await page.getByLabel('Provider').last().fill('Panorama')
  await page.getByLabel('Price').last().fill('42.50')
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await saved()
  expect(
    await page.getByLabel('Provider').evaluateAll((all) => all.map((each) => (each as HTMLInputElement).value)),
  ).toContain('Panorama')
  await site.shot('form-inlines')
  await page.getByRole('link', { name: 'History' }).click()
  await page.locator('.timeline').getByText(/leg/i).first().waitFor()
  await page.goto(trip)
  expect(await legs().count()).toBeGreaterThanOrEqual(before)
})

test('a mistake in an inner row is told where it is, and nothing is saved', async () => {
  await page.goto(trip)
  await page.getByLabel('Name').first().fill('Must not be kept')
  await page.getByRole('button', { name: 'Add booking' }).first().click()
  await page.getByLabel('Provider').first().fill('Half a booking')
  await page.getByLabel('Price').first().fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('.inline [aria-invalid]').first().waitFor()
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true')
  expect(await page.getByLabel('Provider').first().inputValue()).toBe('Half a booking')
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(trip)
  expect(await page.getByLabel('Name').first().inputValue()).toBe('Bologna, Milan, Zürich')
})

test('two people at once: what both changed is asked about, with both versions', async () => {
  const other = await site.look('light', 1280)
  await page.goto(trip)
  await other.goto(trip)
  await other.getByRole('textbox', { name: /^Notes/ }).fill('Theirs')
  await other.getByRole('button', { name: 'Save and continue' }).click()
  await saved(other)
  await page.getByRole('textbox', { name: /^Notes/ }).fill('Mine')
  await page.getByRole('button', { name: 'Save and continue' }).click()
  await page.getByText('Theirs').first().waitFor()
  await page.getByText('Mine').first().waitFor()
  await site.shot('form-stale')
  await other.reload()
  expect(await other.getByRole('textbox', { name: /^Notes/ }).inputValue()).toBe('Theirs')
  expect(await barriers(other)).toEqual([])
  await other.context().close()
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(trip)
})

test('a page with changes in an inner row is not left by accident', async () => {
  await page.goto(trip)
  await legs().first().fill('7')
  const asked = new Promise((resolve) =>
    page.once('dialog', async (dialog) => {
      await dialog.dismiss()
      resolve(dialog.type())
    }),
  )
  await page.getByRole('link', { name: 'Tags', exact: true }).click({ noWaitAfter: true })
  expect(await asked).toBe('beforeunload')
  page.once('dialog', (dialog) => dialog.accept())
  await page.goto(trip)
})

test('fields stand in groups, those that are only read as values', async () => {
  await page.goto(trip)
  await page.getByRole('group', { name: 'When' }).getByLabel('Starts on').waitFor()
  const [starts, ends] = [
    await page.getByLabel('Starts on').boundingBox(),
    await page.getByLabel('Ends on').boundingBox(),
  ]
  expect(ends!.y).toBe(starts!.y)
  expect(await page.locator('.field-value', { hasText: 'Days' }).textContent()).toMatch(/Days\s*11/)
})

test('a row is saved as a new one, with its inner rows', async () => {
  await page.goto(trip)
  const count = await legs().count()
  await page.getByLabel('Name').first().fill('The same again')
  await page.getByLabel('Slug').fill('the-same-again')
  await page.getByRole('button', { name: 'Save as new' }).click()
  await saved()
  await page.goto(`${site.url}/admin/trips/trip/?q=the+same+again`)
  await page.getByRole('link', { name: 'The same again' }).click()
  await page.getByRole('heading', { level: 1, name: 'The same again' }).waitFor()
  expect(await legs().count()).toBe(count)
  await page.goto(trip)
  expect(await page.getByLabel('Name').first().inputValue()).toBe('Bologna, Milan, Zürich')
})

test('view on site leads to the page of the row', async () => {
  await page.goto(trip)
  await page.getByRole('link', { name: 'View on site' }).click()
  await page.getByRole('heading', { name: 'Way' }).waitFor()
  expect(page.url()).toBe(`${site.url}/trips/bologna-milan-zurich/`)
})

describe.each(LOOKS)('%s, %i pixels wide', (colorScheme, width) => {
  let other: Page
  beforeAll(async () => {
    other = await site.look(colorScheme, width)
  }, 60_000)
  afterAll(() => other?.context().close())

  test('the form with its inner rows has no barrier', async () => {
    await other.goto(trip)
    await other.waitForLoadState('networkidle')
    expect(await barriers(other)).toEqual([])
    await site.shot(`trip-${colorScheme}-${width}`, other)
  })

  test('an empty form and one with mistakes have no barrier', async () => {
    await other.goto(`${site.url}/admin/trips/trip/add/`)
    expect(await barriers(other)).toEqual([])
    await other.getByRole('button', { name: 'Save', exact: true }).click()
    await other.locator('[aria-invalid]').first().waitFor()
    expect(await barriers(other)).toEqual([])
    await site.shot(`trip-mistakes-${colorScheme}-${width}`, other)
  })

  test('a list of choices that is open has no barrier', async () => {
    await other.goto(trip)
    await other.getByRole('combobox', { name: 'To' }).first().fill('Lug')
    await other.locator('[role=option]').first().waitFor()
    expect(await barriers(other)).toEqual([])
    await site.shot(`trip-choices-${colorScheme}-${width}`, other)
  })

  test('the public page of a trip has no barrier', async () => {
    await other.goto(`${site.url}/trips/bologna-milan-zurich/`)
    expect(await barriers(other)).toEqual([])
    await other.goto(`${site.url}/trips/`)
    expect(await barriers(other)).toEqual([])
  })
})

test('print shows the values, not the tools', async () => {
  await page.goto(trip)
  await page.emulateMedia({ media: 'print' })
  for (const hidden of ['.nav', '.submit', '.head .actions', '.inline-foot button'])
    expect([hidden, await page.locator(hidden).first().isVisible()]).toEqual([hidden, false])
  expect(await page.getByRole('combobox', { name: 'To' }).first().isVisible()).toBe(true)
  await page.emulateMedia({ media: null })
})

test('without scripts a relation is written by its key, and empty rows are there to fill in', async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } })
  const plain = await context.newPage()
  await site.signIn(plain)
  await plain.goto(trip)
  expect(await plain.locator('[name$="-fromCity"]').count()).toBeGreaterThan(2)
  await plain.getByRole('textbox', { name: /^Notes/ }).fill('Without a script')
  await plain.getByRole('button', { name: 'Save and continue' }).click()
  await saved(plain)
  expect(await plain.getByRole('textbox', { name: /^Notes/ }).inputValue()).toBe('Without a script')
  await context.close()
})

test('no page broke its own security policy or threw', () => {
  expect(site.problems).toEqual([])
})
