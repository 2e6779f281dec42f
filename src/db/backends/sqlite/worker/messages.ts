/** What is said between this process and one that has a connection of SQLite. One question at a time, one answer each. */
import type { Compiled } from '../../backend.ts'

/** A statement without its encoders, which are functions. */
export type SentStatement = Pick<Compiled, 'sql' | 'rows' | 'writes' | 'bulk'>

/** What a worker is asked. */
export type Question =
  | { readonly op: 'open'; readonly path: string; readonly driver: unknown; readonly statements: number }
  /** Gives rows, a {@link RunResult}, {@link NamedRows}, or both of the first for a bulk insert. */
  | {
      readonly op: 'rows' | 'run' | 'named' | 'bulk'
      readonly statement: SentStatement
      readonly params: readonly unknown[]
    }
  | { readonly op: 'exec'; readonly sql: string }
  /** Gives rows of a pragma, or its first value. */
  | { readonly op: 'pragma' | 'value'; readonly sql: string }
  /** Gives the number of a cursor. */
  | { readonly op: 'iterate'; readonly statement: SentStatement; readonly params: readonly unknown[] }
  | { readonly op: 'next'; readonly cursor: number; readonly size: number }
  | { readonly op: 'end'; readonly cursor: number }
  /** Every cursor: before a transaction ends. */
  | { readonly op: 'endAll' }
  | { readonly op: 'close' }

/** An error, of the driver or of a function of ours. */
export interface SentError {
  readonly message: string
  readonly code?: string | undefined
  readonly errcode?: number | undefined
  readonly hint?: string | undefined
  readonly status?: number | undefined
}

/** What a worker sends back for a message: a result, or an error. */
export interface Answer {
  readonly result?: unknown
  readonly error?: SentError
  /** Whether the connection is in a transaction now. */
  readonly transaction: boolean
}

/** A statement as it is sent. */
export function sent({ sql, rows, writes, bulk }: Compiled): SentStatement {
  return { sql, rows, writes, bulk }
}
