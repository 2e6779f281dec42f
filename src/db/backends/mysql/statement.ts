/** What the compiler says to the driver beyond what every backend says. */
import type { Compiled } from '../backend.ts'

/** How an insert is sent and what its count means. */
export interface InsertPlan {
  /** `INSERT … VALUES `, one row, and what follows the rows: any number of rows is one statement. */
  readonly head: string
  readonly row: string
  readonly tail: string
  /** `upsert` counts a row that was there too; `ignore` does not. The server counts both in its own way. */
  readonly conflict: 'none' | 'upsert' | 'ignore'
  /** The one column asked for is the identity, which MySQL tells without RETURNING. */
  readonly identity: boolean
}

/** A statement of this backend. */
export interface MysqlStatement extends Compiled {
  readonly insert?: InsertPlan
  /** A column whose old value is read beside its new one: in whichever order MySQL assigns, somebody reads the new one. */
  readonly stuck?: string
}
