/** Links of a list to itself: other parameters, other pages. */
import { language } from '../../i18n/index.ts'

/** The address with some parameters changed; the pages start over unless the page is what changes. */
export function address(query: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(query)
  if (!('page' in changes)) next.delete('page')
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  return `?${next}`
}

/** The page an address asks for, among 1 to `last`; whatever is no number is the first. */
export function readPage(asked: string | null, last: number): number {
  const page = Number(asked)
  if (!Number.isFinite(page)) return 1
  return Math.min(last, Math.max(1, Math.trunc(page)))
}

/** A step of the pager; without `url` the page itself, or a gap. */
export interface PageLink {
  readonly label: string
  readonly url: string | null
  readonly current: boolean
  readonly rel?: 'prev' | 'next'
}

/** 1 … 4 [5] 6 … 1353; nothing for a single page. */
export function pageLinks(page: number, last: number, query: URLSearchParams): PageLink[] {
  if (last === 1) return []
  const shown = [...new Set([1, page - 1, page, page + 1, last])]
    .filter((n) => n >= 1 && n <= last)
    .sort((a, b) => a - b)
  const links: PageLink[] = []
  let previous = 0
  for (const n of shown) {
    // A gap of one page is that page.
    if (n === previous + 2) links.push(link(n - 1, page, query))
    else if (n > previous + 1) links.push({ label: '…', url: null, current: false })
    links.push(link(n, page, query))
    previous = n
  }
  return links
}

function link(n: number, page: number, query: URLSearchParams): PageLink {
  const rel = n === page - 1 ? 'prev' : n === page + 1 ? 'next' : undefined
  return {
    label: n.toLocaleString(language()),
    url: n === page ? null : address(query, { page: String(n) }),
    current: n === page,
    ...(rel ? { rel } : {}),
  }
}
