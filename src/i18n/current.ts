/** The language and time zone of the moment: bound to the async flow, with the project's own as fallback. */
import { contextKey, current, runWith, setCurrent } from '../std/context.ts'
import { readLanguage, readTimeZone } from './tags.ts'

/** What {@link configureI18n} takes. */
export interface I18nOptions {
  /** The project's language; default `en`, the language of the source. */
  readonly language?: string
  /** The project's time zone, an IANA name; default `UTC`. */
  readonly timeZone?: string
}

const projectDefaults = { language: 'en', timeZone: 'UTC' }
// null: not chosen in this flow, so the project's own.
const languageKey = contextKey<string | null>('language', null)
const timeZoneKey = contextKey<string | null>('time zone', null)

/**
 * Sets the project's language and time zone. Called once at start; what is left out stays as it is.
 * @throws I18nError i18n.bad-language, i18n.unknown-time-zone
 */
export function configureI18n(options: I18nOptions): void {
  const next = {
    language: options.language === undefined ? projectDefaults.language : readLanguage(options.language),
    timeZone: options.timeZone === undefined ? projectDefaults.timeZone : readTimeZone(options.timeZone),
  }
  Object.assign(projectDefaults, next)
}

/** The language in use here and now: `en`, `fr-CA`. */
export function language(): string {
  return current(languageKey) ?? projectDefaults.language
}

/** The time zone in use here and now: `UTC`, `Europe/Paris`. */
export function timeZone(): string {
  return current(timeZoneKey) ?? projectDefaults.timeZone
}

/**
 * Runs `fn` in a language; all that it awaits too.
 * @throws I18nError i18n.bad-language when the tag is none
 */
export function withLanguage<R>(tag: string, fn: () => R): R {
  return runWith(languageKey, readLanguage(tag), fn)
}

/**
 * Runs `fn` in a time zone; all that it awaits too.
 * @throws I18nError i18n.unknown-time-zone
 */
export function withTimeZone<R>(zone: string, fn: () => R): R {
  return runWith(timeZoneKey, readTimeZone(zone), fn)
}

/** Changes the language of the closest {@link withLanguage}: for a view that learns it late. False outside any. */
export function setLanguage(tag: string): boolean {
  return setCurrent(languageKey, readLanguage(tag))
}

/** Changes the time zone of the closest {@link withTimeZone}: once the user is known. False outside any. */
export function setTimeZone(zone: string): boolean {
  return setCurrent(timeZoneKey, readTimeZone(zone))
}
