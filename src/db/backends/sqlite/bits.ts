/** Aggregates over the bits of integers, and joined texts of different values, which SQLite lacks. */

function bits(join: (all: bigint, value: bigint) => bigint) {
  return {
    start: (): { all: bigint | null } => ({ all: null }),
    step(state: { all: bigint | null }, value: unknown): { all: bigint | null } {
      if (value === null) return state
      const own = BigInt(value as bigint) // given as bigints
      return { all: state.all === null ? own : join(state.all, own) }
    },
    result: ({ all }: { all: bigint | null }): bigint | null => all,
  }
}

/** By the name in SQL, after `nuages_`. */
export const bitAggregates = {
  bit_and: bits((all, value) => all & value),
  bit_or: bits((all, value) => all | value),
  bit_xor: bits((all, value) => all ^ value),
}

/** The texts of a JSON list joined, nulls left out; null where there is none. */
export function joinTexts(list: unknown, delimiter: unknown): string | null {
  if (list === null || delimiter === null) return null
  const texts = (JSON.parse(String(list)) as unknown[]).filter((text) => text !== null) // json_group_array gives a list
  return texts.length === 0 ? null : texts.join(String(delimiter))
}
