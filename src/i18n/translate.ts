/** Every string that a user sees goes through here. */
import { lookup } from './catalogs.ts'
import { language } from './current.ts'

/** Values of the `{name}` placeholders. */
export type Params = Readonly<Record<string, unknown>>

/**
 * A message in the current language, its placeholders filled: `t('Hello {name}', { name })`.
 * Looked up as written, in the language, then without its region, then the message itself (the source is English).
 * `'context\u0004message'` tells two equal messages apart. A placeholder without a value stays as it is.
 * The values are not escaped: templates do that afterwards.
 */
export function t(message: string, params?: Params): string {
  const tag = language()
  const found = lookup(tag, message)?.text
  const text = found === undefined ? untranslated(message, tag) : typeof found === 'string' ? found : found[0]!
  return params === undefined ? text : fill(text, params)
}

/**
 * A message that depends on a count: `tn('{n} book', '{n} books', books.length)`. `{n}` is the count.
 * Catalogs hold the forms under the singular message.
 */
export function tn(singular: string, plural: string, n: number, params?: Params): string {
  const tag = language()
  const found = lookup(tag, singular)
  const text =
    found === undefined
      ? untranslated(n === 1 ? singular : plural, tag)
      : typeof found.text === 'string'
        ? found.text
        : found.text[Math.min(Math.max(found.plural(n), 0), found.text.length - 1)]!
  return fill(text, params === undefined ? { n } : { n, ...params })
}

/** Text translated when it is printed, not when it is made. Made by {@link tLazy}. */
export class LazyText {
  readonly message: string
  readonly params: Params | undefined

  constructor(message: string, params: Params | undefined) {
    this.message = message
    this.params = params
  }

  toString(): string {
    return t(this.message, this.params)
  }

  toJSON(): string {
    return this.toString()
  }
}

/** For labels written at module level, where no request and so no language is known: translated each time it is printed. */
export function tLazy(message: string, params?: Params): LazyText {
  return new LazyText(message, params)
}

/**
 * CLDR's pseudo-language. In it every message stands in brackets: with `language: 'en-XA'` a text without them is one that
 * nobody can translate.
 */
const PSEUDO = 'en-XA'

function untranslated(message: string, tag: string): string {
  const end = message.indexOf('\u0004')
  const text = end === -1 ? message : message.slice(end + 1)
  return tag === PSEUDO ? `⟦${text}⟧` : text
}

const PLACEHOLDER = /\{([A-Za-z_]\w*)\}/g

function fill(text: string, params: Params): string {
  // Own keys only: `{constructor}` in a message is text.
  return text.includes('{')
    ? text.replace(PLACEHOLDER, (whole, name: string) => (Object.hasOwn(params, name) ? String(params[name]) : whole))
    : text
}
