/** truncatechars, truncatewords and their HTML forms. */
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import { toInteger } from './arguments.ts'
import { WORD } from './text.ts'

const COMBINING = /\p{Mn}/u
const VOID = new Set(['br', 'col', 'link', 'base', 'img', 'param', 'area', 'hr', 'input'])

/** At most `length` characters, the last one `…` where something was cut; combining marks do not count. */
export function truncateChars(text: string, length: number): string {
  let count = 0
  let at = 0
  let cut: number | null = null
  const normal = text.normalize('NFC')
  for (const char of normal) {
    if (char < '\u0300' || !COMBINING.test(char)) {
      count++
      if (cut === null && count > length - 1) cut = at
      if (count > length) return `${normal.slice(0, cut ?? 0)}…`
    }
    at += char.length
  }
  return normal
}

/** The first `length` words, joined by single spaces, and `ending` where there are more. */
export function truncateWords(text: string, length: number, ending = '…'): string {
  const words: string[] = []
  for (const match of text.matchAll(WORD)) {
    if (words.length === length) return words.join(' ') + ending
    words.push(match[0])
  }
  return words.join(' ')
}

/**
 * The first `length` characters or words of HTML, tags not counted, those left open closed. Entities count as they are
 * written. One pass over the text; an end tag without its start costs nothing more, however many there are
 * (CVE-2019-14232, CVE-2024-27351, CVE-2026-1285).
 */
export function truncateHtml(html: string, length: number, by: 'chars' | 'words', ending = '…'): string {
  if (length <= 0) return by === 'words' ? '' : '…'
  const text = by === 'chars' ? html.normalize('NFC') : html
  const limit = by === 'chars' ? length - 1 : length
  const open: string[] = []
  const counts = new Map<string, number>()
  let count = 0
  let end = 0
  let at = 0
  let noTag = false // no `>` is ahead
  while (at < text.length && count <= length) {
    if (text[at] === '<' && !noTag) {
      const close = text.indexOf('>', at + 2)
      if (close === -1) noTag = true
      else {
        if (count < limit) trackTag(text.slice(at, close + 1), open, counts)
        at = close + 1
        continue
      }
    }
    if (by === 'chars') {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1
      count++
    } else {
      const next = wordEnd(text, at)
      if (next === at) {
        at++
        continue
      }
      at = next
      count++
    }
    if (count === limit) end = at
  }
  if (count <= length) return html
  return (
    text.slice(0, end) +
    ending +
    open
      .reverse()
      .map((name) => `</${name}>`)
      .join('')
  )
}

function wordEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && !/[<>\s]/.test(text[at]!)) at++
  return at
}

const TAG = /^<(\/)?([^\s/>]+)/

/** Keeps the list of open tags. An end tag closes the tags within its own that were left open, as in SGML. */
function trackTag(tag: string, open: string[], counts: Map<string, number>): void {
  const match = TAG.exec(tag)
  if (match === null) return
  const name = match[2]!.toLowerCase()
  if (match[1] === undefined) {
    if (VOID.has(name) || /\s*\/>$/.test(tag)) return
    open.push(name)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    return
  }
  if ((counts.get(name) ?? 0) === 0) return
  for (let closed = ''; closed !== name; ) {
    closed = open.pop()!
    counts.set(closed, counts.get(closed)! - 1)
  }
}

/** A filter that leaves the text as it is when its argument is no number. */
function truncating(cut: (text: string, length: number) => string): Filter {
  return defineFilter(
    (text: string, length) => {
      const number = toInteger(length)
      return number === null ? text : cut(text, number)
    },
    { text: true, isSafe: true, argument: 'required' },
  )
}

export const TRUNCATE_FILTERS: Readonly<Record<string, Filter>> = {
  truncatechars: truncating(truncateChars),
  truncatewords: truncating((text, length) => truncateWords(text, length, ' …')),
  truncatechars_html: truncating((text, length) => truncateHtml(text, length, 'chars')),
  truncatewords_html: truncating((text, length) => truncateHtml(text, length, 'words', ' …')),
}
