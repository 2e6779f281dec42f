/** Columns of a list: where their value is, how it is shown, what sorts them. Decided once per model. */
import type { SafeString } from '../../std/html.ts'
import { humanize } from '../../std/text.ts'
import { nameOf } from '../keys.ts'
import { type ModelAdmin, SELF } from '../model-admin.ts'
import { isNumeric, isShort, showValue } from '../show.ts'
import { requireFields } from './paths.ts'

/** A column, decided. */
export interface Column {
  readonly name: string
  readonly label: string
  readonly numeric: boolean
  /** Values that stay on one line: dates, choices, yes and no. */
  readonly short: boolean
  /** Path that orders by this column; null when nothing can. */
  readonly orderBy: string | null
  /** Relation to join so that showing the column costs no query; null when none. */
  readonly join: string | null
  readonly show: (row: object) => SafeString | Promise<SafeString>
}

/** The columns of the option `list`. */
export function resolveColumns(admin: ModelAdmin): Column[] {
  return admin.list.map((name) => resolveColumn(admin, name))
}

/** Fields that stand for their row: a column `country__name` is headed "country". */
const NAMES = /^(name|title|label|code|slug|email)$/

function resolveColumn(admin: ModelAdmin, name: string): Column {
  const { model } = admin
  const computed = Object.hasOwn(admin.columns, name) ? admin.columns[name]! : null
  if (computed)
    return {
      name,
      label: computed.label ?? humanize(name),
      numeric: false,
      short: false,
      orderBy: computed.orderBy ?? null,
      join: null,
      show: (row) => showComputed(computed.value(row)),
    }
  if (name === SELF)
    return {
      name,
      get label() {
        return model.meta.verboseName
      },
      numeric: false,
      short: false,
      orderBy: null,
      join: null,
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
    name,
    get label() {
      return named.verboseName // each time in the language of the moment
    },
    numeric: isNumeric(last),
    short: isShort(last),
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

/** What a computed column gave: a value, a promise, a relation that has not been read. */
function showComputed(value: unknown): SafeString | Promise<SafeString> {
  if (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
    return Promise.resolve(value as PromiseLike<unknown>).then((read) => showValue(read))
  return showValue(value)
}
