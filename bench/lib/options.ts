import { parseArgs } from 'node:util'

/** How a subject is run. */
export interface Options {
  /** Pairs of each line. */
  readonly pairs: number
  /** Milliseconds of each sample, about. */
  readonly sample: number
  /** Lines whose name holds this. */
  readonly only: string
  /** Folder for CPU profiles of our side; null for none. */
  readonly profile: string | null
}

/** Options of the command line. `--quick`: as few pairs as the method allows, shorter samples. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      pairs: { type: 'string' },
      only: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const pairs = values.pairs === undefined ? (values.quick ? 20 : 30) : Number(values.pairs)
  return { pairs, sample: values.quick ? 60 : 120, only: values.only ?? '', profile: values.profile ?? null }
}
