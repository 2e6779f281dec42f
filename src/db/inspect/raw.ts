/** SQL of a database as code. */
import type { Source } from '../migrations/source.ts'

/** sql`…` of a text that a database gave: nothing in it ends the template, or is code of it. */
export function rawSql(text: string): Source {
  return { text: `sql\`${text.replace(/[\\`]|\$(?=\{)/g, '\\$&').replaceAll('\r', '\\r')}\`` }
}
