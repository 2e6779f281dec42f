/** How many rows there are, counted no further than a reader cares: what costs more than the list itself is not done. */
import type { AuthenticatedRequest } from '../../auth/index.ts'
import { Count } from '../../db/index.ts'
import { language } from '../../i18n/index.ts'
import type { ModelAdmin } from '../model-admin.ts'
import type { Filter, FilterChoice } from './filters.ts'
import { type Narrowed, narrow, type Rows } from './query.ts'

/** Rows of a narrowed list are counted up to here. */
const MOST_ROWS = 200_000
/** Rows behind a choice of a filter are counted up to here. */
const MOST_BEHIND = 10_000
/** Milliseconds spent on the counts of one page; what is left after that stays without. */
const BUDGET = 400
/** Milliseconds after which other requests get a turn. */
const TURN = 15

/** A number of rows; `atLeast`: there are more, which were not counted. */
export interface RowCount {
  readonly count: number
  readonly atLeast: boolean
}

/** `12,345`, `200,000+` */
export function writeCount({ count, atLeast }: RowCount): string {
  return `${count.toLocaleString(language())}${atLeast ? '+' : ''}`
}

async function countUpTo(rows: Rows, most: number): Promise<RowCount> {
  const found: number = await rows
    .dynamicOrderBy()
    .slice(0, most + 1)
    .count()
  return { count: Math.min(found, most), atLeast: found > most }
}

/**
 * The rows of a list. A whole table is counted whole (databases keep an index for that); where conditions would have to
 * be tried on every row, up to 200,000.
 */
export async function countRows(admin: ModelAdmin, { rows, narrowed }: Narrowed): Promise<RowCount> {
  if (narrowed || admin.scope) return countUpTo(rows, MOST_ROWS)
  return { count: await rows.count(), atLeast: false }
}

/** The time that is left for counting. */
export interface Budget {
  left(): Promise<boolean>
}

/** A budget that begins now. */
export function startBudget(): Budget {
  const end = performance.now() + BUDGET
  let turn = performance.now()
  return {
    async left() {
      if (performance.now() - turn > TURN) {
        // A database in this process answers without a pause: other requests would wait for all of it.
        await new Promise((resolve) => setTimeout(resolve, 0))
        turn = performance.now()
      }
      return performance.now() < end
    },
  }
}

/** How many rows each choice would show, the other filters staying as they are; null where there was no time. */
export async function countChoices(
  admin: ModelAdmin,
  request: AuthenticatedRequest,
  filter: Filter,
  choices: readonly FilterChoice[],
  budget: Budget,
): Promise<(string | null)[]> {
  const found = narrow(admin, request, { filter })
  const groups = (await budget.left()) ? await groupCounts(admin, filter, found.rows) : null
  const counts: (string | null)[] = []
  for (const { value } of choices) {
    if (groups && value !== null) counts.push(writeCount({ count: groups.get(value) ?? 0, atLeast: false }))
    else if (!(await budget.left())) counts.push(null)
    else if (value === null) counts.push(writeCount(await countRows(admin, found)))
    else {
      const condition = filter.condition(value)
      const behind = condition ? found.rows.dynamic(condition) : found.rows
      counts.push(writeCount(await countUpTo(filter.many ? behind.distinct() : behind, MOST_BEHIND)))
    }
  }
  return counts
}

/** All choices with one query, where there are few rows; null where there are many, or no values to group by. */
async function groupCounts(
  _admin: ModelAdmin,
  filter: Filter,
  rows: Rows,
): Promise<ReadonlyMap<string, number> | null> {
  const { textFor, path } = filter
  if (!textFor) return null
  const isLarge: boolean = await rows
    .dynamicOrderBy()
    .slice(MOST_BEHIND, MOST_BEHIND + 1)
    .exists()
  if (isLarge) return null
  const groups: Record<string, unknown>[] = await rows
    .dynamicOrderBy()
    .dynamicValues(path)
    .annotate({ rowsThere: Count('pk' as never, { distinct: true }) }) // the model is not known here
  return new Map(groups.map((group) => [textFor(group[path]), Number(group.rowsThere)]))
}
