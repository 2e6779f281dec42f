/** Filters of plain text. All linear in the text. */

import { escapeHtml } from '../../std/html.ts'
import { capitalize, slugify } from '../../std/text.ts'
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import { safe } from '../runtime/state.ts'
import { toPlainText } from '../runtime/text.ts'
import { toInteger } from './arguments.ts'
import { printf } from './printf.ts'

/** Widths beyond this are a mistake or an attack: `ljust:1000000000` would take the memory. */
const MAX_WIDTH = 10_000

/** Words in capitals as Python's `str.title`, then Django's two corrections: `Isn't`, `53rd`. */
export function titleCase(text: string): string {
  let out = ''
  let inWord = false
  for (const char of text) {
    const isCased = char.toLowerCase() !== char.toUpperCase() || /\p{Lt}/u.test(char)
    if (!isCased) out += char
    else if (inWord) out += char.toLowerCase()
    else {
      const upper = [...char.toUpperCase()]
      out += upper[0]! + upper.slice(1).join('').toLowerCase()
    }
    inWord = isCased
  }
  return out.replace(/[a-z]'[A-Z]/g, (part) => part.toLowerCase()).replace(/\d[A-Z]/g, (part) => part.toLowerCase())
}

/**
 * Lines of at most `width` characters, broken at spaces; longer words stay whole. Python's `textwrap` without breaking
 * words. Each piece is looked at once (CVE-2025-26699: slicing the rest anew for each line took quadratic time).
 */
export function wrapWords(text: string, width: number): string {
  const lines = text.split(LINE_BREAK)
  const endsWithBreak = lines.length > 1 && lines.at(-1) === ''
  if (endsWithBreak) lines.pop()
  const out: string[] = []
  for (const line of lines) {
    const wrapped = wrapLine(line, width)
    if (wrapped.length === 0) out.push(line)
    else for (const one of wrapped) out.push(one)
  }
  if (text.endsWith('\n')) out.push('')
  return out.join('\n')
}

function wrapLine(line: string, width: number): string[] {
  const chunks = expandTabs(line)
    .split(/([\t\n\v\f\r ]+)/)
    .filter((chunk) => chunk !== '')
  const lines: string[] = []
  let at = 0
  while (at < chunks.length) {
    if (lines.length > 0 && chunks[at]!.trim() === '') at++
    const from = at
    let length = 0
    while (at < chunks.length && length + sizeOf(chunks[at]!) <= width) length += sizeOf(chunks[at++]!)
    if (at === from && at < chunks.length) at++ // a word longer than the line
    const to = at > from && chunks[at - 1]!.trim() === '' ? at - 1 : at
    if (to > from) lines.push(chunks.slice(from, to).join(''))
  }
  return lines
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let out = ''
  let column = 0
  for (const char of line) {
    const piece = char === '\t' ? ' '.repeat(8 - (column % 8)) : char
    out += piece
    column += piece.length
  }
  return out
}

const sizeOf = (text: string): number => (/[\ud800-\udfff]/.test(text) ? [...text].length : text.length)

/** `{% if %}`-style padding: `center` puts the odd space where Python does. */
function pad(text: string, width: unknown, side: 'left' | 'right' | 'both'): string {
  const missing = Math.min(toInteger(width) ?? 0, MAX_WIDTH) - sizeOf(text)
  if (missing <= 0) return text
  if (side === 'left') return ' '.repeat(missing) + text
  if (side === 'right') return text + ' '.repeat(missing)
  const left = Math.floor(missing / 2) + (missing & (missing + sizeOf(text)) & 1)
  return ' '.repeat(left) + text + ' '.repeat(missing - left)
}

const PHONE: Readonly<Record<string, string>> = Object.fromEntries(
  ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'].flatMap((letters, i) =>
    [...letters].map((char) => [char, String(i + 2)]),
  ),
)

const SPACES = '\\u001c-\\u001f\\u0085' // what Python counts as space besides \s
const JS_SPECIAL = new RegExp(`[\\\\'"<>&=\\-;\`\\u2028\\u2029${'\\u0000-\\u001f'}]`, 'g')
const LINE_BREAK = new RegExp(`\\r\\n|[\\n\\r\\v\\f\\u2028\\u2029${'\\u001c-\\u001e\\u0085'}]`)
/** Words as Python's `split()` finds them. */
export const WORD: RegExp = new RegExp(`[^\\s${SPACES}]+`, 'g')

/** Text for a JavaScript string literal: everything that could end it, or the script, as `\uXXXX`. */
export function escapeJs(text: string): string {
  return text.replace(JS_SPECIAL, (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
}

/** Characters that Python's `quote` leaves alone besides those asked for. */
function percentEncode(text: string, keep: string): string {
  let out = ''
  for (const char of text.toWellFormed()) {
    if (/[A-Za-z0-9_.~-]/.test(char) || (char.length === 1 && keep.includes(char))) out += char
    else out += /[!'()*]/.test(char) ? `%${char.charCodeAt(0).toString(16).toUpperCase()}` : encodeURIComponent(char)
  }
  return out
}

/** Text as a part of a URL; `/` stays, or what `keep` names. */
export function urlQuote(text: string, keep = '/'): string {
  return percentEncode(text, keep)
}

export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  addslashes: defineFilter((text: string) => text.replace(/[\\"']/g, '\\$&'), {
    text: true,
    isSafe: true,
    argument: 'none',
  }),
  capfirst: defineFilter((text: string) => capitalize(text), { text: true, isSafe: true, argument: 'none' }),
  center: defineFilter((text: string, width) => pad(text, width, 'both'), { text: true, isSafe: true }),
  cut: defineFilter(
    (text: string, part, { safe: wasSafe }) => {
      const cutOut = toPlainText(part)
      const out = cutOut === '' ? text : text.replaceAll(cutOut, '')
      // Without its semicolons `&lt;` would be an entity no more, and no longer safe.
      return wasSafe && cutOut !== ';' ? safe(out) : out
    },
    { text: true, argument: 'required' },
  ),
  escapejs: defineFilter((text: string) => safe(escapeJs(text)), { text: true, argument: 'none' }),
  iriencode: defineFilter((text: string) => percentEncode(text, "/#%[]=:;$&()+,!?*@'~"), {
    text: true,
    isSafe: true,
    argument: 'none',
  }),
  linenumbers: defineFilter(
    (text: string, _none, { autoescape, safe: wasSafe }) => {
      const lines = text.split('\n')
      const width = String(lines.length).length
      const escapes = autoescape && !wasSafe
      return safe(
        lines
          .map((line, i) => `${String(i + 1).padStart(width, '0')}. ${escapes ? escapeHtml(line) : line}`)
          .join('\n'),
      )
    },
    { text: true, argument: 'none' },
  ),
  ljust: defineFilter((text: string, width) => pad(text, width, 'right'), { text: true, isSafe: true }),
  lower: defineFilter((text: string) => text.toLowerCase(), { text: true, isSafe: true, argument: 'none' }),
  make_list: defineFilter((text: string) => Array.from(text), { text: true, argument: 'none' }),
  phone2numeric: defineFilter((text: string) => text.toLowerCase().replace(/[a-z]/g, (char) => PHONE[char]!), {
    text: true,
    isSafe: true,
    argument: 'none',
  }),
  rjust: defineFilter((text: string, width) => pad(text, width, 'left'), { text: true, isSafe: true }),
  slugify: defineFilter((text: string) => slugify(text), { text: true, isSafe: true, argument: 'none' }),
  stringformat: defineFilter((value, format) => printf(toPlainText(format), value) ?? '', {
    isSafe: true,
    argument: 'required',
  }),
  title: defineFilter((text: string) => titleCase(text), { text: true, isSafe: true, argument: 'none' }),
  upper: defineFilter((text: string) => text.toUpperCase(), { text: true, argument: 'none' }),
  urlencode: defineFilter((text: string, keep) => percentEncode(text, keep === undefined ? '/' : toPlainText(keep)), {
    text: true,
    argument: 'optional',
  }),
  wordcount: defineFilter((text: string) => countWords(text), { text: true, isSafe: true, argument: 'none' }),
  wordwrap: defineFilter((text: string, width) => wrapWords(text, toInteger(width) ?? MAX_WIDTH), {
    text: true,
    isSafe: true,
    argument: 'required',
  }),
}

function countWords(text: string): number {
  let count = 0
  for (const _ of text.matchAll(WORD)) count++
  return count
}
