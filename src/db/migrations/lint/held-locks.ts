/** Locks that a migration in one transaction has taken, and keeps until it is committed. */
import type { Operation } from '../operations/operation.ts'
import type { Blocks, Fact } from './facts.ts'

/** From the weakest. */
const BLOCKS: readonly Blocks[] = ['nothing', 'writes', 'everything']
const isStronger = (a: Blocks, b: Blocks): boolean => BLOCKS.indexOf(a) > BLOCKS.indexOf(b)

interface Held {
  readonly table: string
  readonly lock: string
  readonly blocks: Blocks
  /** What took it. */
  readonly operation: Operation
}

/** The strongest of each table. */
export class HeldLocks {
  readonly #isKept: boolean
  readonly #locks = new Map<string, Held>()
  readonly #told = new Set<string>()

  /** @param isKept   whether they are: else each change gives back what it took */
  constructor(isKept: boolean) {
    this.#isKept = isKept
  }

  /** What a change does under the lock that is there already: where that is stronger, it stops more. */
  under(table: string, fact: Fact): Fact {
    const before = this.#locks.get(table)
    if (before === undefined || !isStronger(before.blocks, fact.blocks)) return fact
    return { ...fact, lock: before.lock, blocks: before.blocks }
  }

  keep(table: string, { lock, blocks }: Pick<Fact, 'lock' | 'blocks'>, operation: Operation): void {
    const before = this.#locks.get(table)
    if (!this.#isKept || blocks === 'nothing' || (before && !isStronger(blocks, before.blocks))) return
    this.#locks.set(table, { table, lock, blocks, operation })
  }

  /** Those that operations before took on other tables; each once. */
  others(now: Operation, but: readonly string[]): Held[] {
    const found = [...this.#locks.values()].filter(
      ({ table, operation }) => operation !== now && !but.includes(table) && !this.#told.has(table),
    )
    for (const { table } of found) this.#told.add(table)
    return found
  }
}
