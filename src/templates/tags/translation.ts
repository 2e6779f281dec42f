/** translate, blocktranslate, language: text in the reader's language. Message ids are Django's, so its catalogs fit. */

import { language, t, tn, withLanguage } from '../../i18n/index.ts'
import { Decimal } from '../../std/decimal.ts'
import { SafeString } from '../../std/html.ts'
import { syntaxError } from '../errors.ts'
import type { Token } from '../lexer.ts'
import { defineFilter } from '../library.ts'
import { type Binding, call, type Expr, type Filter, literal, type Node, type Region } from '../nodes.ts'
import type { Parser, Tag, TagParser } from '../parser/parser.ts'
import { type RenderState, safe } from '../runtime/state.ts'
import { escaped, toPlainText, unescaped } from '../runtime/text.ts'
import { toList } from '../runtime/values.ts'

/** `{% translate "message" [context "where"] [noop] [as name] %}`. */
const translate: TagParser = (parser, tag) => {
  const [name, message, ...rest] = tag.words
  if (message === undefined) throw syntaxError(`The "${name}" tag takes at least one argument.`)
  let noop = false
  let as: string | null = null
  let context: Expr = literal(null)
  const seen = new Set<string>()
  while (rest.length > 0) {
    const option = rest.shift()!
    if (seen.has(option)) throw syntaxError(`The "${option}" option is given twice.`)
    seen.add(option)
    if (option === 'noop') noop = true
    else if (option === 'context') {
      const value = rest.shift()
      if (value === undefined) throw syntaxError(`No argument for the "context" option of "${name}".`)
      if (value === 'as' || value === 'noop')
        throw syntaxError(`"${value}" is no argument for the "context" option of "${name}".`)
      context = parser.expression(value)
    } else if (option === 'as') {
      const value = rest.shift()
      if (value === undefined) throw syntaxError(`No argument for the "as" option of "${name}".`)
      as = parser.variableName(value)
    } else {
      throw syntaxError(`Unknown argument of "${name}": ${JSON.stringify(option)}.`, {
        hint: 'It takes noop, context "text" and as name.',
      })
    }
  }
  const expr = parser.expression(message)
  const line = tag.line
  const output: Node = { kind: 'output', expr: noop ? expr : translated(expr, context), line }
  // Kept as HTML: what was escaped once is not escaped again.
  return as === null ? output : { kind: 'capture', name: as, body: [output], line }
}

/** The message is translated before the filters see it. */
function translated(expr: Expr, context: Expr): Expr {
  if (expr.kind === 'filtered') return { ...expr, input: translated(expr.input, context) }
  return call(
    'translate',
    (_state, _autoescape, message: unknown, where: unknown) => translateMessage(message, where),
    [expr, context],
  )
}

function translateMessage(message: unknown, context: unknown): unknown {
  const text = toPlainText(message)
  if (text === '') return message
  const id = text.replaceAll('%', '%%')
  const key = context === null || context === undefined ? id : `${toPlainText(context)}\u0004${id}`
  const found = t(key).replaceAll('%%', '%')
  return message instanceof SafeString ? safe(found) : found
}

/** What stands in a `{% blocktranslate %}`: text with `%(name)s` for each variable. */
interface Message {
  readonly id: string
  readonly names: readonly string[]
}

interface BlockOptions {
  bindings: readonly Binding[]
  count: Binding | null
  context: Expr
  trimmed: boolean
  as: string | null
}

const blocktranslate: TagParser = (parser, tag) => {
  const options = blockOptions(parser, tag)
  const isPlural = (one: Tag): boolean => one.name === 'plural'
  const end = `end${tag.name}`
  const { tokens, end: last } = parser.takeTokens((one) => isPlural(one) || one.name === end)
  const singular = toMessage(tokens, tag, options.trimmed)
  let plural: Message | null = null
  if (isPlural(last)) {
    if (options.count === null) throw syntaxError(`"plural" stands in a "${tag.name}" without "count".`)
    const rest = parser.takeTokens((one) => one.name === end)
    plural = toMessage(rest.tokens, tag, options.trimmed)
  }
  const { line } = tag
  const names = [...new Set([...singular.names, ...(plural?.names ?? [])])]
  const run = (
    state: RenderState,
    autoescape: boolean,
    context: unknown,
    count: unknown,
    ...values: unknown[]
  ): SafeString => {
    const write = autoescape ? escaped : unescaped
    const shown = new Map(names.map((name, i) => [name, write(values[i], state)]))
    const prefix = context === null || context === undefined ? '' : `${toPlainText(context)}\u0004`
    const source = plural === null || toCount(count, options, tag) === 1 ? singular : plural
    const found =
      plural === null
        ? t(prefix + singular.id)
        : tn(prefix + singular.id, prefix + plural.id, toCount(count, options, tag))
    return safe(fill(found, shown) ?? fill(source.id, shown) ?? '')
  }
  const count: Expr =
    options.count === null ? literal(null) : { kind: 'variable', name: options.count.name, parts: [], missing: 'null' }
  const args = [options.context, count, ...names.map((name) => parser.expression(name))]
  const output: Node = { kind: 'output', expr: call('blocktranslate', run, args), line }
  const bindings = options.count === null ? options.bindings : [...options.bindings, options.count]
  const inner: Node = bindings.length === 0 ? output : { kind: 'with', bindings, body: [output], line }
  return options.as === null ? inner : { kind: 'capture', name: options.as, body: [inner], line }
}

function blockOptions(parser: Parser, tag: Tag): BlockOptions {
  const words = tag.words.slice(1)
  const found: BlockOptions = { bindings: [], count: null, context: literal(null), trimmed: false, as: null }
  const seen = new Set<string>()
  while (words.length > 0) {
    const option = words.shift()!
    if (seen.has(option)) throw syntaxError(`The "${option}" option is given twice.`)
    seen.add(option)
    if (option === 'with') {
      found.bindings = parser.keywords(words)
      if (found.bindings.length === 0)
        throw syntaxError(`"with" in the "${tag.name}" tag needs at least one name=value.`)
    } else if (option === 'count') {
      const counts = parser.keywords(words)
      if (counts.length !== 1) throw syntaxError(`"count" in the "${tag.name}" tag needs exactly one name=value.`)
      found.count = counts[0]!
    } else if (option === 'context') {
      const value = words.shift()
      if (value === undefined) throw syntaxError(`"context" in the "${tag.name}" tag needs exactly one argument.`)
      found.context = parser.expression(value)
    } else if (option === 'trimmed') found.trimmed = true
    else if (option === 'asvar') {
      const value = words.shift()
      if (value === undefined) throw syntaxError(`No argument for the "asvar" option of "${tag.name}".`)
      found.as = parser.variableName(value)
    } else throw syntaxError(`Unknown argument of "${tag.name}": ${JSON.stringify(option)}.`)
  }
  return found
}

function toMessage(tokens: readonly Token[], tag: Tag, trimmed: boolean): Message {
  const names: string[] = []
  let id = ''
  for (const token of tokens) {
    if (token.kind === 'text') id += token.contents.replaceAll('%', '%%')
    else if (token.kind === 'variable') {
      id += `%(${token.contents})s`
      names.push(token.contents)
    } else if (token.kind === 'block') {
      throw syntaxError(`"${tag.name}" may not hold other tags, and holds "${token.contents}".`, {
        hint: 'Compute values before it, and name them: {% blocktranslate with total=order.total %}.',
      })
    }
  }
  if (trimmed) id = id.trim().replace(/\s*\n\s*/g, ' ')
  return { id, names }
}

/** Fills in the values; null when the text names one that is not there. */
function fill(text: string, values: ReadonlyMap<string, string>): string | null {
  let unknown = false
  const filled = text.replace(/%%|%\(([^)]*)\)s/g, (whole, name: string | undefined) => {
    if (name === undefined) return '%'
    const value = values.get(name)
    if (value === undefined) unknown = true
    return value ?? whole
  })
  return unknown ? null : filled
}

function toCount(value: unknown, options: BlockOptions, tag: Tag): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || Decimal.isDecimal(value)) return Number(value)
  throw syntaxError(`The "${options.count?.name}" argument of "${tag.name}" must be a number.`)
}

/** `{% language 'fr' %}...{% endlanguage %}`. */
const languageTag: TagParser = (parser, tag) => {
  if (tag.words.length !== 2) throw syntaxError('The "language" tag takes one argument: a language.')
  const run: Region = (_state, _autoescape, render, tagName: unknown) => {
    const name = toPlainText(tagName)
    return inHtml(name === '' ? render() : withLanguage(name, render))
  }
  const body = parser.parseBody('endlanguage')
  return { kind: 'region', label: 'language', run, args: [parser.expression(tag.words[1]!)], body, line: tag.line }
}

/** A body's output is HTML already. */
export function inHtml(out: string | Promise<string>): SafeString | Promise<SafeString> {
  return typeof out === 'string' ? safe(out) : out.then(safe)
}

/** A tag of the form `name [for argument] as variable`. */
function getter(shape: 'as' | 'for', read: (state: RenderState, argument: unknown) => unknown): TagParser {
  return (parser, tag) => {
    const { words, line, name } = tag
    const wanted = shape === 'as' ? `${name} as variable` : `${name} for value as variable`
    const at = shape === 'as' ? 1 : 3
    if (words.length !== at + 2 || words[at] !== 'as' || (shape === 'for' && words[1] !== 'for')) {
      throw syntaxError(`The "${name}" tag takes the form "${wanted}".`)
    }
    const args = shape === 'for' ? [parser.expression(words[2]!)] : []
    const expr = call(name, (state, _autoescape, argument: unknown) => read(state, argument), args)
    return { kind: 'set', name: parser.variableName(words[at + 1]!), expr, line }
  }
}

interface LanguageInfo {
  readonly code: string
  readonly name: string
  readonly name_local: string
  readonly name_translated: string
  readonly bidi: boolean
}

const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi'])

function infoOf(code: unknown): LanguageInfo {
  const tag = toPlainText(code)
  const named = (inLanguage: string): string => {
    try {
      return new Intl.DisplayNames([inLanguage], { type: 'language' }).of(tag) ?? tag
    } catch {
      return tag
    }
  }
  const bidi = RIGHT_TO_LEFT.has(tag.split(/[-_]/, 1)[0]!)
  return { code: tag, name: named('en'), name_local: named(tag), name_translated: named(language()), bidi }
}

export const TRANSLATION_TAGS: Readonly<Record<string, TagParser>> = {
  translate,
  trans: translate,
  blocktranslate,
  blocktrans: blocktranslate,
  language: languageTag,
  get_current_language: getter('as', () => language()),
  get_current_language_bidi: getter('as', () => infoOf(language()).bidi),
  get_available_languages: getter(
    'as',
    (state) => state.engine.globals.languages ?? [[language(), infoOf(language()).name]],
  ),
  get_language_info: getter('for', (_state, code) => infoOf(code)),
  get_language_info_list: getter('for', (_state, codes) =>
    toList(codes, 1, false).map((code) => infoOf(Array.isArray(code) ? code[0] : code)),
  ),
}

export const TRANSLATION_FILTERS: Readonly<Record<string, Filter>> = {
  language_name: defineFilter((code) => infoOf(code).name, { argument: 'none' }),
  language_name_local: defineFilter((code) => infoOf(code).name_local, { argument: 'none' }),
  language_name_translated: defineFilter((code) => infoOf(code).name_translated, { argument: 'none' }),
  language_bidi: defineFilter((code) => infoOf(code).bidi, { argument: 'none' }),
}
