/** Language tags and time zone names, read from input that is not trusted. */
import { isLanguageTag, isTimeZone } from '../std/locale.ts'
import { I18nError } from './errors.ts'

/**
 * A language tag in its usual spelling: `fr_ca` → `fr-CA`, `ZH-hant` → `zh-Hant`.
 * @throws I18nError i18n.bad-language
 */
export function readLanguage(tag: string): string {
  const text = typeof tag === 'string' ? tag.slice(0, 100).replaceAll('_', '-') : tag
  if (!isLanguageTag(text)) {
    throw new I18nError(`${quote(tag)} is not a language tag.`, {
      code: 'i18n.bad-language',
      hint: 'Write it as in "en", "fr-CA" or "zh-Hant".',
      status: 400,
    })
  }
  const [language, ...rest] = text.toLowerCase().split('-') as [string, ...string[]]
  return [language, ...rest.map(spellSubtag)].join('-')
}

/** Regions (two letters) are written `CA`, scripts (four) `Hant`, the rest in lower case. */
function spellSubtag(part: string): string {
  if (part.length === 2) return part.toUpperCase()
  return part.length === 4 ? part[0]!.toUpperCase() + part.slice(1) : part
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
  if (!isTimeZone(zone)) {
    throw new I18nError(`${quote(zone)} is not a time zone.`, {
      code: 'i18n.unknown-time-zone',
      hint: 'Use an IANA name such as "Europe/Paris" or "UTC".',
      status: 400,
    })
  }
  if (known.size < 1000) known.add(zone) // names are few, but their spellings in mixed case are not
  return zone
}

function quote(value: unknown): string {
  const text = String(value)
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
