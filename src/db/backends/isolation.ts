/** How much transactions see of each other. */
import { ConfigurationError } from '../../std/errors.ts'
import type { Isolation } from './backend.ts'

/** From least to most. */
export const ISOLATIONS: readonly Isolation[] = [
  'read uncommitted',
  'read committed',
  'repeatable read',
  'serializable',
]

/** Against text that is no level: it becomes part of a statement. @throws ConfigurationError db.invalid-option */
export function assertIsolation(isolation: Isolation): void {
  if (ISOLATIONS.includes(isolation)) return
  throw new ConfigurationError(`${JSON.stringify(isolation)} is no isolation of transactions.`, {
    code: 'db.invalid-option',
    hint: `One of: ${ISOLATIONS.join(', ')}.`,
  })
}
