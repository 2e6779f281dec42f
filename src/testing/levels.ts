/** Tests and groups of tests that are running, one inside another. */
import { allOf } from './all.ts'
import { TestingError } from './errors.ts'
import type { RunningTest } from './runner.ts'

type Step = () => unknown

interface Level {
  /** Null for a group. */
  readonly test: RunningTest | null
  readonly undo: readonly Step[]
}

export class Levels {
  readonly #stack: Level[] = []

  /**
   * Enters a level; gives the function that leaves it, and any left open inside it.
   * @param undo   gives steps, all of them taken whatever one throws; called before anything changes
   * @throws TestingError testing.concurrent-tests
   */
  async enter(test: RunningTest | null, undo: () => readonly Step[]): Promise<() => Promise<void>> {
    // Nothing is awaited between the look and the entry: another test may be at this point, too.
    while (this.#isForgotten(test)) await this.#leave(this.#stack.findIndex((level) => level.test !== null))
    const level: Level = { test, undo: undo() }
    this.#stack.push(level)
    return async () => {
      const at = this.#stack.indexOf(level)
      if (at !== -1) await this.#leave(at)
    }
  }

  #leave(from: number): Promise<void> {
    const levels = this.#stack.splice(from).reverse()
    return allOf(levels.flatMap(({ undo }) => undo))
  }

  /** Whether the last test has ended, and its runner did not tell: one that tells no names either. */
  #isForgotten(test: RunningTest | null): boolean {
    const other = this.#stack.at(-1)?.test
    if (!other || test?.isInside(other)) return false
    if (other.name === null) return true
    const begun = test === null ? 'A group of tests' : `"${test.name}"`
    throw new TestingError(`${begun} began while "${other.name}" was running.`, {
      code: 'testing.concurrent-tests',
      hint: 'The tests of a file share its database and run one after another: take `concurrent` off. Files run side by side.',
    })
  }
}
