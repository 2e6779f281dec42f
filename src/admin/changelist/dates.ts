/** Narrowing a list by a date: years, then the months of one, then the days of one, where the reader is. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import type { FieldMeta } from '../../db/models/meta.ts'
import { language, t, timeZone } from '../../i18n/index.ts'
import { startOfDay, Temporal, toPlainDate } from '../../std/dates.ts'
import { capitalize } from '../../std/text.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { address } from './pages.ts'
import { requireFields } from './paths.ts'
import type { Rows } from './query.ts'

/** Days looked at to tell which periods have rows; with more, every period between the first and the last is offered. */
const MOST_DAYS = 2000
/** Years offered; the latest. */
const MOST_YEARS = 60

/** The option `dateHierarchy`, decided. */
export interface DateHierarchy {
  readonly path: string
  readonly parameter: string
  readonly field: FieldMeta
  readonly label: string
  /** The condition for `2024`, `2024-05` or `2024-05-03`; null for what is none of them. */
  condition(period: string): Record<string, unknown> | null
}

/** One link of the hierarchy. */
export interface PeriodLink {
  readonly label: string
  readonly url: string
  readonly current: boolean
}
/** What the list shows: the way back, then the periods within. */
export interface ShownDates {
  readonly label: string
  readonly up: readonly PeriodLink[]
  readonly periods: readonly PeriodLink[]
}

/** The option, or null. */
export function resolveDates(admin: ModelAdmin): DateHierarchy | null {
  const path = admin.dateHierarchy
  if (path === null) return null
  const field = requireFields(admin, 'dateHierarchy', path).at(-1)!
  return {
    path,
    parameter: 'date',
    field,
    get label() {
      return capitalize(field.verboseName) // each time in the language of the moment
    },
    condition(period) {
      const range = readPeriod(period)
      if (!range) return null
      const from = { [`${path}__gte`]: bound(field, range.from) }
      // Nor a year 10,000: nothing comes after 9999.
      return range.to.year > 9999 ? from : { ...from, [`${path}__lt`]: bound(field, range.to) }
    },
  }
}

interface Range {
  readonly from: Temporal.PlainDate
  /** The day after. */
  readonly to: Temporal.PlainDate
}

/** `2024`, `2024-05`, `2024-05-03`. */
function readPeriod(period: string): Range | null {
  const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(period)
  if (!match) return null
  const [, year, month, day] = match
  if (Number(year) < 1) return null // no database has a year 0
  try {
    const from = Temporal.PlainDate.from(`${year}-${month ?? '01'}-${day ?? '01'}`)
    return { from, to: from.add(day ? { days: 1 } : month ? { months: 1 } : { years: 1 }) }
  } catch {
    return null // 30 February
  }
}

function bound(field: FieldMeta, day: Temporal.PlainDate): Date | Temporal.PlainDate {
  return field.kind === 'dateTime' ? startOfDay(day, timeZone()) : day
}

const dayOf = (value: Date | Temporal.Instant | Temporal.PlainDate): Temporal.PlainDate => {
  if (value instanceof Temporal.Instant) return value.toZonedDateTimeISO(timeZone()).toPlainDate()
  return value instanceof Date ? toPlainDate(value, timeZone()) : value
}

/** The periods that can be chosen next; `rows`: the list without any period. Three queries at most, each bounded. */
export async function drawDates(
  dates: DateHierarchy,
  rows: Rows,
  period: string | null,
  { query }: AuthenticatedRequest,
): Promise<ShownDates | null> {
  const within = period === null ? rows : rows.dynamic(dates.condition(period)!)
  const days = await daysOf(dates, within)
  if (days.length === 0 && period === null) return null
  const level = (period?.length ?? 0) === 0 ? 4 : period!.length === 4 ? 7 : 10
  const names = [...new Set(days.map((day) => day.toString().slice(0, level)))]
  const link = (name: string, current = false): PeriodLink => ({
    label: labelOf(name),
    url: address(query, { [dates.parameter]: name }),
    current,
  })
  const chosen = period === null ? [] : [4, 7, 10].filter((length) => length <= period.length)
  const up = chosen.map((length) => link(period!.slice(0, length), length === period!.length))
  return {
    label: dates.label,
    up:
      period === null
        ? []
        : [{ label: t('All dates'), url: address(query, { [dates.parameter]: null }), current: false }, ...up],
    periods: period?.length === 10 ? [] : names.map((name) => link(name)),
  }
}

/** Days that stand for every period with rows, in order. */
async function daysOf({ path }: DateHierarchy, rows: Rows): Promise<Temporal.PlainDate[]> {
  const dated = rows.dynamic({ [`${path}__isnull`]: false })
  const values = (order: string): Rows => dated.dynamicOrderBy(order).valuesList(path, { flat: true })
  const found: (Date | Temporal.PlainDate)[] = await values(path).slice(0, MOST_DAYS + 1)
  if (found.length <= MOST_DAYS) return found.map(dayOf)
  const [last] = await values(`-${path}`).slice(0, 1)
  const from = dayOf(found[0]!)
  const to = dayOf(last)
  return between(from, to)
}

/** A day of each year, month or day from one to another: of the finest that is still few. */
function between(from: Temporal.PlainDate, to: Temporal.PlainDate): Temporal.PlainDate[] {
  const step = from.year !== to.year ? { years: 1 } : from.month !== to.month ? { months: 1 } : { days: 1 }
  const first =
    from.year !== to.year ? from.with({ month: 1, day: 1 }) : from.month !== to.month ? from.with({ day: 1 }) : from
  const days: Temporal.PlainDate[] = []
  for (let day = first; Temporal.PlainDate.compare(day, to) <= 0; day = day.add(step)) days.push(day)
  return days.slice(-MOST_YEARS)
}

/** `2024`, `May 2024`, `3 May 2024`, as the reader's language writes them. */
function labelOf(name: string): string {
  const { from } = readPeriod(name)!
  if (name.length === 4) return String(from.year)
  const day = new Date(Date.UTC(from.year, from.month - 1, from.day))
  return new Intl.DateTimeFormat(language(), {
    timeZone: 'UTC',
    month: 'long',
    ...(name.length === 10 ? { day: 'numeric' } : {}),
  }).format(day)
}
