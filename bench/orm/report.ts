/** What became of the processes: our lines as of every subject, and the table of all libraries. */
import { type Estimate, estimate } from '../lib/pairs.ts'
import { type Row as Line, type Marks, report } from '../lib/report.ts'
import { type DatabaseName, type RowName, rows } from './contract.ts'
import { hand, type Library, nuages, onTheirDriver } from './libraries.ts'

/** Ratios to the code by hand. */
const marks: Readonly<Record<DatabaseName, Readonly<Partial<Record<RowName, Marks>>>>> = {
  sqlite: {
    'get by pk': { mark: 2.5, goal: 1.6 },
    '100 rows of 10 columns': { mark: 1.5, goal: 1.25 },
    '100 rows, joined relation': { goal: 1.25 },
    '50 parents, 10 children each': { goal: 1.25 },
    'bulk insert 1,000': { goal: 1.3 },
  },
  postgres: {
    'get by pk': { goal: 1.15 },
    '100 rows of 10 columns': { goal: 1.1 },
    '100 rows, joined relation': { goal: 1.25 },
    '50 parents, 10 children each': { goal: 1.25 },
    'bulk insert 1,000': { goal: 1.3 },
    '20 gets at once': { goal: 0.7 },
    '20 updates in a transaction': { goal: 0.7 },
  },
}

/** Told beside the libraries, of which they are none: the driver's own pipeline, and ourselves over another driver. */
const NOT_RANKED = new Set([hand.name, onTheirDriver.name, 'pipelined'])

/** One process: microseconds an operation, and its ratios to the hand's samples of the same round. */
interface Process {
  readonly cost: number
  readonly ratio: number
}

/** What was measured on one database. */
export class Costs {
  readonly #processes = new Map<string, Process[]>()

  /** Samples of one process, and the hand's of the same rounds. */
  add(library: string, row: RowName, samples: readonly number[], byHand: readonly number[]): void {
    const key = `${library} ${row}`
    const ratios = samples.map((each, i) => each / byHand[i]!)
    const process = { cost: estimate(samples).median, ratio: estimate(ratios).median }
    this.#processes.set(key, [...(this.#processes.get(key) ?? []), process])
  }

  /** The median of the processes, and their spread. */
  of(library: string, row: RowName): { readonly cost: Estimate; readonly ratio: Estimate } | null {
    const found = this.#processes.get(`${library} ${row}`)
    if (found === undefined) return null
    return { cost: estimate(found.map(({ cost }) => cost)), ratio: estimate(found.map(({ ratio }) => ratio)) }
  }
}

/** Whether a library is ours, or within a third of ours on one of the rows: who is first cannot be told from one process. */
export function isClose({ name }: Library, costs: Costs, rows: readonly RowName[]): boolean {
  if (name === onTheirDriver.name) return true
  return rows.some((row) => {
    const [theirs, ours] = [costs.of(name, row), costs.of(nuages.name, row)]
    return theirs !== null && ours !== null && theirs.ratio.median < ours.ratio.median * 1.33
  })
}

/** A place among libraries, and among how many. */
interface Rank {
  readonly rank: number
  readonly of: number
}

/** Our place by ratio, from 1: among all, whatever they run on. */
function rank(costs: Costs, row: RowName, libraries: readonly Library[]): Rank {
  return placeOf(nuages, costs, row, libraries.filter(isRanked))
}

/** The same over the driver that others have on SQLite, among those who have it; null where that was not measured. */
function rankOverTheirs(
  costs: Costs,
  row: RowName,
  database: DatabaseName,
  libraries: readonly Library[],
): Rank | null {
  if (!libraries.includes(onTheirDriver)) return null
  const driver = onTheirDriver.driver[database]
  const others = libraries.filter((library) => isRanked(library) && library.driver[database] === driver)
  return placeOf(onTheirDriver, costs, row, [onTheirDriver, ...others])
}

function placeOf(own: Library, costs: Costs, row: RowName, libraries: readonly Library[]): Rank {
  const ratioOf = ({ name }: Library): number => costs.of(name, row)!.ratio.median
  const before = libraries.filter((library) => ratioOf(library) < ratioOf(own))
  return { rank: 1 + before.length, of: libraries.length }
}

const isRanked = ({ name }: Library): boolean => !NOT_RANKED.has(name)

/** Prints the tables and writes `bench/results/orm.json`. */
export function write(
  measured: readonly (readonly [DatabaseName, Costs, readonly Library[]])[],
  method: string,
  skipped: readonly string[],
): void {
  const lines: Line[] = []
  const tables: Record<string, Record<string, object>> = {}
  const drivers: Record<string, Record<string, string>> = {}
  for (const [database, costs, libraries] of measured) {
    const table: Record<string, object> = {}
    const done = rows.filter((row) => costs.of(hand.name, row) !== null)
    for (const row of done) {
      const ours = costs.of(nuages.name, row)!
      const { mark = null, goal = null } = marks[database][row] ?? {}
      const byHand = costs.of(hand.name, row)!.cost
      const name = `${database}: ${row}`
      lines.push({ name, unit: 'us', ours: ours.cost, hand: byHand, measured: ours.ratio, mark, goal, isRatio: true })
      const cells = libraries.map((library) => [library.name, rounded(costs.of(library.name, row)!.ratio)] as const)
      const overTheirs = rankOverTheirs(costs, row, database, libraries)
      table[row] = {
        ...rank(costs, row, libraries),
        ...(overTheirs === null ? {} : { overTheirs }),
        ...Object.fromEntries(cells),
      }
    }
    tables[database] = table
    drivers[database] = Object.fromEntries(libraries.map(({ name, driver }) => [name, driver[database]]))
    print(database, costs, done, libraries)
  }
  for (const line of skipped) console.log(line)
  console.log('')
  report('orm', lines, method, { skipped, drivers, ratios: tables })
}

function rounded({ median, low, high }: Estimate): readonly number[] {
  return [median, low, high].map((each) => Number(each.toPrecision(3)))
}

/** Rows by libraries: ratios to the code by hand. */
function print(database: DatabaseName, costs: Costs, done: readonly RowName[], libraries: readonly Library[]): void {
  const shown = libraries.filter((library) => library !== hand)
  const theirs = shown.includes(onTheirDriver)
  const head = [database, ...shown.map(({ name }) => name), 'our rank', ...(theirs ? ['over theirs'] : [])]
  const place = ({ rank: own, of }: Rank): string => `${own} of ${of}`
  const body = done.map((row) => {
    const overTheirs = rankOverTheirs(costs, row, database, libraries)
    return [
      row,
      ...shown.map(({ name }) => costs.of(name, row)!.ratio.median.toPrecision(3)),
      place(rank(costs, row, libraries)),
      ...(overTheirs === null ? [] : [place(overTheirs)]),
    ]
  })
  const drivers = ['(over)', ...shown.map(({ driver }) => driver[database])]
  const lines = [head, drivers, ...body]
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  console.log('')
  for (const line of lines)
    console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}
