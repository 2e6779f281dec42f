/** Language tags and time zone names, read from input that is not trusted. */
import { I18nError } from './errors.ts'

// Linear, and short by construction: a tag of 100,000 characters is refused before anything remembers it
// (CVE-2024-39614, CVE-2023-23969).
const TAG = /^[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,4}$/
const MAX_TAG = 35
const MAX_ZONE = 64

/**
 * A language tag in its usual spelling: `fr_ca` → `fr-CA`, `ZH-hant` → `zh-Hant`.
 * @throws I18nError i18n.bad-language
 */
export function readLanguage(tag: string): string {
  const text = typeof tag === 'string' && tag.length <= MAX_TAG ? tag.replaceAll('_', '-') : ''
  if (!TAG.test(text)) {
    throw new I18nError(`${quote(tag)} is not a language tag.`, {
      code: 'i18n.bad-language',
      hint: 'Write it as in "en", "fr-CA" or "zh-Hant".',
      status: 400,
    })
  }
  return text
    .split('-')
    .map((part, i) =>
      i === 0
        ? part.toLowerCase()
        : part.length === 2
          ? part.toUpperCase()
          : part.length === 4
            ? part[0]!.toUpperCase() + part.slice(1).toLowerCase()
            : part.toLowerCase(),
    )
    .join('-')
}

/** `fr-CA` → `['fr-CA', 'fr']`: where a message is looked for, in order. */
export function fallbacks(tag: string): string[] {
  const chain = [tag]
  for (let end = tag.lastIndexOf('-'); end > 0; end = tag.lastIndexOf('-', end - 1)) chain.push(tag.slice(0, end))
  return chain
}

const known = new Set<string>(['UTC'])

/**
 * An IANA time zone name that this runtime knows.
 * @throws I18nError i18n.unknown-time-zone
 */
export function readTimeZone(zone: string): string {
  if (known.has(zone)) return zone
  try {
    if (typeof zone !== 'string' || zone === '' || zone.length > MAX_ZONE) throw new RangeError('length')
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch (cause) {
    throw new I18nError(`${quote(zone)} is not a time zone.`, {
      code: 'i18n.unknown-time-zone',
      hint: 'Use an IANA name such as "Europe/Paris" or "UTC".',
      status: 400,
      cause,
    })
  }
  if (known.size < 1000) known.add(zone) // names are few, but their spellings in mixed case are not
  return zone
}

function quote(value: unknown): string {
  const text = String(value)
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
