/** One page of a list: what the address asks for, checked, turned into one query for the rows and one for the count. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { tn } from '../../i18n/index.ts'
import type { SafeString } from '../../std/html.ts'
import { keyOf } from '../keys.ts'
import type { ModelAdmin } from '../options.ts'
import { adminUrls } from '../urls.ts'
import { type Column, resolveColumns } from './columns.ts'
import { type Filter, resolveFilters } from './filters.ts'
import { searchConditions } from './search.ts'

interface Resolved {
  readonly columns: readonly Column[]
  readonly filters: readonly Filter[]
  readonly joins: readonly string[]
}
const resolved = new WeakMap<ModelAdmin, Resolved>()
function resolve(admin: ModelAdmin): Resolved {
  let found = resolved.get(admin)
  if (!found) {
    const columns = resolveColumns(admin)
    found = {
      columns,
      filters: resolveFilters(admin),
      joins: [...new Set(columns.map((column) => column.join).filter((join) => join !== null))],
    }
    resolved.set(admin, found)
  }
  return found
}

/** The address with some parameters changed; the page starts over unless it is the one changed. */
function address(query: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(query)
  if (!('page' in changes)) next.delete('page')
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  return `?${next}`
}

export interface Page {
  readonly label: string
  readonly url: string | null
  readonly current: boolean
  readonly rel?: 'prev' | 'next'
}

/** What `admin/list.html` shows. */
export interface List {
  readonly query: string
  readonly searchable: boolean
  /** Search or filters are in force. */
  readonly narrowed: boolean
  /** Parameters a new search keeps. */
  readonly kept: readonly { readonly name: string; readonly value: string }[]
  readonly columns: readonly {
    readonly label: string
    readonly numeric: boolean
    readonly sorted: 'ascending' | 'descending' | null
    readonly sortUrl: string | null
  }[]
  readonly rows: readonly {
    readonly cells: readonly { readonly html: SafeString; readonly numeric: boolean; readonly url: string | null }[]
  }[]
  readonly filters: readonly {
    readonly label: string
    readonly choices: readonly { readonly label: string; readonly url: string; readonly selected: boolean }[]
  }[]
  readonly pages: readonly Page[]
  readonly totalText: string
}

/** Reads the address: `q` the search, `o` the order (`-population`), `page`, and one parameter a filter. */
export async function loadList(admin: ModelAdmin, request: AuthenticatedRequest): Promise<List> {
  const { columns, filters, joins } = resolve(admin)
  const { query } = request
  const text = (query.get('q') ?? '').trim()
  const { meta } = admin.model

  let rows = admin.model.objects.all()
  if (admin.scope) rows = rows.dynamic(admin.scope(request))
  for (const filter of filters) {
    const value = query.get(filter.path)
    const condition = value === null ? null : filter.condition(value)
    if (condition) rows = rows.dynamic(condition)
  }
  if (text && admin.search.length)
    for (const condition of searchConditions(admin.search, text)) rows = rows.filter(condition)

  const asked = query.get('o') ?? ''
  const sorted = columns.find((column) => column.orderBy !== null && column.name === asked.replace(/^-/, ''))
  const descending = asked.startsWith('-')
  const keys = meta.pk.map((field) => field.name)
  const order = sorted ? [`${descending ? '-' : ''}${sorted.orderBy}`] : admin.ordering
  const total = order.some((path) => keys.includes(path.replace(/^-/, '')))
    ? order
    : [...order, ...keys.map((key) => `-${key}`)]

  const count: number = await rows.count()
  const last = Math.max(1, Math.ceil(count / admin.perPage))
  const page = Math.min(last, Math.max(1, Math.trunc(Number(query.get('page'))) || 1))
  rows = rows.dynamicOrderBy(...total)
  if (joins.length) rows = rows.dynamicSelectRelated(...joins)
  const found: object[] = await rows.slice((page - 1) * admin.perPage, page * admin.perPage)

  const names = { app: meta.app, model: meta.name.toLowerCase() }
  return {
    query: text,
    searchable: admin.search.length > 0,
    narrowed: text !== '' || filters.some((filter) => query.has(filter.path)),
    kept: [...query].filter(([name]) => name !== 'q' && name !== 'page').map(([name, value]) => ({ name, value })),
    columns: columns.map((column) => {
      const isSorted = column === sorted
      return {
        label: column.label,
        numeric: column.numeric,
        sorted: isSorted ? (descending ? 'descending' : 'ascending') : null,
        sortUrl:
          column.orderBy === null
            ? null
            : address(query, { o: isSorted && !descending ? `-${column.name}` : column.name }),
      }
    }),
    rows: found.map((row) => {
      const url = adminUrls.change({ ...names, key: keyOf(row) })
      return {
        cells: columns.map((column) => ({
          html: column.show(row),
          numeric: column.numeric,
          url: admin.links.includes(column.name) ? url : null,
        })),
      }
    }),
    filters: await Promise.all(
      filters.map(async (filter) => ({
        label: filter.label,
        choices: (await filter.choices()).map((choice) => ({
          label: choice.label,
          url: address(query, { [filter.path]: choice.value }),
          selected: query.get(filter.path) === choice.value,
        })),
      })),
    ),
    pages: pageLinks(page, last, query),
    totalText: tn('{n} row', '{n} rows', count, { n: count.toLocaleString('en') }),
  }
}

/** 1 … 4 [5] 6 … 1353; nothing for a single page. */
function pageLinks(page: number, last: number, query: URLSearchParams): Page[] {
  if (last === 1) return []
  const shown = [...new Set([1, page - 2, page - 1, page, page + 1, page + 2, last])]
    .filter((n) => n >= 1 && n <= last)
    .sort((a, b) => a - b)
  const links: Page[] = []
  let previous = 0
  for (const n of shown) {
    if (n > previous + 1) links.push({ label: '…', url: null, current: false })
    const rel = n === page - 1 ? 'prev' : n === page + 1 ? 'next' : undefined
    links.push({
      label: n.toLocaleString('en'),
      url: n === page ? null : address(query, { page: String(n) }),
      current: n === page,
      ...(rel ? { rel } : {}),
    })
    previous = n
  }
  return links
}
