import { nearest } from '../std/text.ts'
import { type CompiledConverter, converterNames, findConverter } from './converters.ts'
import { UrlPatternError } from './errors.ts'

/** A hole in a pattern: `<int:year>`. */
export interface Param {
  readonly name: string
  readonly converter: string
}

/** A pattern taken apart: text, holes, text. */
export type Part = string | Param

/**
 * Takes a pattern apart. Converters are looked up later, so that an app may register its own after its table is made.
 * @throws UrlPatternError urls.bad-pattern
 */
export function parsePattern(pattern: string): readonly Part[] {
  const bad = (what: string, hint: string) =>
    new UrlPatternError(`The URL pattern "${pattern}" ${what}.`, { code: 'urls.bad-pattern', hint })
  if (pattern.startsWith('/'))
    throw bad('begins with a slash', `Write "${pattern.slice(1)}": the slash before it is implied.`)
  const parts: Part[] = []
  let last = 0
  for (const match of pattern.matchAll(/<([^<>]*)>/g)) {
    if (match.index > last) parts.push(pattern.slice(last, match.index))
    last = match.index + match[0].length
    const spec = /^(?:([A-Za-z_]\w*):)?([A-Za-z_]\w*)$/.exec(match[1]!)
    if (spec === null || spec[2] === '__proto__') {
      throw bad(
        `has a parameter "${match[0]}" that is not understood`,
        'Write <name> or <converter:name>, without spaces.',
      )
    }
    parts.push({ name: spec[2]!, converter: spec[1] ?? 'str' })
  }
  if (last < pattern.length) parts.push(pattern.slice(last))
  const names = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw bad(`names "${twice}" twice`, 'Give each parameter its own name.')
  const stray = parts.some((part) => typeof part === 'string' && /[<>]/.test(part))
  if (stray) throw bad('has an angle bracket that is not closed', 'Parameters are written <name> or <converter:name>.')
  return parts
}

/** A pattern ready to match paths and to write links. */
export interface CompiledPattern {
  /** `/library/books/<int:year>/` */
  readonly text: string
  readonly parts: readonly Part[]
  /** The path itself where there is no parameter. */
  readonly literal: string | undefined
  readonly regex: RegExp
  readonly params: readonly CompiledParam[]
}
export interface CompiledParam {
  readonly name: string
  readonly converter: CompiledConverter
  /** Its group in the regex. */
  readonly group: number
}

/**
 * Compiles the parts of a route with those of its prefixes.
 * @throws UrlPatternError urls.unknown-converter, or urls.bad-pattern when a prefix and a route share a name
 */
export function compilePattern(parts: readonly Part[]): CompiledPattern {
  const text = `/${parts.map(showPart).join('')}`
  const params: CompiledParam[] = []
  let source = '/'
  let group = 1
  for (const part of parts) {
    if (typeof part === 'string') {
      source += escapeRegex(part)
      continue
    }
    const converter = findConverter(part.converter)
    if (converter === undefined) throw unknownConverter(part.converter, text)
    if (params.some((param) => param.name === part.name)) {
      throw new UrlPatternError(`The URL pattern "${text}" names "${part.name}" twice.`, {
        code: 'urls.bad-pattern',
        hint: 'A prefix given to include() and a route under it use the same name: rename one of them.',
      })
    }
    params.push({ name: part.name, converter, group })
    source += `(${converter.source})`
    group += converter.groups + 1
  }
  // Without the m flag `$` is the very end: "/admin\n" does not match "/admin" (CVE-2021-44420 is what happens else).
  return { text, parts, literal: params.length === 0 ? text : undefined, regex: new RegExp(`^${source}$`), params }
}

/** `<int:year>`, or the text itself. */
export function showPart(part: Part): string {
  if (typeof part === 'string') return part
  return part.converter === 'str' ? `<${part.name}>` : `<${part.converter}:${part.name}>`
}

function unknownConverter(name: string, pattern: string): UrlPatternError {
  const near = nearest(name, converterNames())
  return new UrlPatternError(`The URL pattern "${pattern}" uses a converter "${name}" that does not exist.`, {
    code: 'urls.unknown-converter',
    hint: `${near ? `Did you mean "${near}"? ` : ''}Converters: ${converterNames().join(', ')}. Add one with registerConverter().`,
  })
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
