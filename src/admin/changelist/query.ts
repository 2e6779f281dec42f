/** What the address of a list asks for: search, filters, a period. The list, its counts and its actions read it alike. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { rowsFor } from '../access.ts'
import { parentKeys } from '../inlines/parents.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { type Column, resolveColumns } from './columns.ts'
import { type DateHierarchy, resolveDates } from './dates.ts'
import { type Filter, resolveFilters } from './filters.ts'
import { MAX_LENGTH, resolveSearch, type SearchField, searchConditions } from './search.ts'

/** The options of a model that concern its list, decided. */
export interface Resolved {
  readonly columns: readonly Column[]
  readonly filters: readonly Filter[]
  /** By the parents whose pages show these rows: not offered, but followed, for the links from there. */
  readonly parents: readonly Filter[]
  readonly search: readonly SearchField[]
  readonly dates: DateHierarchy | null
  /** Relations to join, so that showing the columns costs no query. */
  readonly joins: readonly string[]
}
const resolved = new WeakMap<ModelAdmin, Resolved>()

/** Decided once per model. */
export function resolve(admin: ModelAdmin): Resolved {
  let found = resolved.get(admin)
  if (!found) {
    const columns = resolveColumns(admin)
    found = {
      columns,
      filters: resolveFilters(admin),
      parents: resolveFilters({ ...admin, filters: parentKeys(admin).filter((name) => !admin.filters.includes(name)) }),
      search: resolveSearch(admin),
      dates: resolveDates(admin),
      joins: [...new Set(columns.map((column) => column.join).filter((join) => join !== null))],
    }
    resolved.set(admin, found)
  }
  return found
}

/** Rows of a model, whichever it is. */
export type Rows = AnyModel['objects']

/** What narrows a list. */
export interface Narrowed {
  readonly rows: Rows
  /** The words of the search. */
  readonly text: string
  readonly applied: ReadonlySet<Filter>
  /** The period of the date hierarchy, as the address writes it: `2024-05`. */
  readonly period: string | null
  /** Search, filters or a period are in force. */
  readonly narrowed: boolean
}

/** Rows of a model that a search finds. */
export function searched(admin: ModelAdmin, request: AuthenticatedRequest, text: string): Rows {
  const { search } = resolve(admin)
  const rows = rowsFor(admin, request)
  const conditions = text && search.length ? searchConditions(search, text) : []
  if (conditions === null) return rows.none()
  let found = rows
  for (const condition of conditions) found = found.filter(condition)
  // Over a relation to many, a row would come once for each of them.
  return conditions.length && search.some((each) => each.many) ? once(admin.model, found) : found
}

/** Each row once, and nothing joined that would multiply what is counted later. */
function once(model: AnyModel, rows: Rows): Rows {
  return model.objects.dynamic({ pk__in: rows.dynamicValues('pk') })
}

/** What is left out, to look at the list without it: one filter, or the period. */
export interface Without {
  readonly filter?: Filter
  readonly period?: boolean
}

/** Reads `q`, the period and the filters. What means nothing is not applied. */
export function narrow(admin: ModelAdmin, request: AuthenticatedRequest, without: Without = {}): Narrowed {
  const { filters, parents, dates } = resolve(admin)
  const { query } = request
  const text = (query.get('q') ?? '').trim().slice(0, MAX_LENGTH)
  let rows = searched(admin, request, text)
  const applied = new Set<Filter>()
  let many = false
  for (const filter of [...filters, ...parents]) {
    const value = filter === without.filter ? null : query.get(filter.parameter)
    const condition = value === null ? null : filter.condition(value)
    if (!condition) continue
    applied.add(filter)
    rows = rows.dynamic(condition)
    many ||= filter.many
  }
  if (many) rows = once(admin.model, rows)
  const asked = dates && !without.period ? query.get(dates.parameter) : null
  const condition = asked === null ? null : dates!.condition(asked)
  if (condition) rows = rows.dynamic(condition)
  return {
    rows,
    text,
    applied,
    period: condition ? asked : null,
    narrowed: text !== '' || applied.size > 0 || condition !== null,
  }
}
