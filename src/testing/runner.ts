/** What a test runner has to offer, and where hooks go in it. */
import { TestingError } from './errors.ts'

type Hook = (context?: object) => Promise<void>

/**
 * Hooks of a test runner: `node:test` has `before` and `after`, vitest and others `beforeAll` and `afterAll`. Pass the
 * module itself: `import * as runner from 'node:test'`.
 */
export interface TestRunner {
  readonly before?: (fn: Hook) => unknown
  readonly after?: (fn: Hook) => unknown
  readonly beforeAll?: (fn: Hook, timeout?: number) => unknown
  readonly afterAll?: (fn: Hook) => unknown
  readonly beforeEach: (fn: Hook) => unknown
  readonly afterEach: (fn: Hook) => unknown
}

/** Milliseconds for what runs once. */
const START_TIMEOUT = 60_000

/** What happens once, around the tests of a file or a group. */
export interface Around {
  begin(): Promise<void>
  end(): Promise<void>
}

/** @throws TestingError testing.no-hooks */
export function aroundAll(runner: TestRunner, { begin, end }: Around): void {
  if (runner.beforeAll && runner.afterAll) {
    runner.beforeAll(() => begin(), START_TIMEOUT)
    runner.afterAll(() => end())
  } else if (runner.before && runner.after) {
    runner.before(() => begin())
    runner.after(() => end())
  } else
    throw new TestingError('The test runner has neither beforeAll and afterAll nor before and after.', {
      code: 'testing.no-hooks',
      hint: "Pass the module itself: `import * as runner from 'node:test'`, or from 'vitest'.",
    })
}

/** What runners tell a hook about its test: `node:test` and vitest, each its own. */
interface TestContext {
  /** node:test: names of the test and those around it, joined. */
  readonly fullName?: string
  /** vitest. */
  readonly task?: { readonly name?: string }
  /** node:test: runs after every afterEach, whatever failed. */
  readonly after?: (fn: () => Promise<void>) => void
  /** vitest: as above. */
  readonly onTestFinished?: (fn: () => Promise<void>) => void
}

/** One test, as far as its runner says. */
export interface RunningTest {
  readonly name: string | null
  /** A test that another one started with `t.test()`. */
  isInside(other: RunningTest): boolean
}

/**
 * Calls `begin` before each test, and what it is given to register after it: after every `afterEach` of others, also
 * of those that fail, where the runner has a place for that.
 */
export function aroundEach(
  runner: TestRunner,
  begin: (test: RunningTest, atEnd: (end: Around['end']) => void) => Promise<void>,
): void {
  const ends: Around['end'][] = []
  // A default value, so that the function has no parameters: some runners take one for a callback.
  runner.beforeEach(async (given = {}) => {
    const context: TestContext = given
    const later = context.after ?? context.onTestFinished
    await begin(described(context), (end) => (later ? later.call(context, end) : ends.push(end)))
  })
  runner.afterEach(async () => ends.pop()?.())
}

function described({ fullName, task }: TestContext): RunningTest {
  const name = fullName ?? task?.name ?? null
  return {
    name,
    isInside: (other) => fullName !== undefined && other.name !== null && fullName.startsWith(`${other.name} > `),
  }
}
