/** Tags and filters of one's own: defined, typed, gathered in libraries that templates `{% load %}`. */
import { ConfigurationError } from '../std/errors.ts'
import { SafeString } from '../std/html.ts'
import { syntaxError } from './errors.ts'
import {
  type Binding,
  type Callable,
  type Expr,
  type Filter,
  type FilterInfo,
  literal,
  type Node,
  type Region,
  type Scope,
} from './nodes.ts'
import type { Parser, Tag, TagParser } from './parser/parser.ts'
import type { RenderState } from './runtime/state.ts'

/** Options of {@link defineFilter}. */
export interface FilterOptions {
  /** Whether `value|filter:argument` is needed, allowed or wrong; default: by the number of the function's parameters. */
  readonly argument?: Filter['argument']
  /** Set where safe input stays safe: the filter adds no `<`, `>`, `&`, `"` or `'`. Default false. */
  readonly isSafe?: boolean
  /** Set to get every value as text; default false. */
  readonly text?: boolean
  /** Set to get a quoted argument as SafeString, where it may end up in the output; default false: as text. */
  readonly safeArgument?: boolean
}

/**
 * A filter: `value|name` or `value|name:argument`.
 *
 *     export const initials = defineFilter((name: string) => name.split(' ').map((w) => w[0]).join(''), { text: true })
 *     registerLibrary('people', { filters: { initials } })
 *
 * What it returns is escaped, unless it is a SafeString. It may return a promise.
 * @param run   gets the value, the argument (undefined without), and `{ autoescape, safe }` of the place
 */
export function defineFilter<V = unknown, A = unknown>(
  run: (value: V, argument: A, info: FilterInfo) => unknown,
  options: FilterOptions = {},
): Filter {
  return Object.freeze({
    // The values come from templates: the definition says what it expects, nobody can check it.
    run: run as Filter['run'],
    argument: options.argument ?? (run.length >= 2 ? 'required' : 'optional'),
    isSafe: options.isSafe ?? false,
    text: options.text ?? false,
    safeArgument: options.safeArgument ?? false,
  })
}

/** What a tag's function knows about where it stands. */
export interface TagContext {
  /** What was given to render: a request, or null. */
  readonly request: unknown
  /** Whether output is escaped there. */
  readonly autoescape: boolean
  /** A variable in scope, undefined where there is none. */
  get(name: string): unknown
  /** Renders a template, with these values only: for tags that are a template with some logic. */
  render(template: string, values: Readonly<Record<string, unknown>>): SafeString | Promise<SafeString>
}

/** Keyword arguments of a tag: the last argument of its function, where the template gives any. */
export type TagKeywords = Readonly<Record<string, unknown>>

/**
 * A tag that writes (or, with `as name`, keeps) one value: `{% name argument key=value as variable %}`.
 *
 *     export const cover = defineTag((context, book: Book, options: { size?: number }) => html`<img ...>`)
 *
 * Positional arguments come in order, keyword arguments in an object at the end. The value is escaped, unless it is a
 * SafeString; a promise is awaited.
 */
export function defineTag<A extends readonly unknown[]>(run: (context: TagContext, ...args: A) => unknown): TagParser {
  return (parser, tag) => {
    const { args, as } = tagArguments(parser, tag, true)
    const expr: Expr = { kind: 'call', label: tag.name, run: adapt(run as never), args }
    return as === null ? { kind: 'output', expr, line: tag.line } : { kind: 'set', name: as, expr, line: tag.line }
  }
}

/**
 * A tag with a body: `{% name argument %}...{% endname %}`. The function gets `render`, which gives the body's output
 * (a promise of it where the page awaits something), may call it or not, and returns HTML or text to write as it is.
 *
 *     export const box = defineBlockTag(async (context, render, title: string) => `<div>${await render()}</div>`)
 */
export function defineBlockTag<A extends readonly unknown[]>(
  run: (context: TagContext, render: () => string | Promise<string>, ...args: A) => unknown,
): TagParser {
  const region: Region = (state, autoescape, render, scope: Scope, named: string, ...args) =>
    run(contextOf(state, autoescape, scope), render, ...(gather(args, named) as never)) // as many as the template gives
  return (parser, tag) => {
    const { args } = tagArguments(parser, tag, false)
    const body = parser.parseBody(`end${tag.name}`)
    return { kind: 'region', run: region, label: tag.name, args, body, line: tag.line }
  }
}

function adapt(run: (context: TagContext, ...args: unknown[]) => unknown): Callable {
  return (state, autoescape, scope: Scope, named: string, ...args) =>
    run(contextOf(state, autoescape, scope), ...gather(args, named))
}

/** Arguments as a tag's function gets them: the last ones, named in `names`, become one object. */
function gather(args: readonly unknown[], names: string): unknown[] {
  const keys = names === '' ? [] : names.split(',')
  const positional = args.slice(0, args.length - keys.length)
  if (keys.length === 0) return positional
  const keywords: Record<string, unknown> = Object.create(null)
  keys.forEach((key, i) => {
    keywords[key] = args[positional.length + i]
  })
  return [...positional, keywords]
}

function tagArguments(parser: Parser, tag: Tag, allowAs: boolean): { args: Expr[]; as: string | null } {
  const words = tag.words.slice(1)
  let as: string | null = null
  if (allowAs && words.length >= 2 && words.at(-2) === 'as') {
    as = words.at(-1)!
    words.splice(-2)
  }
  const positional: Expr[] = []
  let named: Binding[] = []
  while (words.length > 0) {
    named = parser.keywords(words)
    if (named.length > 0 || words.length === 0) break
    positional.push(asPlainText(parser.expression(words.shift()!)))
  }
  if (words.length > 0) {
    throw syntaxError(`In "${tag.name}" the argument ${JSON.stringify(words[0])} stands after name=value arguments.`)
  }
  const names: Expr = { kind: 'literal', value: named.map((binding) => binding.name).join(',') }
  return { args: [{ kind: 'scope' }, names, ...positional, ...named.map((binding) => asPlainText(binding.expr))], as }
}

/** A quoted literal as ordinary text: a function that takes a string should get one. */
function asPlainText(expr: Expr): Expr {
  return expr.kind === 'literal' && expr.value instanceof SafeString ? literal(expr.value.toString()) : expr
}

function contextOf(state: RenderState, autoescape: boolean, scope: Scope): TagContext {
  return {
    request: state.request,
    autoescape,
    get: (name) => scope[name],
    render: (template, values) => state.engine.renderSafe(template, values, state),
  }
}

/** Tags and filters under one name. */
export interface Library {
  readonly tags?: Readonly<Record<string, TagParser>>
  readonly filters?: Readonly<Record<string, Filter>>
}

const libraries = new Map<string, Library>()
const everywhere = { tags: new Map<string, TagParser>(), filters: new Map<string, Filter>() }

/**
 * Makes a library known to `{% load name %}` in every engine. Registering a name again replaces it, as a module that
 * is loaded anew does.
 * @throws ConfigurationError templates.bad-name
 */
export function registerLibrary(name: string, library: Library): void {
  for (const word of [name, ...Object.keys(library.tags ?? {}), ...Object.keys(library.filters ?? {})]) checkName(word)
  libraries.set(name, library)
}

/** A tag that needs no `{% load %}`. Templates compiled before do not know it. */
export function registerTag(name: string, tag: TagParser): void {
  checkName(name)
  everywhere.tags.set(name, tag)
}

/** A filter that needs no `{% load %}`. */
export function registerFilter(name: string, filter: Filter): void {
  checkName(name)
  everywhere.filters.set(name, filter)
}

/** What was registered, for engines. */
export function registered(): {
  readonly libraries: ReadonlyMap<string, Library>
  readonly tags: ReadonlyMap<string, TagParser>
  readonly filters: ReadonlyMap<string, Filter>
} {
  return { libraries, ...everywhere }
}

function checkName(name: string): void {
  if (/^[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*$/u.test(name)) return
  throw new ConfigurationError(`${JSON.stringify(name)} cannot name a template library, tag or filter.`, {
    code: 'templates.bad-name',
    hint: 'Use letters, digits and underscores.',
  })
}

/** Nodes that write an expression or, where `as` is given, bind it. */
export function outputOrSet(expr: Expr, as: string | null, line: number): Node {
  return as === null ? { kind: 'output', expr, line } : { kind: 'set', name: as, expr, line }
}
