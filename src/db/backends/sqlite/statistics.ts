/** Standard deviation and variance, of the whole (population) and of a sample. */

interface State {
  count: number
  mean: number
  /** Sum of the squares of differences from the mean (Welford 1962: stable where sums of squares are not). */
  squares: number
}

function aggregate(result: (state: State) => number | null) {
  return {
    start: (): State => ({ count: 0, mean: 0, squares: 0 }),
    step(state: State, value: unknown): State {
      if (value === null) return state
      const number = Number(value)
      const count = state.count + 1
      const delta = number - state.mean
      const mean = state.mean + delta / count
      return { count, mean, squares: state.squares + delta * (number - mean) }
    },
    result,
  }
}

const variance = ({ count, squares }: State): number | null => (count === 0 ? null : squares / count)
const sample = ({ count, squares }: State): number | null => (count < 2 ? null : squares / (count - 1))
const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value))

/** By the name in SQL, after `nuages_`. */
export const statistics = {
  variance: aggregate(variance),
  variance_samp: aggregate(sample),
  stddev: aggregate((state) => root(variance(state))),
  stddev_samp: aggregate((state) => root(sample(state))),
}
