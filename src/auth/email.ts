/** E-mail addresses that people sign in with: how they are kept, and what counts as the same one. */
import { email, type Field } from '../db/index.ts'
import { Descriptor } from '../db/internal.ts'
import { tLazy } from '../i18n/index.ts'

/** Letters whose lower case is another person's letter: the Kelvin sign would become k, the dotted İ an i. */
const KEPT = /[^\u0130\u212a]+/g

/**
 * An address as it is kept and compared: without spaces around it, in lower case, so that two accounts cannot differ by
 * case alone. Letters that merely look alike stay apart: `mıke@example.org` is not `mike@example.org`.
 */
export function normalizeEmail(address: string): string {
  return address.trim().replace(KEPT, (part) => part.toLowerCase())
}

/** A unique address that is normalized however it is written: `create()`, `update()`, forms. */
export function signInEmail(): Field<string, false, 'text', false> {
  const declared: unknown = email({ unique: true, verboseName: tLazy('email address') })
  const { type, options } = declared as Descriptor // what every builder gives at run time
  const coerce = (value: unknown) => (typeof value === 'string' ? normalizeEmail(value) : value)
  return new Descriptor(
    { ...type!, coerce, parse: (input, field) => coerce(type!.parse(input, field)) },
    options,
  ) as unknown as Field<string, false, 'text', false> // the compiler's view of the same field
}
