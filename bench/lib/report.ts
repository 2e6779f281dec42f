/** What a run leaves: a table for whoever watches, `bench/results/SUBJECT.json` for the repository. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Estimate, estimate, ratio, type Samples } from './pairs.ts'

/** A line of the table. */
export interface Row {
  readonly name: string
  /** Of `ours` and `hand`: `us`, `ms`, `MB`. */
  readonly unit: string
  readonly ours: Estimate
  readonly hand: Estimate | null
  /** What the mark is about: the ratio, or `ours` itself. */
  readonly measured: Estimate
  /** The most it may be now; null where none was set. */
  readonly mark: number | null
  /** Where it is to get. */
  readonly goal: number | null
  readonly isRatio: boolean
}

/** Marks of a line: of now, and beyond. */
export interface Marks {
  readonly mark?: number
  readonly goal?: number
}

/** A line that compares with the same work by hand. */
export function compared(name: string, samples: Samples, { mark, goal }: Marks = {}): Row {
  return {
    name,
    unit: 'us',
    ours: estimate(samples.ours),
    hand: estimate(samples.hand),
    measured: ratio(samples),
    mark: mark ?? null,
    goal: goal ?? null,
    isRatio: true,
  }
}

/** A line whose mark is a number of its own; `hand` is told beside it. */
export function absolute(
  name: string,
  unit: string,
  values: readonly number[],
  hand: readonly number[] | null,
  { mark, goal }: Marks = {},
): Row {
  const ours = estimate(values)
  return {
    name,
    unit,
    ours,
    hand: hand && estimate(hand),
    measured: ours,
    mark: mark ?? null,
    goal: goal ?? null,
    isRatio: false,
  }
}

/** Prints the lines and writes the file. `more`: what else belongs into it. */
export function report(subject: string, rows: readonly Row[], method: string, more: object = {}): void {
  print(rows)
  const folder = fileURLToPath(new URL('../results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const content = { subject, method, ...surroundings(), rows: rows.map(rounded), ...more }
  const file = `${folder}${subject}.json`
  writeFileSync(file, JSON.stringify(content, null, 2))
  // As the repository's formatter has it, or every commit of results would be refused.
  const formatter = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url))
  execFileSync(formatter, ['format', '--write', file])
  console.log(`\n${method}\nWritten to bench/results/${subject}.json.`)
}

function print(rows: readonly Row[]): void {
  const lines = rows.map((row) => {
    const { measured, unit, isRatio } = row
    const shown = (value: number) => (isRatio ? value.toFixed(2) : number(value))
    const end = isRatio ? ' x' : ` ${unit}`
    return [
      row.name,
      `${number(row.ours.median)} ${unit}`,
      row.hand === null ? '' : `${number(row.hand.median)} ${unit}`,
      `${shown(measured.median)}${end}`,
      `${shown(measured.low)}-${shown(measured.high)}`,
      limit(row.mark, measured, end),
      limit(row.goal, measured, end),
    ]
  })
  const head = ['', 'nuages', 'by hand', 'median', '95 %', 'mark', 'goal']
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
  for (const line of [head, ...lines])
    console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}

/** A mark holds when all of the interval is below it. */
function limit(value: number | null, { high }: Estimate, end: string): string {
  return value === null ? '-' : `${value}${end} ${high <= value ? 'yes' : 'NO'}`
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function rounded(row: Row) {
  const of = (value: Estimate | null) =>
    value && Object.fromEntries(Object.entries(value).map(([key, each]) => [key, Number(each.toPrecision(4))]))
  const holds = (value: number | null) => (value === null ? null : row.measured.high <= value)
  const { name, unit, mark, goal, isRatio } = row
  const measured = of(row.measured)
  return {
    name,
    unit,
    nuages: of(row.ours),
    byHand: of(row.hand),
    ...(isRatio ? { ratio: measured } : {}),
    mark,
    holds: holds(mark),
    goal,
    goalHolds: holds(goal),
  }
}

function surroundings() {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      system: `${process.platform} ${release()}`,
    },
    versions: { nuages: version, node: process.version, v8: process.versions.v8, sqlite: process.versions.sqlite },
  }
}

/** Null outside a repository. */
function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
