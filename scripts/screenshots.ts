/**
 * npm run screenshots: ten pages of the example, as pictures for the documentation, in docs/public/screenshots. The same
 * data each time: a database of its own, filled by `loadatlas` and `loadtrips`.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openAtlas } from '../tests/browser/site.ts'

const folder = fileURLToPath(new URL('../docs/public/screenshots/', import.meta.url))

/** Longer than wide for a phone; what is seen without scrolling. */
const DESK = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 800 }

interface Shot {
  readonly name: string
  readonly path: string
  readonly theme?: 'light' | 'dark'
  readonly phone?: true
  /** What is done before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

const TRIPS = '/admin/trips/trip/'
async function openTrip(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('Bologna, Milan')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Bologna, Milan, Zürich' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

const shots: readonly Shot[] = [
  { name: 'list', path: TRIPS },
  {
    name: 'list-dark',
    path: `${TRIPS}?status=planned`,
    theme: 'dark',
    prepare: async (page) => {
      for (const row of [0, 1, 2])
        await page
          .getByRole('checkbox', { name: /^Select (?!all)/ })
          .nth(row)
          .check()
      await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Change the budget…' })
    },
  },
  {
    name: 'action',
    path: TRIPS,
    prepare: async (page) => {
      for (const row of [0, 1, 2])
        await page
          .getByRole('checkbox', { name: /^Select (?!all)/ })
          .nth(row)
          .check()
      await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Change the budget…' })
      await page.getByRole('button', { name: 'Run' }).click()
      await page.getByLabel('Percent').fill('10')
    },
  },
  { name: 'form', path: TRIPS, prepare: openTrip },
  {
    name: 'inlines',
    path: TRIPS,
    prepare: async (page) => {
      await openTrip(page)
      await page.getByRole('heading', { name: 'Legs' }).evaluate((heading) => {
        scrollTo(0, heading.getBoundingClientRect().top + scrollY - 90)
      })
    },
  },
  {
    name: 'history-dark',
    path: TRIPS,
    theme: 'dark',
    prepare: async (page) => {
      await openTrip(page)
      await page.locator('[name=notes]').fill('Take the panorama train, and book the seats together.')
      await page.locator('[name=status]').selectOption('booked')
      await page.getByRole('button', { name: 'Save and continue' }).click()
      await page.locator('.messages').waitFor()
      await page.getByRole('link', { name: 'History' }).click()
      await page.getByRole('heading', { level: 1 }).waitFor()
    },
  },
  {
    name: 'delete',
    path: TRIPS,
    prepare: async (page) => {
      await openTrip(page)
      await page.getByRole('link', { name: 'Delete' }).click()
      await page.getByRole('button', { name: 'Yes, delete' }).waitFor()
    },
  },
  { name: 'phone', path: TRIPS, phone: true },
  { name: 'phone-dark', path: TRIPS, phone: true, theme: 'dark', prepare: openTrip },
  // Last: what was done before is listed there.
  { name: 'overview', path: '/admin/' },
]

await mkdir(folder, { recursive: true })
const site = await openAtlas()
try {
  for (const { name, path, theme = 'light', phone, prepare } of shots) {
    const page = await site.look(theme, (phone ? PHONE : DESK).width)
    await page.setViewportSize(phone ? PHONE : DESK)
    await page.goto(site.url + path)
    await prepare?.(page)
    await page.waitForLoadState('networkidle')
    // Carets blink.
    await page.screenshot({ path: `${folder}${name}.png`, caret: 'hide', animations: 'disabled' })
    console.log(`${name}.png`)
    await page.context().close()
  }
} finally {
  await site.close()
}
