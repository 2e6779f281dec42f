/** What compiles, and what must not, of the isolation of blocks. */
import { atomic, type Isolation } from 'nuages/db'

const level: Isolation = 'serializable'
export const kept: Promise<number> = atomic(() => 5, { isolation: level, retries: 3 })
// @ts-expect-error "snapshot" is no level
export const wrong = atomic(() => 5, { isolation: 'snapshot' })
