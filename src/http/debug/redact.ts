/** What must not be on a page that may be sent to a colleague, or be photographed at a talk. */

export const HIDDEN = '••••••'

/** Headers, fields and parameters whose value would let a reader act as the visitor, or know what is theirs alone. */
const SECRET =
  /^(?:cookie|set-cookie|authorization|proxy-authorization|pin|otp|cvc|cvv|iban|ssn)$|token|secret|api-?_?key|private-?_?key|passw|passphrase|credential|session|signature|card-?_?number/i
const PASSWORD = /passw|passphrase/i

/** True for names of what is not shown. */
export function isSecret(name: string): boolean {
  return SECRET.test(name)
}

/** The value, or dots where its name says that it is secret. */
export function redact(name: string, value: string): string {
  return isSecret(name) && value !== '' ? HIDDEN : value
}

/** Path and query, without the values of what looks secret. */
export function redactTarget(target: string): string {
  return target.replace(
    /([?&])([^=&?]*)=([^&]*)/g,
    (_, sign: string, name: string, value: string) => `${sign}${name}=${redact(name, value)}`,
  )
}

/**
 * A form's fields. Beside a password nothing is shown: people type it into the field above, and an address with a
 * password tells half of an account.
 */
export function redactForm(fields: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  const all = [...fields]
  const hasPassword = all.some(([name]) => PASSWORD.test(name))
  return all.map(([name, value]) => [name, hasPassword && value !== '' ? HIDDEN : redact(name, value)] as const)
}
