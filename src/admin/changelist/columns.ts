/** Columns of a list: where their value is, how it is shown, what sorts them. Decided once per model. */
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import { t, timeZone } from '../../i18n/index.ts'
import { formatDate } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { escapeHtml, isSafe, markSafe, type SafeString } from '../../std/html.ts'
import { humanize } from '../../std/text.ts'
import type { ModelAdmin } from '../options.ts'
import { SELF } from '../options.ts'

export interface Column {
  readonly name: string
  readonly label: string
  readonly numeric: boolean
  /** Path that orders by this column; null when nothing can. */
  readonly orderBy: string | null
  /** Relation to join so that showing the column costs no query; null when none. */
  readonly join: string | null
  readonly show: (row: object) => SafeString
}

/** A path as fields, or null when it does not lead over single relations to a field. */
export function fieldsOnPath(model: AnyModel, path: string): FieldMeta[] | null {
  const found: FieldMeta[] = []
  let current: AnyModel | null = model
  for (const name of path.split('__')) {
    const field: FieldMeta | undefined = current?.meta.fields.get(name) ?? current?.meta.byAttname.get(name)
    if (!field) return null
    found.push(field)
    current = field.relation?.target ?? null
  }
  return found
}

const numericKinds = new Set(['auto', 'integer', 'smallInteger', 'bigInteger', 'float', 'decimal'])

/** A stored value as people read it. */
export function showValue(value: unknown, field?: FieldMeta): SafeString {
  if (value === null || value === undefined || value === '') return markSafe('<span class="quiet">–</span>')
  if (isSafe(value)) return value as SafeString
  if (value === true) return markSafe(`<span class="yes" role="img" aria-label="${escapeHtml(t('yes'))}">✓</span>`)
  if (value === false) return markSafe(`<span class="no" role="img" aria-label="${escapeHtml(t('no'))}">–</span>`)
  const choice = field?.choices?.find((each) => each.value === value)
  if (choice) return markSafe(escapeHtml(choice.label))
  if (value instanceof Date)
    return markSafe(
      `<time datetime="${value.toISOString()}">${escapeHtml(formatDate(value, 'j M Y, H:i', { timeZone: timeZone() }))}</time>`,
    )
  if (typeof value === 'number' && field && numericKinds.has(field.kind ?? '') && !field.primaryKey)
    return markSafe(escapeHtml(value.toLocaleString('en', { maximumFractionDigits: 6 })))
  if (typeof value === 'object' && !(value instanceof Decimal) && field?.kind === 'json')
    return markSafe(`<code>${escapeHtml(JSON.stringify(value)?.slice(0, 200))}</code>`)
  const text = String(value)
  return markSafe(escapeHtml(text.length > 300 ? `${text.slice(0, 300)}…` : text))
}

export function resolveColumns(admin: ModelAdmin): Column[] {
  return admin.list.map((name) => resolveColumn(admin, name))
}

function resolveColumn(admin: ModelAdmin, name: string): Column {
  const { model } = admin
  const computed = admin.columns[name]
  if (computed)
    return {
      name,
      label: computed.label ?? humanize(name),
      numeric: false,
      orderBy: computed.orderBy ?? null,
      join: null,
      show: (row) => showValue(computed.value(row)),
    }
  if (name === SELF)
    return {
      name,
      label: model.meta.verboseName,
      numeric: false,
      orderBy: null,
      join: null,
      show: (row) => showValue(String(row)),
    }
  const fields = fieldsOnPath(model, name)!
  const last = fields.at(-1)!
  const relations = last.relation ? fields : fields.slice(0, -1)
  const before = relations.map((field) => field.name)
  const steps = [...before, ...(last.relation ? [] : [last.attname])]
  // `country__name` reads as its relation: the name of a country is what stands for it.
  const label =
    fields.length > 1 && /^(name|title|label|code)$/.test(last.name) ? fields.at(-2)!.verboseName : last.verboseName
  return {
    name,
    label,
    numeric: numericKinds.has(last.kind ?? '') && !last.relation && !last.choices,
    orderBy: name,
    join: before.length ? before.join('__') : null,
    show(row) {
      let value: unknown = row
      for (const step of steps) {
        value = (value as Record<string, unknown>)[step]
        if (value === null || value === undefined) break
      }
      return showValue(last.relation && value !== null && value !== undefined ? String(value) : value, last)
    },
  }
}
