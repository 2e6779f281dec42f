/** What can go wrong with a template, always with the template's own line. */
import { NuagesError, type NuagesErrorOptions } from '../std/errors.ts'

/** A place in a template. */
export interface TemplatePlace {
  /** The template's name, as it was asked for. */
  readonly template: string
  /** Counted from 1. */
  readonly line: number
  /** The text of that line, without its line break; cut at 200 characters. */
  readonly sourceLine: string
}

const MAX_SOURCE_LINE = 200
/** The whole text a place is in, for whoever shows the lines around it. */
const sources = new WeakMap<TemplatePlace, string>()

/**
 * The base of all template errors. `template`, `line` and `sourceLine` say where; `trace` lists the places that led
 * there, innermost first: the tags still open while parsing, the including and extending templates while rendering.
 */
export class TemplateError extends NuagesError {
  readonly place: TemplatePlace | null = null
  readonly trace: readonly TemplatePlace[] = []
  readonly #bare: string

  constructor(message: string, options: NuagesErrorOptions) {
    super(message, options)
    this.#bare = message
  }

  /** Name of the template, or null while the error is not placed. */
  get template(): string | null {
    return this.place?.template ?? null
  }

  /** Line in the template, from 1; null while the error is not placed. */
  get line(): number | null {
    return this.place?.line ?? null
  }

  /** The source of that line. */
  get sourceLine(): string | null {
    return this.place?.sourceLine ?? null
  }

  /** Where it is, with the template's text: what the debug page shows instead of generated code. */
  get excerpt(): { readonly file: string; readonly line: number; readonly source: string } | undefined {
    const source = this.place === null ? undefined : sources.get(this.place)
    return source === undefined ? undefined : { file: this.place!.template, line: this.place!.line, source }
  }

  /** The including and extending templates, innermost first: `page.html:3: {% include "row.html" %}`. */
  get trail(): readonly string[] {
    return this.trace.map(({ template, line, sourceLine }) => `${template}:${line}: ${sourceLine.trim()}`)
  }

  /** The message without the place. */
  get reason(): string {
    return this.#bare
  }

  /** Adds a place: the first is where it happened, the others are how it came to that. Rewrites the message. */
  addPlace(place: TemplatePlace): this {
    if (this.place === null) Object.assign(this, { place })
    else Object.assign(this, { trace: [...this.trace, place] })
    const { template, line, sourceLine } = this.place!
    const came = this.trace.map((at) => `\n  from ${at.template}:${at.line}: ${at.sourceLine.trim()}`).join('')
    this.message = `${this.#bare}\n  in ${template}:${line}: ${sourceLine.trim()}${came}`
    const frames = this.stack?.indexOf('\n    at ') ?? -1
    const tail = frames >= 0 ? this.stack!.slice(frames) : ''
    Object.defineProperty(this, 'stack', { value: this.toString() + tail, configurable: true, writable: true })
    return this
  }
}

/** The template's text is wrong: `templates.bad-syntax`, `templates.unknown-tag`, `templates.unknown-filter`... */
export class TemplateSyntaxError extends TemplateError {}

/** No loader knows the template: `templates.not-found`. `tried` lists where it was looked for. */
export class TemplateDoesNotExist extends TemplateError {
  readonly templateName: string
  readonly tried: readonly string[]

  constructor(name: string, tried: readonly string[], hint?: string) {
    super(`The template ${JSON.stringify(name)} does not exist.`, {
      code: 'templates.not-found',
      hint: hint ?? (tried.length > 0 ? `Looked for: ${tried.join(', ')}` : 'No template directory is configured.'),
    })
    this.templateName = name
    this.tried = tried
  }
}

/** Rendering failed; `cause` is what was thrown, and an HTTP status it carries is kept. */
export class TemplateRenderError extends TemplateError {}

/** Strict mode: the context has no such variable: `templates.unknown-variable`. */
export class UnknownVariableError extends TemplateRenderError {}

/** A syntax error with the usual code. */
export function syntaxError(message: string, options: { code?: string; hint?: string } = {}): TemplateSyntaxError {
  return new TemplateSyntaxError(message, { code: options.code ?? 'templates.bad-syntax', hint: options.hint })
}

/** The place of a line in a source text. */
export function placeOf(template: string, source: string, line: number): TemplatePlace {
  const text = source.split(/\r\n|\r|\n/, line)[line - 1] ?? ''
  const sourceLine = text.length > MAX_SOURCE_LINE ? `${text.slice(0, MAX_SOURCE_LINE)}…` : text
  const place: TemplatePlace = { template, line, sourceLine }
  sources.set(place, source)
  return place
}
