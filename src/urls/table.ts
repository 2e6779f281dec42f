import {
  type Inclusion,
  ROUTE,
  type RouteDefinition,
  type RouteReference,
  TABLE,
  type Table,
  tableOf,
} from './definitions.ts'
import { UrlPatternError } from './errors.ts'
import { writeLink } from './links.ts'
import { parsePattern } from './pattern.ts'
import type { Checked, Included, RouteTable, Urls } from './types.ts'
import { bindView } from './view.ts'

/**
 * Declares a table of names and URL patterns. Views are tied to it elsewhere (`urls.bookDetail.view(...)`), so that
 * views and links never wait for one another.
 *
 *     export const urls = routes({ bookList: 'books/', bookDetail: 'books/<int:year>/<slug:slug>/' })
 *
 * Patterns have no leading slash. The first that matches wins, in the order written, includes in their place.
 *
 * @throws UrlPatternError urls.bad-pattern
 */
export function routes<const T extends RouteTable>(
  table: {
    readonly [K in keyof T]: T[K] extends string ? Checked<T[K]> : T[K]
  },
): Urls<T> {
  const entries = new Map<string, RouteDefinition | Inclusion>()
  const own: Table = { entries }
  for (const [key, entry] of Object.entries<string | Included<string, unknown>>(table as T)) {
    if (key.includes(':')) {
      throw new UrlPatternError(`The URL name "${key}" holds a colon.`, {
        code: 'urls.bad-pattern',
        hint: 'A colon separates a table from its names in reverse("library:bookDetail"): use another sign.',
      })
    }
    if (typeof entry === 'string') {
      entries.set(key, { kind: 'route', key, pattern: entry, parts: parsePattern(entry), table: own })
      continue
    }
    const { prefix, urls } = entry
    entries.set(key, { kind: 'include', key, prefix, parts: parsePattern(prefix), owner: own, table: tableOf(urls) })
  }
  return face(own, []) as Urls<T> // built from the same entries, key by key
}

/**
 * Puts a table under a prefix of another: `routes({ library: include('library/', libraryUrls) })`. A prefix with
 * parameters (`'<slug:shop>/'`) adds them to every link; within a request under it they are filled in.
 */
export function include<const P extends string, U>(prefix: P, urls: U): Included<P, U> {
  return { prefix, urls }
}

/** The object users hold: a link per route, an object per include. */
function face(table: Table, chain: readonly Inclusion[]): object {
  const out = Object.create(null) as Record<string, unknown>
  Object.defineProperty(out, TABLE, { value: table })
  for (const [key, entry] of table.entries) {
    out[key] = entry.kind === 'route' ? makeRoute({ definition: entry, chain }) : face(entry.table, [...chain, entry])
  }
  return Object.freeze(out)
}

function makeRoute(reference: RouteReference): object {
  const { key, pattern } = reference.definition
  const link = (params?: Record<string, unknown>, extra?: object) => writeLink(reference, params, extra)
  const view = (first: any, second?: any) => bindView(reference.definition, first, second) // typed by Route<P>
  Object.defineProperties(link, {
    name: { value: key },
    pattern: { value: pattern },
    view: { value: view },
    [ROUTE]: { value: reference },
  })
  return Object.freeze(link)
}
