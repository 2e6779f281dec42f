import { parseArgs } from 'node:util'

/** Options of a `nuages dev` that needs no library to be understood. */
export interface DevWords {
  readonly host: string | undefined
  readonly port: number | undefined
}

/**
 * Reads `nuages dev [--host A] [--port N] [--settings F] [--trace] [--no-color]`; null for every other command line,
 * wrong ones too, which the parser of all commands then explains. The supervisor stays in memory as long as one
 * works: reading its usual line here keeps the parser (8 MB) out of it.
 */
export function readDevWords(argv: readonly string[]): DevWords | null {
  if (argv[0] !== 'dev') return null
  try {
    const { values } = parseArgs({
      args: argv.slice(1),
      options: {
        host: { type: 'string' },
        port: { type: 'string', short: 'p' },
        settings: { type: 'string' },
        trace: { type: 'boolean' },
        'no-color': { type: 'boolean' },
      },
    })
    if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) return null
    return { host: values.host, port: values.port === undefined ? undefined : Number(values.port) }
  } catch {
    return null
  }
}
