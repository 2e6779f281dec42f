/** The order of a list: `o=-population,name`, by the columns that can be sorted; always one in which no two rows are equal. */
import type { ModelAdmin } from '../model-admin.ts'
import type { Column } from './columns.ts'
import { address } from './pages.ts'
import type { Rows } from './query.ts'

/** Columns that one list is sorted by, at most: each may be a join. */
const MOST_SORTED = 4

/** A column that sorts. */
export interface Sort {
  readonly column: Column
  readonly descending: boolean
}

/** What the address asks for; names that sort nothing are left out. */
export function readOrder(columns: readonly Column[], query: URLSearchParams): Sort[] {
  const found: Sort[] = []
  for (const part of (query.get('o') ?? '').slice(0, 500).split(',')) {
    const name = part.replace(/^-/, '')
    const column = columns.find((each) => each.sortable && each.name === name)
    if (column && !found.some((each) => each.column === column)) found.push({ column, descending: part !== name })
  }
  return found.slice(0, MOST_SORTED)
}

const opposite = (path: string): string => (path.startsWith('-') ? path.slice(1) : `-${path}`)

/** The rows in order. An expression is computed only for a list that is sorted by it. */
export function ordered(admin: ModelAdmin, rows: Rows, sorts: readonly Sort[]): Rows {
  const keys = admin.model.meta.pk.map((field) => field.attname)
  const expressions: Record<string, unknown> = {}
  const order = sorts.map(({ column, descending }, index) => {
    let path = column.orderBy
    if (path === null) {
      path = `sortKey${index}`
      expressions[path] = column.expression
    }
    return descending ? opposite(path) : path
  })
  const { meta } = admin.model
  // The model's own order may have expressions, which paths cannot say.
  if (order.length === 0 && admin.ordering === meta.ordering && meta.orderBy.some((item) => typeof item !== 'string'))
    return rows.orderBy(...meta.orderBy, ...keys)
  if (order.length === 0) order.push(...admin.ordering)
  const named = new Set(order.map((path) => path.replace(/^-/, '')))
  if (!keys.every((key) => named.has(key))) order.push(...keys.map((key) => `${tieBreak(admin, order)}${key}`))
  const found = Object.keys(expressions).length ? rows.dynamicAnnotate(expressions) : rows
  return found.dynamicOrderBy(...order)
}

/**
 * The direction of the key after an order: the one in which an index has it, so that a page of a large table is read
 * and not sorted. Within equal values an index has keys ascending; read backwards, descending. Without an order, the
 * latest rows come first.
 */
function tieBreak({ model }: ModelAdmin, order: readonly string[]): '' | '-' {
  if (order.length === 0) return '-'
  const starts = (fields: readonly string[]) =>
    order.length === fields.length && order.every((path, i) => path === fields[i])
  const indexes = model.meta.indexes.map((index) => index.fields)
  if (indexes.some(starts)) return ''
  if (indexes.some((fields) => starts(fields.map(opposite)))) return '-'
  return order.at(-1)!.startsWith('-') ? '-' : ''
}

/** The head of a column: where its links lead. */
export interface Head {
  readonly label: string
  readonly numeric: boolean
  readonly sorted: 'ascending' | 'descending' | null
  /** Which of several it is, from 1; null where it is alone. */
  readonly priority: number | null
  /** Sorts by this column, or turns its order round. */
  readonly sortUrl: string | null
  /** Sorts by this column after the others. */
  readonly addUrl: string | null
  /** Sorts by the others alone. */
  readonly removeUrl: string | null
}

const write = (sorts: readonly Sort[]): string | null =>
  sorts.map(({ column, descending }) => `${descending ? '-' : ''}${column.name}`).join(',') || null

/** The heads of the columns. */
export function drawHeads(columns: readonly Column[], sorts: readonly Sort[], query: URLSearchParams): Head[] {
  const link = (next: readonly Sort[]) => address(query, { o: write(next) })
  return columns.map((column) => {
    const index = sorts.findIndex((sort) => sort.column === column)
    const sort = sorts[index] ?? null
    const others = sorts.filter((each) => each !== sort)
    const turned = sorts.map((each) => (each === sort ? { column, descending: !each.descending } : each))
    const canAdd = column.sortable && sort === null && sorts.length > 0 && sorts.length < MOST_SORTED
    return {
      label: column.label,
      numeric: column.numeric,
      sorted: sort && (sort.descending ? 'descending' : 'ascending'),
      priority: sort && sorts.length > 1 ? index + 1 : null,
      sortUrl: column.sortable ? link(sort ? turned : [{ column, descending: false }]) : null,
      addUrl: canAdd ? link([...sorts, { column, descending: false }]) : null,
      removeUrl: sort ? link(others) : null,
    }
  })
}
