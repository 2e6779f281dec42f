/** Databases that are too old are told so when they are opened, not by a statement that they do not know. */
import { NotSupportedError } from '../errors.ts'

/**
 * @param version its numbers, as the database tells them: `[14, 5]`
 * @throws NotSupportedError db.not-supported for one before `oldest`
 */
export function assertNewEnough(
  name: string,
  version: readonly number[],
  oldest: readonly number[],
  hint = `${name} ${oldest.join('.')} or newer.`,
): void {
  const at = oldest.findIndex((number, i) => (version[i] ?? 0) !== number)
  if (at === -1 || (version[at] ?? 0) > oldest[at]!) return
  throw new NotSupportedError(`The database is ${name} ${version.join('.')}, which is too old.`, {
    code: 'db.not-supported',
    hint,
  })
}
