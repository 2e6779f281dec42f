/** The method of every ratio: interleaved pairs, their median, and an interval that holds whatever the distribution. */

/** One side of a comparison: does its work once and gives what it cost, microseconds an operation. */
export type Side = () => number | Promise<number>

/** Costs of both sides in turns; index by index they belong together. */
export interface Samples {
  readonly ours: readonly number[]
  readonly hand: readonly number[]
}

/** A number with its 95 % interval. */
export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
}

/**
 * Measures both sides `count` times, in turns; every other pair in the opposite order, so that what grows (heat, other
 * people's work) falls on both.
 */
export async function interleave(ours: Side, hand: Side, count: number): Promise<Samples> {
  const samples = { ours: [] as number[], hand: [] as number[] }
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) samples.ours.push(await ours())
    samples.hand.push(await hand())
    if (i % 2 === 1) samples.ours.push(await ours())
  }
  return samples
}

/** The median of the pairs' ratios. */
export function ratio({ ours, hand }: Samples): Estimate {
  return estimate(ours.map((cost, i) => cost / hand[i]!))
}

/** The median with its interval by order statistics: the k-th from either end, by the binomial distribution. */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b)
  const k = rank(sorted.length)
  return { median: median(sorted), low: sorted[k]!, high: sorted[sorted.length - 1 - k]! }
}

function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** How many of `n` values may lie outside the interval at each end, so that it holds the true median 95 times of 100. */
function rank(n: number): number {
  let probability = 0.5 ** n
  let below = probability
  let k = 0
  while (below <= 0.025 && k < n / 2) {
    probability *= (n - k) / (k + 1)
    below += probability
    k++
  }
  return Math.max(0, k - 1)
}

/**
 * CPU microseconds an operation of work in this process, garbage collection included. Awaits what each operation gives,
 * on both sides alike.
 */
export async function cpuOf(work: (i: number) => unknown, times: number): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) await work(i)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

/** How often to repeat an operation for a sample of about `milliseconds`; runs it meanwhile, which warms it up. */
export async function timesFor(work: (i: number) => unknown, milliseconds: number): Promise<number> {
  let times = 1
  for (;;) {
    const start = performance.now()
    for (let i = 0; i < times; i++) await work(i)
    const took = performance.now() - start
    if (took >= milliseconds / 2) return Math.max(1, Math.round((times * milliseconds) / took))
    times *= 2
  }
}
