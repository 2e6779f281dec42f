/** Filters that make, keep or remove HTML. */
import { escapeHtml, isSafe } from '../../std/html.ts'
import { jsonText } from '../../std/json.ts'
import { defineFilter } from '../library.ts'
import type { Filter } from '../nodes.ts'
import { safe } from '../runtime/state.ts'
import { escaped, toPlainText } from '../runtime/text.ts'

/** Passes over text that hides tags in tags: `<<b>script>`. As many as Django allows. */
const MAX_PASSES = 50

/**
 * Text without its tags and comments. Not a way to make HTML safe: escape it.
 * Each pass is linear, and their number is bounded (CVE-2019-14233, CVE-2024-53907, CVE-2025-32873).
 */
export function stripTags(text: string): string {
  let current = text
  for (let pass = 0; pass < MAX_PASSES && current.includes('<') && current.includes('>'); pass++) {
    const next = stripOnce(current)
    if (next.length === current.length) break
    current = next
  }
  return current
}

function stripOnce(text: string): string {
  let out = ''
  let from = 0
  let commentAhead = true
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    let end = -1
    if (text.startsWith('<!--', at) && commentAhead) {
      const close = text.indexOf('-->', at + 4)
      if (close === -1) commentAhead = false
      else end = close + 3
    } else if (/[A-Za-z/!?]/.test(text[at + 1] ?? '')) {
      const close = tagEnd(text, at + 1)
      if (close === -2) break // no `>` is left at all
      end = close
    }
    if (end === -1) {
      at++
      continue
    }
    out += text.slice(from, at)
    from = end
    at = end
  }
  return out + text.slice(from)
}

/** Offset after the `>` of a tag, quotes around attribute values heeded where they close; -2 when there is none. */
function tagEnd(text: string, from: number): number {
  const close = text.indexOf('>', from)
  if (close === -1) return -2
  // A `>` within quotes belongs to an attribute, if the quotes close before another tag could start.
  const quoted = /^[A-Za-z][^<>"']*(?:"[^"<]{0,500}"[^<>"']*|'[^'<]{0,500}'[^<>"']*)+>/.exec(
    text.slice(from, from + 2000),
  )
  return quoted !== null && from + quoted[0].length > close ? from + quoted[0].length : close + 1
}

const newlines = (text: string): string => text.replace(/\r\n|\r/g, '\n')

/** `&`, `<` and `>` in JSON as `\uXXXX`, so that it may stand in a script element. */
export function jsonScript(value: unknown, id: string | null): string {
  const json = (jsonText(value) ?? 'null').replace(
    /[&<>\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  const attribute = id === null ? '' : ` id="${escapeHtml(id)}"`
  return `<script${attribute} type="application/json">${json}</script>`
}

/** Nested lists as list items, without the outer `<ul>`. Lists deeper than 100 are cut. */
function unorderedList(value: unknown, write: (item: unknown) => string): string {
  const format = (items: readonly unknown[], depth: number): string => {
    const indent = '\t'.repeat(depth)
    const out: string[] = []
    for (let i = 0; i < items.length; i++) {
      const children = items[i + 1]
      let nested = ''
      if (isNested(children)) {
        i++
        if (depth < 100) nested = `\n${indent}<ul>\n${format([...children], depth + 1)}\n${indent}</ul>\n${indent}`
      }
      const item = nested === '' ? items[i] : items[i - 1]
      out.push(`${indent}<li>${write(item)}${nested}</li>`)
    }
    return out.join('\n')
  }
  return isNested(value) ? format([...value], 1) : ''
}

function isNested(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && !isSafe(value)
}

export const HTML_FILTERS: Readonly<Record<string, Filter>> = {
  escape: defineFilter((value, _none, { state }) => (isSafe(value) ? value : safe(escaped(value, state))), {
    argument: 'none',
  }),
  force_escape: defineFilter((text: string) => safe(escapeHtml(text)), { text: true, argument: 'none' }),
  json_script: defineFilter((value, id) => safe(jsonScript(value, id === undefined ? null : toPlainText(id))), {
    argument: 'optional',
  }),
  linebreaks: defineFilter(
    (text: string, _none, { autoescape, safe: wasSafe }) =>
      safe(
        newlines(text)
          .split(/\n{2,}/)
          .map((part) => `<p>${(autoescape && !wasSafe ? escapeHtml(part) : part).replaceAll('\n', '<br>')}</p>`)
          .join('\n\n'),
      ),
    { text: true, argument: 'none' },
  ),
  linebreaksbr: defineFilter(
    (text: string, _none, { autoescape, safe: wasSafe }) =>
      safe((autoescape && !wasSafe ? escapeHtml(newlines(text)) : newlines(text)).replaceAll('\n', '<br>')),
    { text: true, argument: 'none' },
  ),
  safe: defineFilter((text: string) => safe(text), { text: true, argument: 'none' }),
  safeseq: defineFilter((value) => (isNested(value) ? [...value].map((item) => safe(toPlainText(item))) : []), {
    argument: 'none',
  }),
  escapeseq: defineFilter(
    (value, _none, { state }) => (isNested(value) ? [...value].map((item) => safe(escaped(item, state))) : []),
    { argument: 'none' },
  ),
  striptags: defineFilter((text: string) => stripTags(text), { text: true, isSafe: true, argument: 'none' }),
  unordered_list: defineFilter(
    (value, _none, { autoescape, state }) =>
      safe(unorderedList(value, (item) => (autoescape ? escaped(item, state) : toPlainText(item)))),
    { argument: 'none' },
  ),
}
