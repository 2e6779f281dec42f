/** The atlas with a browser before it, signed in or not. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { ADMIN, createAtlas, SET_UP } from '../e2e/atlas.ts'
import { launch } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The looks each page is seen in. */
export const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 320],
] as const

export interface AtlasBrowser {
  readonly url: string
  readonly browser: Browser
  readonly page: Page
  /** Pages that broke their own Content-Security-Policy, or whose scripts threw, said so here. */
  readonly problems: string[]
  shot(name: string, on?: Page): Promise<unknown>
  signIn(on?: Page): Promise<void>
  /** A page of its own, signed in, that axe may be put into. */
  look(colorScheme: 'light' | 'dark', width: number): Promise<Page>
  close(): Promise<void>
}

export async function openAtlas(): Promise<AtlasBrowser> {
  const atlas = createAtlas()
  const shots = process.env.SCREENSHOTS ?? join(atlas.folder, 'shots')
  mkdirSync(shots, { recursive: true })
  for (const command of SET_UP) {
    const { code, output } = await atlas.command(...command)
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output}`)
  }
  const { url } = await atlas.serve()
  const browser = await launch()
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  page.setDefaultTimeout(6000)
  const problems: string[] = []
  listen(page, problems)

  async function signIn(on = page) {
    await on.goto(`${url}/admin/login/`)
    await on.getByLabel('Email address').fill(ADMIN.email)
    await on.getByLabel('Password').fill(ADMIN.password)
    await on.getByRole('button', { name: 'Log in' }).click()
    await on.getByRole('button', { name: 'Log out' }).waitFor()
  }
  return {
    url,
    browser,
    page,
    problems,
    signIn,
    shot: (name, on = page) => on.screenshot({ path: join(shots, `${name}.png`) }),
    async look(colorScheme, width) {
      const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme, bypassCSP: true })
      const other = await context.newPage()
      other.setDefaultTimeout(6000)
      listen(other, problems)
      await signIn(other)
      return other
    },
    async close() {
      await browser.close()
      await atlas.remove()
    },
  }
}

function listen(page: Page, problems: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
}

/** What keeps people from using a page: what axe finds, and what does not fit the width. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`)
  })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  return wide > 0 ? [...found, `${wide} pixels too wide`] : found
}
