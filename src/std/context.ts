import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * A value that follows the asynchronous flow (the request, its language, the open transaction).
 * Make one with {@link contextKey}; read it with {@link current}; bind it with {@link runWith}.
 */
export interface ContextKey<T> {
  readonly name: string
  readonly fallback: T
}

interface Frame {
  readonly key: ContextKey<unknown>
  value: unknown
  readonly parent: Frame | undefined
}

const storage = new AsyncLocalStorage<Frame>()

/** Declares a context value. `fallback` is what {@link current} gives where nothing was bound. */
export function contextKey<T>(name: string, fallback: T): ContextKey<T> {
  return { name, fallback }
}

function find(key: ContextKey<unknown>): Frame | undefined {
  let frame = storage.getStore()
  while (frame !== undefined && frame.key !== key) frame = frame.parent
  return frame
}

/** The value bound closest to the caller, or the key's fallback. */
export function current<T>(key: ContextKey<T>): T {
  const frame = find(key)
  return frame === undefined ? key.fallback : (frame.value as T) // bound by runWith under the same key
}

/** Runs `fn` with `value` bound; everything it awaits or starts sees it, nothing outside does. */
export function runWith<T, R>(key: ContextKey<T>, value: T, fn: () => R): R {
  return storage.run({ key, value, parent: storage.getStore() }, fn)
}

/**
 * Replaces the value in the closest binding, as `activate(language)` does within a request.
 * Gives false, and changes nothing, where the key is not bound.
 */
export function setCurrent<T>(key: ContextKey<T>, value: T): boolean {
  const frame = find(key)
  if (frame === undefined) return false
  frame.value = value
  return true
}

/** Runs `fn` outside every binding: for work that must outlive its caller, such as a supervisor's timer. */
export function runOutside<R>(fn: () => R): R {
  return storage.exit(fn)
}
