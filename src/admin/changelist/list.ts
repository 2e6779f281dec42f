/** One page of a list: what the address asks for, checked, turned into one query for the rows and one for the count. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { language, t, tn } from '../../i18n/index.ts'
import type { SafeString } from '../../std/html.ts'
import { rowsFor } from '../access.ts'
import { namesOf } from '../addresses.ts'
import { keyOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminUrls } from '../urls.ts'
import { type Column, resolveColumns } from './columns.ts'
import { type Filter, resolveFilters } from './filters.ts'
import { address, type PageLink, pageLinks, readPage } from './pages.ts'
import { MAX_LENGTH, resolveSearch, type SearchField, searchConditions } from './search.ts'

interface Resolved {
  readonly columns: readonly Column[]
  readonly filters: readonly Filter[]
  readonly search: readonly SearchField[]
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
      search: resolveSearch(admin),
      joins: [...new Set(columns.map((column) => column.join).filter((join) => join !== null))],
    }
    resolved.set(admin, found)
  }
  return found
}

/** A cell, drawn. */
export interface Cell {
  readonly html: SafeString
  readonly label: string
  /** Class of the cell, or ''. */
  readonly css: string
  readonly url: string | null
}

/** What `admin/list.html` shows. */
export interface List {
  readonly query: string
  readonly maxQuery: number
  readonly searchable: boolean
  /** Search or filters are in force. */
  readonly narrowed: boolean
  /** Parameters a new search keeps. */
  readonly kept: readonly { readonly name: string; readonly value: string }[]
  /** The address without search and filters. */
  readonly clearUrl: string
  readonly columns: readonly {
    readonly label: string
    readonly numeric: boolean
    readonly sorted: 'ascending' | 'descending' | null
    readonly sortUrl: string | null
  }[]
  readonly rows: readonly { readonly cells: readonly Cell[] }[]
  readonly filters: readonly ShownFilter[]
  /** How many filters are in force. */
  readonly active: number
  readonly pages: readonly PageLink[]
  readonly totalText: string
}
interface ShownFilter {
  readonly label: string
  readonly active: boolean
  readonly more: boolean
  readonly choices: readonly { readonly label: string; readonly url: string; readonly selected: boolean }[]
}

/** Rows of a model that a search finds. */
export function searched(admin: ModelAdmin, request: AuthenticatedRequest, text: string) {
  const { search } = resolve(admin)
  const rows = rowsFor(admin, request)
  const conditions = text && search.length ? searchConditions(search, text) : []
  if (conditions === null) return rows.none()
  let found = rows
  for (const condition of conditions) found = found.filter(condition)
  // Over a relation to many, a row would come once for each of them.
  return conditions.length && search.some((each) => each.many) ? found.distinct() : found
}

/** What orders the rows, so that no two could change places between pages. */
function orderOf(admin: ModelAdmin, sorted: Column | undefined, descending: boolean): string[] {
  const keys = admin.model.meta.pk.map((field) => field.name)
  const order = sorted ? [`${descending ? '-' : ''}${sorted.orderBy}`] : [...admin.ordering]
  const named = new Set(order.map((path) => path.replace(/^-/, '')))
  return keys.every((key) => named.has(key)) ? order : [...order, ...keys.map((key) => `-${key}`)]
}

/** Reads the address: `q` the search, `o` the order (`-population`), `page`, and one parameter a filter. */
export async function loadList(admin: ModelAdmin, request: AuthenticatedRequest): Promise<List> {
  const { columns, filters, search, joins } = resolve(admin)
  const { query } = request
  const text = (query.get('q') ?? '').trim().slice(0, MAX_LENGTH)

  let rows = searched(admin, request, text)
  const applied = new Set<Filter>()
  for (const filter of filters) {
    const value = query.get(filter.parameter)
    const condition = value === null ? null : filter.condition(value)
    if (!condition) continue
    applied.add(filter)
    rows = rows.dynamic(condition)
    if (filter.many) rows = rows.distinct()
  }

  const asked = query.get('o') ?? ''
  const sorted = columns.find((column) => column.orderBy !== null && column.name === asked.replace(/^-/, ''))
  const descending = asked.startsWith('-')
  const count: number = await rows.count()
  const last = Math.max(1, Math.ceil(count / admin.perPage))
  const page = readPage(query.get('page'), last)
  let shown = rows.dynamicOrderBy(...orderOf(admin, sorted, descending))
  if (joins.length) shown = shown.dynamicSelectRelated(...joins)
  const found = await slice(shown, (page - 1) * admin.perPage, Math.min(count, page * admin.perPage), count)

  return {
    query: text,
    maxQuery: MAX_LENGTH,
    searchable: search.length > 0,
    narrowed: text !== '' || applied.size > 0,
    kept: [...query].filter(([name]) => name !== 'q' && name !== 'page').map(([name, value]) => ({ name, value })),
    clearUrl: sorted ? `?o=${encodeURIComponent(asked)}` : '?',
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
    rows: await Promise.all(found.map((row) => drawRow(admin, columns, row))),
    filters: await Promise.all(filters.map((filter) => drawFilter(filter, applied.has(filter), request))),
    active: applied.size,
    pages: pageLinks(page, last, query),
    totalText: totalText(count, page, last, admin.perPage),
  }
}

/** Rows from one to another, counted from the nearer end: the last page costs no more than the first. */
async function slice(rows: AnyModel['objects'], from: number, to: number, count: number): Promise<object[]> {
  if (from <= count / 2) return rows.slice(from, to)
  const found: object[] = await rows.reverse().slice(count - to, count - from)
  return found.reverse()
}

function totalText(count: number, page: number, last: number, perPage: number): string {
  const write = (n: number) => n.toLocaleString(language())
  if (last === 1) return tn('{n} row', '{n} rows', count, { n: write(count) })
  const from = (page - 1) * perPage + 1
  return t('{from}–{to} of {n} rows', {
    from: write(from),
    to: write(Math.min(count, from + perPage - 1)),
    n: write(count),
  })
}

async function drawRow(admin: ModelAdmin, columns: readonly Column[], row: object): Promise<{ cells: Cell[] }> {
  const url = adminUrls.change({ ...namesOf(admin), key: keyOf(row) })
  const cells: Cell[] = []
  for (const column of columns) {
    const shown = column.show(row)
    cells.push({
      html: shown instanceof Promise ? await shown : shown,
      label: column.label,
      css: column.numeric ? 'number' : column.short ? 'short' : '',
      url: admin.links.includes(column.name) ? url : null,
    })
  }
  return { cells }
}

async function drawFilter(filter: Filter, active: boolean, request: AuthenticatedRequest): Promise<ShownFilter> {
  const { query } = request
  const chosen = active ? query.get(filter.parameter) : null
  const { choices, more } = await filter.choices(request)
  const drawn = choices.map((choice) => ({
    label: choice.label,
    url: address(query, { [filter.parameter]: choice.value }),
    selected: choice.value === chosen,
  }))
  // A value that is in force but not offered: it can be seen, and taken back.
  if (chosen !== null && !drawn.some((choice) => choice.selected))
    drawn.push({ label: chosen, url: address(query, { [filter.parameter]: chosen }), selected: true })
  return { label: filter.label, active, more, choices: drawn }
}
