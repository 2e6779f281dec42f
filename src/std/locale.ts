/** What a language tag and a time zone look like. Linear patterns and short caps: both come from headers too. */

const TAG = /^[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,4}$/
const MAX_TAG = 35
const MAX_ZONE = 64

/** True for tags such as `en`, `fr-CA`, `zh-Hant`; at most 35 characters (CVE-2024-39614, CVE-2023-23969). */
export function isLanguageTag(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TAG && TAG.test(value)
}

/** True for IANA names and offsets that this runtime knows: `Europe/Paris`, `UTC`, `+02:00`. */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ZONE) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}
