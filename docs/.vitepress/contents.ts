/** The pages of the site, read from the files: README.md says the order, each page its own title. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const folder = join(dirname(fileURLToPath(import.meta.url)), '..')

/** A group of the sidebar. */
export interface Group {
  readonly text: string
  readonly items: { text: string; link: string }[]
}

/** The groups of README.md (a heading and its links), then pages that it does not name. */
export function contents(): Group[] {
  const groups: Group[] = []
  for (const line of readFileSync(join(folder, 'README.md'), 'utf8').split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1]
    if (heading !== undefined) groups.push({ text: heading, items: [] })
    for (const [, path] of line.matchAll(/\]\(([\w/.-]+\.md)\)/g)) add(groups.at(-1), path!)
  }
  const listed = new Set(groups.flatMap((group) => group.items.map((item) => item.link)))
  const more: Group = { text: 'More', items: [] }
  for (const path of pages()) if (!listed.has(address(path))) add(more, path)
  return [...groups, more].filter((group) => group.items.length > 0)
}

function add(group: Group | undefined, path: string): void {
  if (group === undefined || group.items.some((item) => item.link === address(path))) return
  group.items.push({ text: title(path), link: address(path) })
}

/** Every page but the landing page and the table of contents itself. */
export function pages(): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return all
    .filter((name) => name.endsWith('.md') && !/(?:^|\/)(?:node_modules|\.vitepress)\//.test(name))
    .filter((name) => name !== 'index.md' && name !== 'README.md')
    .sort()
}

function title(path: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(folder, path), 'utf8'))?.[1]?.replaceAll('`', '') ?? path
}

function address(path: string): string {
  return `/${path.replace(/\.md$/, '')}`
}
