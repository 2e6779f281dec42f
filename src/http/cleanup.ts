/** Runs one cleanup, later; a failure is printed, as nobody waits for it. */
export function runCleanup(cleanup: () => void | Promise<void>): void {
  Promise.resolve()
    .then(cleanup)
    .catch((error: unknown) => console.error('Cleaning up after a request failed:', error))
}
