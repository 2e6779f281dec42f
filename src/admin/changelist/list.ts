/** One page of a list: what the address asks for, checked, turned into one query for the rows and one for the count. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { t, tn } from '../../i18n/index.ts'
import type { Access } from '../access.ts'
import { type Offered, offeredActions } from '../actions/offered.ts'
import { rowsByKeys } from '../actions/selection.ts'
import { namesOf } from '../addresses.ts'
import { keyOf } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminUrls } from '../urls.ts'
import { drawRows, type ShownRow } from './cells.ts'
import { type RowCount, writeCount } from './counts.ts'
import { drawDates, type ShownDates } from './dates.ts'
import { drawFilters, type ShownFilter } from './draw-filters.ts'
import { type Edit, resolveEditable } from './editable.ts'
import { drawHeads, type Head, ordered, readOrder } from './order.ts'
import { readPageRows, readTotal } from './page-rows.ts'
import { address, type PageLink, pageLinks, readPage } from './pages.ts'
import { narrow, type Rows, resolve } from './query.ts'
import { MAX_LENGTH } from './search.ts'

/** Rows shown on one page when all are asked for. */
const MOST_SHOWN = 500
/** Fields that one form may send are limited (`maxFields`); what edits a list stays well below. */
export const MOST_CONTROLS = 900

/** What `admin/list.html` shows. */
export interface List {
  readonly query: string
  readonly maxQuery: number
  readonly searchable: boolean
  /** Search, filters or a period are in force. */
  readonly narrowed: boolean
  /** Parameters a new search keeps. */
  readonly kept: readonly { readonly name: string; readonly value: string }[]
  /** The address without search and filters. */
  readonly clearUrl: string
  readonly dates: ShownDates | null
  readonly columns: readonly Head[]
  readonly rows: readonly ShownRow[]
  readonly filters: readonly ShownFilter[]
  /** How many filters are in force. */
  readonly active: number
  /** The page with counts, and where the script finds them; null where they are shown, or there is no filter. */
  readonly countsUrl: string | null
  readonly countsFragment: string
  readonly pages: readonly PageLink[]
  /** The page with all rows, or back to pages; null where there is none. */
  readonly allUrl: string | null
  readonly showsAll: boolean
  readonly totalText: string
  readonly count: string
  readonly actions: readonly Pick<Offered, 'name' | 'label' | 'danger'>[]
  /** The list is edited. */
  readonly editable: boolean
  /** Messages about what was edited: how many rows are concerned. */
  readonly problems: readonly string[]
}

/**
 * Reads the address: `q` the search, `o` the order (`-population,name`), `page` or `all`, `date` a period, and one
 * parameter a filter. `edit`: what was sent from the list and refused; its rows are shown instead.
 */
export async function loadList(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  access: Access,
  edit: Edit | null = null,
): Promise<List> {
  const { columns, filters, search, dates, joins } = resolve(admin)
  const { query } = request
  const found = narrow(admin, request)
  const sorts = readOrder(columns, query)
  const editable = resolveEditable(admin, request, access)
  const { total, rows: matching } = await readTotal(admin, found)
  const controls = editable ? Object.keys(editable.fields).length + 1 : 1
  const most = Math.min(MOST_SHOWN, Math.floor(MOST_CONTROLS / controls))
  const fits = !total.atLeast && total.count <= most
  const showsAll = fits && query.get('all') === '1'
  const perPage = showsAll ? Math.max(1, total.count) : admin.perPage
  const last = Math.max(1, Math.ceil(total.count / perPage))
  const number = readPage(query.get('page'), last)
  const joined = (rows: Rows): Rows => (joins.length ? rows.dynamicSelectRelated(...joins) : rows)
  const rows = edit
    ? await editedRows(joined(rowsByKeys(admin, request, edit.keys)), edit)
    : await readPageRows(admin, ordered(admin, matching, sorts), joined, (number - 1) * perPage, perPage, total)
  const counted = query.get('counts') === '1'
  return {
    query: found.text,
    maxQuery: MAX_LENGTH,
    searchable: search.length > 0,
    narrowed: found.narrowed,
    kept: [...query].filter(([name]) => name !== 'q' && name !== 'page').map(([name, value]) => ({ name, value })),
    clearUrl: sorts.length ? `?o=${encodeURIComponent(query.get('o')!)}` : '?',
    dates: dates && (await drawDates(dates, narrow(admin, request, { period: true }).rows, found.period, request)),
    columns: drawHeads(columns, sorts, query),
    rows: await drawRows(admin, columns, rows, editable, edit),
    filters: await drawFilters(admin, request, access, found.applied, counted),
    active: found.applied.size,
    countsUrl: filters.length && !counted ? address(query, { counts: '1' }) : null,
    countsFragment: `${adminUrls.counts(namesOf(admin))}?${query}`,
    pages: pageLinks(number, last, query),
    allUrl: showsAll || (fits && last > 1) ? address(query, { all: showsAll ? null : '1' }) : null,
    showsAll,
    totalText: totalText(total, number, last, perPage),
    count: writeCount(total),
    actions: await offeredActions(admin, request, access),
    editable: editable !== null,
    problems: edit ? problems(edit) : [],
  }
}

/** The rows that were edited, as they stood on the page; the order of the list may have changed since. */
async function editedRows(rows: Rows, { keys }: Edit): Promise<object[]> {
  const found: object[] = await rows
  const byKey = new Map(found.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key)).filter((row) => row !== undefined)
}

function problems({ stale, errors, keys }: Edit): string[] {
  const found: string[] = []
  if (stale > 0)
    found.push(
      tn(
        'Nothing was saved: {n} row was changed by somebody else in the meantime.',
        'Nothing was saved: {n} rows were changed by somebody else in the meantime.',
        stale,
      ),
    )
  else found.push(t('Nothing was saved: correct what is marked below.'))
  // Of rows that are gone there is nothing to mark.
  const general = keys.filter((key) => errors.has(key)).flatMap((key) => errors.get(key)!)
  return [...found, ...new Set(general)]
}

function totalText(total: RowCount, page: number, last: number, perPage: number): string {
  const { count } = total
  const write = (n: number) => writeCount({ count: n, atLeast: false })
  if (last === 1) return tn('{n} row', '{n} rows', count, { n: writeCount(total) })
  const from = (page - 1) * perPage + 1
  return t('{from}–{to} of {n} rows', {
    from: write(from),
    to: write(Math.min(count, from + perPage - 1)),
    n: writeCount(total),
  })
}
