/** Runs every step, whatever those before it threw; then throws that, several as one AggregateError. */
export async function allOf(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 1 && errors.every((error) => error instanceof Error))
    throw new AggregateError(errors, errors.map((error) => error.message).join('\n'))
  if (errors.length > 0) throw errors[0]
}
