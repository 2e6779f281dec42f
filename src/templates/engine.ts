/** Finds, compiles and keeps templates; knows the options they are rendered with. */
import { SafeString } from '../std/html.ts'
import { builtIns } from './builtins.ts'
import { CompiledTemplate } from './compiled.ts'
import { TemplateDoesNotExist, TemplateSyntaxError } from './errors.ts'
import { type Library, registered } from './library.ts'
import { filesystemLoader } from './loaders/filesystem.ts'
import type { TemplateLoader } from './loaders/loader.ts'
import { memoryLoader } from './loaders/memory.ts'
import type { Scope, TemplateTree } from './nodes.ts'
import { Parser, type Vocabulary } from './parser/parser.ts'
import { referencesOf, type TemplateReference } from './references.ts'
import { type FormatOverrides, Locales } from './runtime/locale.ts'
import { RenderState, safe } from './runtime/state.ts'

/** Parameters of a URL as `{% url %}` hands them over: by name, or by position. */
export type UrlParameters = Readonly<Record<string, unknown>> | readonly unknown[]

/** What templates use from other rooms; given once at start, so that this room imports none of them. */
export interface TemplateGlobals {
  /** `{% url 'library:bookDetail' slug=x %}`. Gives the path, or throws. */
  readonly url?: (name: string, parameters: UrlParameters, request: unknown) => string
  /** `{% static 'app.css' %}`. */
  readonly static?: (path: string) => string
  /** The token in `{% csrf_token %}`; null where there is none. */
  readonly csrfToken?: (request: unknown) => string | null
  /** Prefixes of `{% get_static_prefix %}` and `{% get_media_prefix %}`. */
  readonly staticUrl?: string
  readonly mediaUrl?: string
  /** Languages the project offers, with their names: `{% get_available_languages %}`. */
  readonly languages?: readonly (readonly [code: string, name: string])[]
  /** Fragments of `{% cache %}`. Without it the tag renders its body each time. */
  readonly cache?: TemplateCache
}

/** Where `{% cache %}` keeps fragments. */
export interface TemplateCache {
  get(key: string, using: string): string | undefined | null | Promise<string | undefined | null>
  /** @param seconds   null: forever */
  set(key: string, html: string, seconds: number | null, using: string): void | Promise<void>
}

/** Adds variables to every context: `(request) => ({ siteName: 'Atlas' })`. What a view gives wins. */
export type ContextProcessor = (request: unknown) => Readonly<Record<string, unknown>>

/** Options of {@link Engine} and `configureTemplates`. */
export interface TemplateOptions {
  /** Folders, in the order in which they are searched. */
  readonly dirs?: readonly string[]
  /** Templates by name, searched after `dirs`: for tests and built projects. */
  readonly templates?: Readonly<Record<string, string>>
  /** Other loaders, searched last. */
  readonly loaders?: readonly TemplateLoader[]
  /** Whether this is development; default false. Sets the default of `autoReload`. */
  readonly debug?: boolean
  /** Whether a changed file is compiled anew, and a new one seen; default: as `debug`. Reads the file at each use. */
  readonly autoReload?: boolean
  /** Whether output is escaped where nothing else is said; default true. */
  readonly autoescape?: boolean
  /** Whether a missing variable is an error; default false: it is written as `stringIfInvalid`. */
  readonly strict?: boolean
  /** What stands for a missing variable; default `''`. */
  readonly stringIfInvalid?: string
  /** Whether numbers and dates are written as the current language does; default true. */
  readonly localize?: boolean
  /** Formats by language, over the built-in ones. */
  readonly formats?: FormatOverrides
  readonly globals?: TemplateGlobals
  readonly processors?: readonly ContextProcessor[]
  /** Libraries for `{% load %}` in this engine only. */
  readonly libraries?: Readonly<Record<string, Library>>
  /** Makes the response of a typed handle; default: a standard Response of `text/html`. */
  readonly respond?: (html: string) => Response
  /** False runs templates without generating code, as where evaluation is forbidden; default true. */
  readonly generateCode?: boolean
}

interface Entry {
  readonly template: CompiledTemplate
  readonly version: string | undefined
}

/** Names may come from requests: what is remembered of missing or odd names must not grow without end. */
const MAX_KEPT = 5000

/**
 * Templates with their options. Applications use the one of `configureTemplates`; tests make their own:
 *
 *     const engine = new Engine({ templates: { hello: 'Hello {{ name }}' } })
 *     engine.render('hello', { name: 'Django' })
 */
export class Engine {
  readonly autoReload: boolean
  readonly autoescape: boolean
  readonly strict: boolean
  readonly invalid: string
  readonly localize: boolean
  readonly locales: Locales
  readonly globals: TemplateGlobals
  readonly generateCode: boolean
  readonly respond: (html: string) => Response
  /** Whether whole numbers are written as they are: true unless some language groups digits by default. */
  readonly plainNumbers: boolean
  readonly #processors: readonly ContextProcessor[]
  readonly #libraries: Readonly<Record<string, Library>>
  readonly #loaders: readonly TemplateLoader[]
  readonly #entries = new Map<string, Entry>()

  constructor(options: TemplateOptions = {}) {
    this.autoReload = options.autoReload ?? options.debug ?? false
    this.autoescape = options.autoescape ?? true
    this.strict = options.strict ?? false
    this.invalid = options.stringIfInvalid ?? ''
    this.localize = options.localize ?? true
    this.locales = new Locales(options.formats ?? {})
    this.globals = options.globals ?? {}
    this.generateCode = options.generateCode ?? true
    this.respond = options.respond ?? htmlResponse
    this.plainNumbers = !Object.values(options.formats ?? {}).some((formats) => formats.USE_THOUSAND_SEPARATOR === true)
    this.#processors = options.processors ?? []
    this.#libraries = options.libraries ?? {}
    this.#loaders = [
      ...(options.dirs !== undefined && options.dirs.length > 0 ? [filesystemLoader(options.dirs)] : []),
      ...(options.templates === undefined ? [] : [memoryLoader(options.templates)]),
      ...(options.loaders ?? []),
    ]
  }

  /**
   * Renders a template: text, or a promise of it where something has to be awaited (a query set, a relation).
   *
   * @param name   `library/book_list.html`, `book.html#row` for one partial, or several names: the first that exists
   * @param context   own properties are the variables
   * @param request   what `{% csrf_token %}`, `{% url %}` and context processors get; bound as `request` too
   * @throws TemplateDoesNotExist templates.not-found
   * @throws TemplateSyntaxError, TemplateRenderError with the template's line
   */
  render(
    name: string | readonly string[],
    context: Readonly<Record<string, unknown>> = {},
    request: unknown = null,
  ): string | Promise<string> {
    const template = this.select(name, (one) => one)
    const root = this.#context(context, request)
    return template.run(root, new RenderState(this, request, root, null), this.autoescape)
  }

  /** Renders text that is no file: for tests and small tools. Compiled each time. */
  renderText(
    source: string,
    context: Readonly<Record<string, unknown>> = {},
    request: unknown = null,
  ): string | Promise<string> {
    const template = this.compile('<text>', source, '<text>')
    const root = this.#context(context, request)
    return template.run(root, new RenderState(this, request, root, null), this.autoescape)
  }

  /** Renders a template for a tag: these values only, and the state of the page around. */
  renderSafe(
    name: string,
    values: Readonly<Record<string, unknown>>,
    outer: RenderState,
  ): SafeString | Promise<SafeString> {
    const scope: Scope = Object.assign(Object.create(null), values)
    const out = this.load(name).run(scope, new RenderState(this, outer.request, scope, outer), this.autoescape)
    return typeof out === 'string' ? safe(out) : out.then(safe)
  }

  /** Variables as the templates see them: no prototype, so that `{{ constructor }}` is nothing. */
  #context(context: Readonly<Record<string, unknown>>, request: unknown): Scope {
    const root: Scope = Object.create(null)
    if (request !== null && request !== undefined) root.request = request
    for (const processor of this.#processors) Object.assign(root, processor(request))
    return Object.assign(root, context)
  }

  /** Whether some loader knows the template. */
  has(name: string): boolean {
    try {
      this.load(name)
      return true
    } catch (error) {
      if (error instanceof TemplateDoesNotExist) return false
      throw error
    }
  }

  /**
   * A template ready to render, kept once compiled.
   *
   * @param skip   origins to pass over: a template that extends its own name means the next one
   * @throws TemplateDoesNotExist, TemplateSyntaxError
   */
  load(name: string, skip: ReadonlySet<string> = NOTHING): CompiledTemplate {
    const kept = this.#entries.get(name)
    if (kept !== undefined && !this.autoReload && !skip.has(kept.template.origin)) return kept.template
    const hash = name.indexOf('#')
    if (hash > 0) return this.#loadPartial(name, name.slice(0, hash), name.slice(hash + 1))
    for (const loader of this.#loaders) {
      const found = loader.find(name, skip)
      if (found === null) continue
      if (kept?.template.origin === found.origin && kept.version === found.version) return kept.template
      const template = this.compile(name, found.source, found.origin)
      if (skip.size === 0) this.#keep(name, { template, version: found.version })
      return template
    }
    throw new TemplateDoesNotExist(
      name,
      this.#loaders.flatMap((loader) => loader.places(name)),
    )
  }

  #keep(name: string, entry: Entry): void {
    if (this.#entries.size >= MAX_KEPT) this.#entries.clear()
    this.#entries.set(name, entry)
  }

  /** `book.html#row`: the body of a partial as a template. */
  #loadPartial(name: string, file: string, partial: string): CompiledTemplate {
    const whole = this.load(file)
    const section = whole.tree.partials.get(partial)
    if (section === undefined) {
      throw new TemplateDoesNotExist(
        name,
        [],
        `"${file}" defines ${[...whole.tree.partials.keys()].join(', ') || 'no partials'}.`,
      )
    }
    const tree: TemplateTree = { ...whole.tree, body: section.body, parent: null }
    const template = new CompiledTemplate(this, tree, `${whole.origin}#${partial}`)
    if (!this.autoReload) this.#keep(name, { template, version: undefined })
    return template
  }

  /** The first of several templates that exists; what is compiled already is given back. */
  select(target: unknown, resolve: (name: string) => string): CompiledTemplate {
    if (target instanceof CompiledTemplate) return target
    const name = this.nameOf(target)
    if (name !== null) return this.load(resolve(name))
    if (!Array.isArray(target) || target.length === 0) {
      throw new TemplateDoesNotExist(String(target ?? ''), [], 'No template name was given.')
    }
    const missing: string[] = []
    for (const one of target) {
      try {
        return this.load(resolve(String(one)))
      } catch (error) {
        if (!(error instanceof TemplateDoesNotExist) || error.place !== null) throw error
        missing.push(...error.tried)
      }
    }
    throw new TemplateDoesNotExist(target.map(String).join(', '), missing)
  }

  /** The name in a value: text, or a template with a `name`. */
  nameOf(target: unknown): string | null {
    if (typeof target === 'string') return target === '' ? null : target
    if (target instanceof SafeString) return this.nameOf(target.toString())
    if (typeof target === 'object' && target !== null && 'name' in target && typeof target.name === 'string')
      return target.name
    return null
  }

  /** Parses a text. @throws TemplateSyntaxError */
  compile(name: string, source: string, origin: string): CompiledTemplate {
    const tree = new Parser(name, source, this.#vocabulary()).parseTemplate()
    return new CompiledTemplate(this, tree, origin)
  }

  /** Syntax errors of a template, for checks: null when it compiles. @throws TemplateDoesNotExist */
  check(name: string): TemplateSyntaxError | null {
    try {
      this.load(name)
      return null
    } catch (error) {
      if (error instanceof TemplateSyntaxError) return error
      throw error
    }
  }

  /** The names a template holds as text. @throws TemplateDoesNotExist, TemplateSyntaxError */
  references(name: string): TemplateReference[] {
    return referencesOf(this.load(name).tree)
  }

  #vocabulary(): Vocabulary {
    const own = registered()
    const built = builtIns()
    const library = (name: string): Library | undefined =>
      Object.hasOwn(this.#libraries, name)
        ? this.#libraries[name]
        : (own.libraries.get(name) ?? built.libraries.get(name))
    return {
      tags: own.tags.size === 0 ? built.tags : new Map([...built.tags, ...own.tags]),
      filters: own.filters.size === 0 ? built.filters : new Map([...built.filters, ...own.filters]),
      library,
      libraryNames: () => [...Object.keys(this.#libraries), ...own.libraries.keys(), ...built.libraries.keys()],
    }
  }
}

function htmlResponse(html: string): Response {
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
}

const NOTHING: ReadonlySet<string> = new Set()
