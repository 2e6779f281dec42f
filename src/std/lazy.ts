/**
 * A value made at first use and kept: `const parser = lazy(() => new Parser())`, then `parser()`.
 * When `make` throws, nothing is kept and the next call tries again.
 */
export function lazy<T>(make: () => T): () => T {
  let made = false
  let value: T
  return () => {
    if (!made) {
      value = make()
      made = true
    }
    return value
  }
}
