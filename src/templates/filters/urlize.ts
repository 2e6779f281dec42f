/** urlize, urlizetrunc: addresses in text become links. After `django.utils.html.Urlizer` of Django 5.2. */
import { escapeHtml } from '../../std/html.ts'
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import { safe } from '../runtime/state.ts'
import { toInteger } from './arguments.ts'
import { urlQuote } from './text.ts'

/** Longer words are no addresses (CVE-2024-38875, CVE-2024-39614 and their kin). */
const MAX_URL = 2048
/** Entities are read only in the end of a word that is this long. */
const TRAILING = '.,:;!'
const SIMPLE = /^https?:\/\/\[?[\p{L}\p{N}_]/iu
const WITHOUT_SCHEME = /^www\.|^(?!http)[\p{L}\p{N}_][^@]+\.(?:com|edu|gov|int|mil|net|org)(?:$|\/.*$)/isu

export interface UrlizeOptions {
  /** Longest text of a link; what is longer ends in `…`. */
  readonly limit?: number | null
  readonly nofollow?: boolean
  /** Whether the text around is escaped; what is safe already is not. */
  readonly autoescape?: boolean
  readonly safeInput?: boolean
}

/** `text` with links. Each word is handled on its own, in time linear in its length. */
export function urlize(text: string, options: UrlizeOptions = {}): string {
  let out = ''
  for (const word of text.split(/([\s<>"']+)/u)) out += linked(word, options)
  return out
}

function linked(word: string, options: UrlizeOptions): string {
  const escapes = options.autoescape === true && options.safeInput !== true
  const plain = escapes ? escapeHtml(word) : word
  if (!/[.@:]/.test(word)) return plain
  const { lead, middle, trail } = trimPunctuation(word)
  const href = middle.length > MAX_URL ? null : hrefOf(middle)
  if (href === null) return plain
  const attributes = options.nofollow === true && !href.startsWith('mailto:') ? ' rel="nofollow"' : ''
  const shown = shorten(middle, options.limit ?? null)
  const keep = (part: string): string => (escapes ? escapeHtml(part) : part)
  return `${keep(lead)}<a href="${escapeHtml(href)}"${attributes}>${keep(shown)}</a>${keep(trail)}`
}

function hrefOf(text: string): string | null {
  if (SIMPLE.test(text)) return smartUrlQuote(unescapeHtml(text))
  if (WITHOUT_SCHEME.test(text)) return smartUrlQuote(`http://${unescapeHtml(text)}`)
  if (text.includes(':') || !isEmail(text)) return null
  const at = text.lastIndexOf('@')
  return `mailto:${urlQuote(text.slice(0, at), '')}@${urlQuote(text.slice(at + 1), '')}`
}

function isEmail(text: string): boolean {
  const parts = text.split('@', 3)
  const [local, domain] = parts
  return parts.length === 2 && local !== '' && domain!.length <= 63 && domain!.includes('.') && !domain!.startsWith('.')
}

function shorten(text: string, limit: number | null): string {
  const chars = limit === null || text.length <= limit ? null : Array.from(text)
  return chars === null || chars.length <= limit! ? text : `${chars.slice(0, Math.max(0, limit! - 1)).join('')}…`
}

interface Trimmed {
  readonly lead: string
  readonly middle: string
  readonly trail: string
}

/**
 * Takes brackets around a word and punctuation after it off. Two offsets move inwards and brackets are counted once,
 * where Django's first version counted anew after each (CVE-2024-38875).
 */
function trimPunctuation(word: string): Trimmed {
  let start = 0
  let end = word.length
  const counts: Record<string, number> = { '(': 0, ')': 0, '[': 0, ']': 0 }
  for (const char of word) if (char in counts) counts[char]!++
  const drop = (char: string): void => {
    if (char in counts) counts[char]!--
  }
  for (let moved = true; moved && start < end; ) {
    moved = false
    for (const [opening, closing] of BRACKETS) {
      if (word[start] === opening && start < end) {
        drop(opening)
        start++
        moved = true
      }
      if (end > start && word[end - 1] === closing && counts[closing] === counts[opening]! + 1) {
        drop(closing)
        end--
        moved = true
      }
    }
    // The semicolon of an entity is no punctuation.
    while (
      end > start &&
      TRAILING.includes(word[end - 1]!) &&
      !(word[end - 1] === ';' && endsWithEntity(word, start, end))
    ) {
      end--
      moved = true
    }
  }
  return { lead: word.slice(0, start), middle: word.slice(start, end), trail: word.slice(end) }
}

const BRACKETS = [
  ['(', ')'],
  ['[', ']'],
] as const

/** Whether `&name;` ends at `end`. Looks back 32 characters at most. */
function endsWithEntity(word: string, start: number, end: number): boolean {
  return /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,24});$/.test(
    word.slice(Math.max(start, end - 32), end),
  )
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  hellip: '…',
  ndash: '–',
  mdash: '—',
}

/** Reads the entities that occur in addresses: numbers, and the usual names. */
function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(NAMED, name) ? NAMED[name]! : whole
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
      return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0 ? '\ufffd' : String.fromCodePoint(code)
    },
  )
}

const RESERVED = "!*'();:@&=+$,/?#[]~"

/** Quotes what needs it, without quoting twice. */
function smartUrlQuote(url: string): string {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url)
  if (match === null) return requote(url)
  const [, scheme, host, path, query, fragment] = match
  const bracketed = host !== undefined && host.includes('[') !== host.includes(']')
  if (bracketed) return requote(url)
  let out = `${scheme!.toLowerCase()}:`
  if (host !== undefined) out += `//${requote(host)}`
  out += requote(path!)
  if (query !== undefined && query !== '') out += `?${requoteQuery(query)}`
  if (fragment !== undefined && fragment !== '') out += `#${requote(fragment)}`
  return out
}

function requote(part: string): string {
  return urlQuote(unquote(part), RESERVED)
}

/** Names and values one by one, so that a quoted `&` does not become a separator. */
function requoteQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return `${quotePlus(name)}=${quotePlus(value)}`
    })
    .join('&')
}

function quotePlus(part: string): string {
  return urlQuote(unquote(unquote(part.replaceAll('+', ' '))), '').replaceAll('%20', '+')
}

/** `%XX` read as UTF-8; what is none stays as it is. Linear (CVE-2023-41164). */
function unquote(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))
    return new TextDecoder().decode(bytes)
  })
}

function filterOf(argument: 'none' | 'required'): Filter {
  return defineFilter(
    (text: string, limit, { autoescape, safe: safeInput }) =>
      safe(
        urlize(text, { limit: argument === 'none' ? null : toInteger(limit), nofollow: true, autoescape, safeInput }),
      ),
    { text: true, isSafe: true, argument },
  )
}

export const URLIZE_FILTERS: Readonly<Record<string, Filter>> = {
  urlize: filterOf('none'),
  urlizetrunc: filterOf('required'),
}
