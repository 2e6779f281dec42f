/** What one rendering carries along. */
import { HTML, SafeString } from '../../std/html.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../nodes.ts'

/**
 * Thrown by the synchronous variant of a template when it meets a value that must be awaited: the template is then
 * rendered again by its asynchronous variant, and from the start by that one next time.
 */
export const NEEDS_ASYNC: unique symbol = Symbol('needs async')

/** The state of rendering one template: an include makes its own, as `{% cycle %}` starts anew there. */
export class RenderState {
  readonly engine: Engine
  /** The request being answered, whatever was passed to render; null outside requests. */
  readonly request: unknown
  /** The outermost context: for tags that need its values. */
  readonly root: Scope
  /** Whether numbers and dates are written as the language does. */
  localize: boolean
  /** Results of what was awaited, so that a query set used twice runs once; those of the outermost count. */
  private results: Map<object, unknown> | null = null
  private readonly outermost: RenderState
  /** State of tags such as `{% cycle %}`, by their own key. */
  slots: Map<unknown, unknown> | null = null
  /** How many includes deep. */
  readonly depth: number

  constructor(engine: Engine, request: unknown, root: Scope, parent: RenderState | null) {
    this.engine = engine
    this.request = request
    this.root = root
    this.localize = parent === null ? engine.localize : parent.localize
    this.outermost = parent === null ? this : parent.outermost
    this.depth = parent === null ? 0 : parent.depth + 1
  }

  /** What awaited objects gave, by object. */
  get settled(): Map<object, unknown> {
    const { outermost } = this
    outermost.results ??= new Map()
    return outermost.results
  }

  /** Reads what a tag kept under `key`. */
  slot<T>(key: unknown): T | undefined {
    return this.slots?.get(key) as T | undefined // only the tag that made the key uses it
  }

  /** Keeps something for a tag until this template is rendered. */
  setSlot(key: unknown, value: unknown): void {
    if (this.slots === null) this.slots = new Map()
    this.slots.set(key, value)
  }
}

/** Whether a value must be awaited. HTML never is. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Whether a value can only be read with `for await`. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function' &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function'
  )
}

/** Marks a promise that may never be read as seen: its failure must not end the process. Gives the value back. */
export function held<T>(value: T): T {
  if (value instanceof Promise) value.catch(() => {})
  return value
}

/** Gives a value back, unless it must be awaited. @throws NEEDS_ASYNC */
export function ready<T>(value: T): T {
  if (!isThenable(value)) return value
  held(value)
  throw NEEDS_ASYNC
}

/** Awaits a value, once per rendering. What it gives may be a promise again only if a thenable is broken. */
export async function settle(value: unknown, state: RenderState): Promise<unknown> {
  if (!isThenable(value)) return value
  const key = value as object // thenables are objects
  if (state.settled.has(key)) return state.settled.get(key)
  const result = await value
  state.settled.set(key, result)
  return result
}

/** `markSafe` for text known to be HTML, without the check. */
export function safe(text: string): SafeString {
  return new SafeString(text)
}

/** The HTML of a value that has some, or null. */
export function htmlOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const method = (value as { [HTML]?: unknown })[HTML]
  return typeof method === 'function' ? String(method.call(value)) : null
}
