/** Columns of a list: where their value is, how it is shown, what sorts them. Decided once per model. */

import type { SafeString } from '../../std/html.ts'
import { humanize } from '../../std/text.ts'
import { nameOf } from '../keys.ts'
import { type ModelAdmin, SELF } from '../model-admin.ts'
import type { ComputedColumn } from '../options.ts'
import { isNumeric, isShort, showValue } from '../show.ts'
import { requireFields } from './paths.ts'
import type { Rows } from './query.ts'

/** A column, decided. */
export interface Column {
  readonly name: string
  readonly label: string
  readonly numeric: boolean
  /** Values that stay on one line: dates, choices, yes and no. */
  readonly short: boolean
  readonly sortable: boolean
  /** Path that orders by this column; null when it is not a path that does. */
  readonly orderBy: string | null
  /** What the database computes for the column; null for what is read from the row. */
  readonly expression: object | null
  /** Relation to join so that showing the column costs no query; null when none. */
  readonly join: string | null
  /** `computed`: what the database gave for the expression. */
  readonly show: (row: object, computed?: unknown) => SafeString | Promise<SafeString>
}

/** The columns of the option `list`. */
export function resolveColumns(admin: ModelAdmin): Column[] {
  return admin.list.map((name) => resolveColumn(admin, name))
}

/** Fields that stand for their row: a column `country__name` is headed "country". */
const NAMES = /^(name|title|label|code|slug|email)$/

function resolveColumn(admin: ModelAdmin, name: string): Column {
  const { model } = admin
  const plain = { name, numeric: false, short: false, sortable: false, orderBy: null, expression: null, join: null }
  if (Object.hasOwn(admin.columns, name)) return computedColumn(name, admin.columns[name]!)
  if (name === SELF)
    return {
      ...plain,
      get label() {
        return model.meta.verboseName
      },
      show: (row) => showValue(nameOf(row)),
    }
  const fields = requireFields(admin, 'list', name)
  const last = fields.at(-1)!
  // `country` shows the row behind it, `countryId` its key.
  const isRow = last.relation !== null && name.split('__').at(-1) === last.name
  const before = (isRow ? fields : fields.slice(0, -1)).map((field) => field.name)
  const steps = isRow ? before : [...before, last.attname]
  const named = fields.length > 1 && NAMES.test(last.name) ? fields.at(-2)! : last
  return {
    ...plain,
    get label() {
      return named.verboseName // each time in the language of the moment
    },
    numeric: isNumeric(last),
    short: isShort(last),
    sortable: true,
    orderBy: name,
    join: before.length ? before.join('__') : null,
    show(row) {
      let value: unknown = row
      for (const step of steps) {
        value = (value as Record<string, unknown>)[step]
        if (value === null || value === undefined) break
      }
      return showValue(isRow && value ? nameOf(value as object) : value, isRow ? null : last)
    },
  }
}

function computedColumn(name: string, column: ComputedColumn<object>): Column {
  const { value, orderBy } = column
  const expression = typeof value === 'function' ? null : (value as object)
  return {
    name,
    get label() {
      return labelOf(name, column)
    },
    numeric: expression !== null,
    short: false,
    sortable: orderBy !== undefined || expression !== null,
    orderBy: orderBy ?? null,
    expression,
    join: null,
    show(row, computed) {
      const shown = typeof value === 'function' ? value(row) : computed
      if (typeof shown === 'object' && shown !== null && 'then' in shown && typeof shown.then === 'function')
        return Promise.resolve(shown as PromiseLike<unknown>).then((read) => showOrEmpty(read, column))
      return showOrEmpty(shown, column)
    },
  }
}

/** The heading of a computed column. */
export function labelOf(name: string, { label }: ComputedColumn<object>): string {
  return label === undefined ? humanize(name) : String(label)
}

function showOrEmpty(value: unknown, { empty }: ComputedColumn<object>): SafeString {
  const nothing = value === null || value === undefined || value === ''
  return showValue(nothing && empty !== undefined ? String(empty) : value)
}

/** A row's key among the rows of a page. */
type Keyed = Readonly<Record<string, unknown>>
const pageKey = (values: readonly unknown[]): string => JSON.stringify(values.map(String))

/** What the database computed for the rows of a page. */
export interface Computed {
  of(column: Column, row: object): unknown
}

/**
 * Computes the expressions of columns for the rows of one page. One query each: joined together they would multiply
 * each other.
 */
export async function computeColumns(
  admin: ModelAdmin,
  columns: readonly Column[],
  rows: readonly object[],
): Promise<Computed> {
  const names = admin.model.meta.pk.map((field) => field.attname)
  const keys = rows.map((row) => (row as Keyed).pk)
  const found = new Map<Column, ReadonlyMap<string, unknown>>()
  for (const column of columns) {
    if (!column.expression || rows.length === 0) continue
    const asked: Rows = admin.model.objects.dynamic({ pk__in: keys })
    const values: Keyed[] = await asked
      .dynamicOrderBy()
      .dynamicAnnotate({ computedValue: column.expression })
      .dynamicValues(...names, 'computedValue')
    found.set(column, new Map(values.map((each) => [pageKey(names.map((name) => each[name])), each.computedValue])))
  }
  return { of: (column, row) => found.get(column)?.get(pageKey(names.map((name) => (row as Keyed)[name]))) }
}

/** A computed column of one row, whole: for forms and history. */
export async function columnValue(admin: ModelAdmin, name: string, row: object): Promise<SafeString> {
  const column = admin.columns[name]!
  const { value } = column
  if (typeof value === 'function') {
    const shown = await value(row)
    const nothing = shown === null || shown === undefined || shown === ''
    return showValue(nothing && column.empty !== undefined ? String(column.empty) : shown, null, { whole: true })
  }
  const decided = computedColumn(name, column)
  return decided.show(row, (await computeColumns(admin, [decided], [row])).of(decided, row))
}
