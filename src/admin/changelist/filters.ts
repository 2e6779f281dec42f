/** Filters at the side of a list: the choices of a field, and the condition each stands for. */

import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { AnyModel, FieldMeta, RelationMeta } from '../../db/models/meta.ts'
import { readRelatedKey, relatedKeyText } from '../../forms/internal.ts'
import { t, timeZone } from '../../i18n/index.ts'
import { startOfDay, startOfMonth, startOfYear, Temporal, today } from '../../std/dates.ts'
import { truncate } from '../../std/text.ts'
import { rowsFor } from '../access.ts'
import { nameOf, valueField } from '../keys.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminOf } from '../site.ts'
import { isMany, requireFields } from './paths.ts'
import type { Rows } from './query.ts'

/** More rows or values than this are not offered; those found can still be searched. */
export const MOST_CHOICES = 300
const LONGEST_LABEL = 60

/** One link of a filter. */
export interface FilterChoice {
  readonly label: string
  /** What the address carries after `path=`; null: all. */
  readonly value: string | null
}
/** What a filter offers. */
export interface FilterChoices {
  readonly choices: readonly FilterChoice[]
  /** There are others, too many to list. */
  readonly more: boolean
  /** They were not looked for: that takes longer than the list itself. */
  readonly later?: boolean
}
/** A filter, decided. */
export interface Filter {
  readonly path: string
  /** Its name in the address. */
  readonly parameter: string
  readonly label: string
  /** One row may meet the condition several times. */
  readonly many: boolean
  /** Rows of this model are what is chosen; null: values. */
  readonly target: AnyModel | null
  /** The value of the address for a value of the column; null: choices are not values of it (periods). */
  readonly textFor: ((value: unknown) => string) | null
  /** `patient`: what takes long is looked for as well. */
  choices(request: AuthenticatedRequest, patient: boolean): FilterChoices | Promise<FilterChoices>
  /** The condition for a value of the address, or null when the value means nothing. */
  condition(value: string): Record<string, unknown> | null
}

/** Names that the list itself reads from the address. */
const reserved: ReadonlySet<string> = new Set(['q', 'o', 'page', 'all', 'date', 'counts'])
const EMPTY = '-'

/** The filters of the option `filters`. */
export function resolveFilters(admin: ModelAdmin): Filter[] {
  return admin.filters.map((path) => {
    const fields = requireFields(admin, 'filters', path)
    const field = fields.at(-1)!
    const base = {
      path,
      parameter: reserved.has(path) ? `${path}__exact` : path,
      many: isMany(fields),
    }
    const nullable = field.null && !field.primaryKey
    const isEmpty = (value: string) => (nullable && value === EMPTY ? { [`${path}__isnull`]: true } : null)
    const { choices, condition, textFor } = kindOf(field, path, admin)
    const offered = ({ choices: found, ...rest }: FilterChoices): FilterChoices => ({
      choices: [{ label: t('All'), value: null }, ...found, ...(nullable ? [{ label: t('None'), value: EMPTY }] : [])],
      ...rest,
    })
    return {
      ...base,
      get label() {
        return field.verboseName // each time in the language of the moment
      },
      target: field.relation?.target ?? null,
      textFor: textFor && ((value) => (value === null || value === undefined ? EMPTY : textFor(value))),
      choices(request, patient) {
        const found = choices(request, patient)
        return found instanceof Promise ? found.then(offered) : offered(found)
      },
      condition: (value) => isEmpty(value) ?? condition(value),
    }
  })
}

type Kind = Pick<Filter, 'choices' | 'condition' | 'textFor'>
const listed = (choices: readonly FilterChoice[]): FilterChoices => ({ choices, more: false })

function kindOf(field: FieldMeta, path: string, admin: ModelAdmin): Kind {
  if (field.relation) return relationFilter(field.relation, path)
  if (field.choices)
    return {
      choices: () =>
        listed(field.choices!.map((choice) => ({ label: String(choice.label), value: String(choice.value) }))),
      condition: (value) => {
        const choice = field.choices!.find((each) => String(each.value) === value)
        return choice ? { [path]: choice.value } : null
      },
      textFor: String,
    }
  if (field.kind === 'boolean')
    return {
      choices: () =>
        listed([
          { label: t('Yes'), value: '1' },
          { label: t('No'), value: '0' },
        ]),
      condition: (value) => (value === '1' || value === '0' ? { [path]: value === '1' } : null),
      textFor: (value) => (value ? '1' : '0'),
    }
  if (field.kind === 'dateTime' || field.kind === 'date') return dateFilter(field, path)
  return valueFilter(field, path, admin)
}

function relationFilter({ target, targets }: RelationMeta, path: string): Kind {
  return {
    async choices(request) {
      const shown = adminOf(target)
      const all = shown ? rowsFor(shown, request) : target.objects.all()
      const rows: object[] = await all.slice(0, MOST_CHOICES + 1)
      if (rows.length > MOST_CHOICES) return { choices: [], more: true }
      return listed(rows.map((row) => ({ label: nameOf(row), value: relatedKeyText(row, targets) })))
    },
    condition: (value) => {
      if (targets.length === 1) return cleaned(valueField(targets[0]!), value, path)
      try {
        return { [path]: readRelatedKey(value, targets) }
      } catch {
        return null // an address somebody edited: the filter is not applied
      }
    },
    textFor: (value) => (value === null ? '' : relatedKeyText(value, targets)),
  }
}

/** Since when: the day, week, month or year that it is where the reader is. */
const periods: Readonly<Record<string, { label: () => string; since: (zone: string) => Date }>> = {
  today: { label: () => t('Today'), since: (zone) => startOfDay(new Date(), zone) },
  week: { label: () => t('Last 7 days'), since: (zone) => startOfDay(today(zone).subtract({ days: 6 }), zone) },
  month: { label: () => t('This month'), since: (zone) => startOfMonth(new Date(), zone) },
  year: { label: () => t('This year'), since: (zone) => startOfYear(new Date(), zone) },
}

function dateFilter(field: FieldMeta, path: string): Kind {
  return {
    choices: () => listed(Object.entries(periods).map(([value, { label }]) => ({ label: label(), value }))),
    condition(value) {
      if (!Object.hasOwn(periods, value)) return null
      const zone = timeZone()
      const since = periods[value]!.since(zone)
      if (field.kind === 'dateTime') return { [`${path}__gte`]: since }
      const day = Temporal.Instant.fromEpochMilliseconds(since.getTime()).toZonedDateTimeISO(zone).toPlainDate()
      return { [`${path}__gte`]: day }
    },
    textFor: null,
  }
}

/** Rows up to which the values there are, are looked for while the list is made. */
const FEW_ROWS = 10_000
/** Rows among which values are looked for in a larger table: the latest. */
const SAMPLE = 100_000

/** The values there are; for one of the list's own fields, among the rows this user sees. */
function valueFilter(field: FieldMeta, path: string, admin: ModelAdmin): Kind {
  return {
    async choices(request, patient) {
      const holder = field.model === admin.model ? admin : adminOf(field.model)
      const rows: Rows = holder ? rowsFor(holder, request) : field.model.objects.all()
      const isLarge: boolean = await rows
        .dynamicOrderBy()
        .slice(FEW_ROWS, FEW_ROWS + 1)
        .exists()
      if (isLarge && !patient) return { choices: [], more: false, later: true }
      const values: unknown[] = await (isLarge ? sampleOf(field.model, rows) : rows)
        .dynamicOrderBy(field.name)
        .distinct()
        .valuesList(field.name, { flat: true })
        .slice(0, MOST_CHOICES + 1)
      if (values.length > MOST_CHOICES) return { choices: [], more: true }
      const choices = values
        .filter((value) => value !== null && value !== '')
        .map((value) => ({
          label: truncate(String(value).slice(0, 4 * LONGEST_LABEL), LONGEST_LABEL),
          value: String(value),
        }))
      return { choices, more: isLarge }
    },
    condition: (value) => cleaned(field, value, path),
    textFor: String,
  }
}

/** The rows with the highest keys: what a table of millions is judged by. */
function sampleOf(model: AnyModel, rows: Rows): Rows {
  const latest = rows.dynamicOrderBy('-pk').dynamicValues('pk').slice(0, SAMPLE)
  return model.objects.dynamic({ pk__in: latest })
}

function cleaned(field: FieldMeta, value: string, path: string): Record<string, unknown> | null {
  if (value === '' || value.includes('\0')) return null
  try {
    return { [path]: field.clean(value) }
  } catch {
    return null // an address somebody edited: the filter is not applied
  }
}
