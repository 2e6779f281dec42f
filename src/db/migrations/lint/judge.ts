/** What a change does, of this table: where the table of facts alone does not tell. */
import type { Backend } from '../../backends/backend.ts'
import { changeTables } from '../schema.ts'
import type { ProjectState } from '../state.ts'
import type { TableChange } from '../table-changes.ts'
import type { Found } from './changes.ts'
import { BESIDE, FACTS, type Fact, ONE_ALTER, REBUILD } from './facts.ts'

/** @param rebuilt   SQLite: whether the statements make the table anew */
export function factOf(vendor: keyof typeof FACTS, { change, heavy }: Found, rebuilt: boolean): Fact {
  const fact = FACTS[vendor][change]
  if (vendor === 'mysql') return (heavy && BESIDE[heavy][change]) ?? fact
  if (vendor !== 'sqlite') return fact
  if (rebuilt) return REBUILD
  if (fact.work !== 'writes rows') return fact
  return change === 'addUnique' ? FACTS.sqlite.addIndex : ONE_ALTER
}

/** The tables that SQLite makes anew for a change. */
export async function rebuiltBy(
  backend: Backend,
  from: ProjectState,
  to: ProjectState,
  change: TableChange,
): Promise<string[]> {
  const { schema } = backend
  if (schema.rebuiltAt === undefined) return []
  const { statements } = await changeTables(backend, from, to, change, {})
  return statements.flatMap((_, i) => schema.rebuiltAt!(statements, i) ?? [])
}
