/**
 * Whether a database or schema is of tests that have ended: `nuages_<process>_…`. Others, such as the images of src/testing/images.ts
 * (`nuages_image_…`), are nobody's to drop here: runs that go on use them.
 */
export function isLeft(name: string): boolean {
  const pid = /^nuages_(\d+)_/.exec(name)?.[1]
  if (pid === undefined) return false
  try {
    return !process.kill(Number(pid), 0)
  } catch {
    return true
  }
}
