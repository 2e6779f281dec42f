/** url, static, csrf_token: what other rooms give, through the engine's globals. */
import { ConfigurationError } from '../../std/errors.ts'
import { escapeHtml, SafeString } from '../../std/html.ts'
import type { TemplateGlobals, UrlParameters } from '../engine.ts'
import { syntaxError } from '../errors.ts'
import { outputOrSet } from '../library.ts'
import { type Callable, call, type Expr, type Node } from '../nodes.ts'
import { KEYWORD, type Tag, type TagParser } from '../parser/parser.ts'
import { type RenderState, safe } from '../runtime/state.ts'
import { toPlainText } from '../runtime/text.ts'

function globalOf<K extends keyof TemplateGlobals>(state: RenderState, name: K): NonNullable<TemplateGlobals[K]> {
  const found = state.engine.globals[name]
  if (found !== undefined && found !== null) return found as NonNullable<TemplateGlobals[K]> // checked in this line
  throw new ConfigurationError(`The templates were not told how to make "${name}".`, {
    code: 'templates.missing-global',
    hint: `Pass globals: { ${name} } to configureTemplates or to the Engine.`,
  })
}

/** The words of a tag, and the name after a closing `as`. */
function splitAs(tag: Tag): { words: string[]; as: string | null } {
  const words = tag.words.slice(1)
  if (words.length < 2 || words.at(-2) !== 'as') return { words, as: null }
  const as = words.at(-1)!
  words.splice(-2)
  return { words, as }
}

/** `{% url 'library:bookDetail' slug=book.slug as link %}`. With `as` a URL that cannot be made is no error. */
const url: TagParser = (parser, tag) => {
  const { words, as } = splitAs(tag)
  const [target, ...rest] = words
  if (target === undefined) throw syntaxError('The "url" tag takes at least one argument: the name of a URL.')
  const names: string[] = []
  const args: Expr[] = [parser.expression(target)]
  for (const word of rest) {
    const match = KEYWORD.exec(word)
    if (match === null && names.length > 0)
      throw syntaxError('The "url" tag takes either name=value arguments or values.')
    if (match !== null && names.length < args.length - 1)
      throw syntaxError('The "url" tag takes either name=value arguments or values.')
    if (match !== null) names.push(match[1]!)
    args.push(parser.expression(match === null ? word : match[2]!))
  }
  const make: Callable = (state, _autoescape, name: unknown, ...values: unknown[]) => {
    const plain = values.map(plainValue)
    const parameters: UrlParameters =
      names.length > 0 ? Object.fromEntries(names.map((key, i) => [key, plain[i]])) : plain
    try {
      return globalOf(state, 'url')(toPlainText(name), parameters, state.request)
    } catch (error) {
      if (as === null || error instanceof ConfigurationError) throw error
      return ''
    }
  }
  return outputOrSet(call('url', make, args), as, tag.line)
}

/** SafeString is text for a URL. */
function plainValue(value: unknown): unknown {
  return value instanceof SafeString ? value.toString() : value
}

const staticTag: TagParser = (parser, tag) => {
  const { words, as } = splitAs(tag)
  if (words.length !== 1) throw syntaxError('The "static" tag takes one argument: the path of a file.')
  const make: Callable = (state, _autoescape, path: unknown) => globalOf(state, 'static')(toPlainText(path))
  return outputOrSet(call('static', make, [parser.expression(words[0]!)]), as, tag.line)
}

function prefix(name: 'staticUrl' | 'mediaUrl'): TagParser {
  return (_parser, tag) => {
    const { words, as } = splitAs(tag)
    if (words.length > 0) throw syntaxError(`The "${tag.name}" tag takes nothing but "as name".`)
    return outputOrSet(
      call(tag.name, (state) => state.engine.globals[name] ?? ''),
      as,
      tag.line,
    )
  }
}

/** A hidden field with the request's token; nothing where there is none. */
const csrfToken: TagParser = (_parser, tag): Node => ({
  kind: 'output',
  line: tag.line,
  expr: call('csrf_token', (state) => {
    const given = state.root.csrf_token ?? state.root.csrfToken
    const token = given === undefined ? state.engine.globals.csrfToken?.(state.request) : given
    if (token === null || token === undefined || token === '') return ''
    return safe(`<input type="hidden" name="csrfmiddlewaretoken" value="${escapeHtml(toPlainText(token))}">`)
  }),
})

export const LINK_TAGS: Readonly<Record<string, TagParser>> = {
  url,
  static: staticTag,
  get_static_prefix: prefix('staticUrl'),
  get_media_prefix: prefix('mediaUrl'),
  csrf_token: csrfToken,
}
