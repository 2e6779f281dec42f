/** What became of the processes: our lines as of every subject, and the table of all libraries. */
import { type Estimate, estimate } from '../lib/pairs.ts'
import { type Row as Line, type Marks, report } from '../lib/report.ts'
import { type DatabaseName, type RowName, rows } from './contract.ts'
import { hand, nuages, onTheirDriver } from './libraries.ts'

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
    '20 updates at once': { goal: 0.7 },
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

/** Our place among the libraries by ratio, from 1. */
function rank(costs: Costs, row: RowName, libraries: readonly string[]): number {
  const ratioOf = (library: string): number => costs.of(library, row)!.ratio.median
  return 1 + libraries.filter((name) => !NOT_RANKED.has(name) && ratioOf(name) < ratioOf(nuages.name)).length
}

/** Prints the tables and writes `bench/results/orm.json`. */
export function write(
  measured: readonly (readonly [DatabaseName, Costs, readonly string[]])[],
  method: string,
  skipped: readonly string[],
): void {
  const lines: Line[] = []
  const tables: Record<string, Record<string, object>> = {}
  for (const [database, costs, libraries] of measured) {
    const table: Record<string, object> = {}
    const done = rows.filter((row) => costs.of(hand.name, row) !== null)
    for (const row of done) {
      const ours = costs.of(nuages.name, row)!
      const { mark = null, goal = null } = marks[database][row] ?? {}
      const byHand = costs.of(hand.name, row)!.cost
      const name = `${database}: ${row}`
      lines.push({ name, unit: 'us', ours: ours.cost, hand: byHand, measured: ours.ratio, mark, goal, isRatio: true })
      const cells = libraries.map((library) => [library, rounded(costs.of(library, row)!.ratio)] as const)
      table[row] = { rank: rank(costs, row, libraries), of: ranked(libraries), ...Object.fromEntries(cells) }
    }
    tables[database] = table
    print(database, costs, done, libraries)
  }
  for (const line of skipped) console.log(line)
  console.log('')
  report('orm', lines, method, { skipped, ratios: tables })
}

const ranked = (libraries: readonly string[]): number => libraries.filter((name) => !NOT_RANKED.has(name)).length

function rounded({ median, low, high }: Estimate): readonly number[] {
  return [median, low, high].map((each) => Number(each.toPrecision(3)))
}

/** Rows by libraries: ratios to the code by hand. */
function print(database: DatabaseName, costs: Costs, done: readonly RowName[], libraries: readonly string[]): void {
  const shown = libraries.filter((name) => name !== hand.name)
  const head = [database, ...shown, 'our rank']
  const body = done.map((row) => [
    row,
    ...shown.map((library) => costs.of(library, row)!.ratio.median.toPrecision(3)),
    `${rank(costs, row, libraries)} of ${ranked(libraries)}`,
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((line) => line[i]!.length)))
  console.log('')
  for (const line of [head, ...body])
    console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}
