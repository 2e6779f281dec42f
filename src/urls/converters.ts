import { UrlPatternError } from './errors.ts'
import type { Converters } from './types.ts'

/** What a path converter does: which text it takes, the value a view gets, the text a link gets. */
export interface Converter<T = unknown> {
  /** Which text it takes, whole; without flags. It should not match `/` unless it is meant to span segments. */
  readonly regex: RegExp
  /** The value for the view. `undefined` refuses the text: the next route is tried. Default: the text. */
  readonly toValue?: (text: string) => T | undefined
  /** The text for a link; it has to match `regex`. Default: `String(value)`. */
  readonly toUrl?: (value: T) => string
}

/** A converter as the compiler uses it. */
export interface CompiledConverter {
  readonly name: string
  readonly source: string
  /** Capturing groups inside `source`. */
  readonly groups: number
  /** The whole text, nothing before or after. */
  readonly whole: RegExp
  readonly toValue: ((text: string) => unknown) | undefined
  readonly toUrl: (value: unknown) => string
  /** False only when no text it takes holds a slash. */
  readonly spans: boolean
  /** Whether `toValue` may say no, so that a regex match alone decides nothing. */
  readonly refuses: boolean
}

/** Beyond 2^53 a number is not the one that was asked for: no match. */
function toInteger(text: string): number | undefined {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

const registered = new Map<string, CompiledConverter>()

// Of any value: only its text is used.
function compile(name: string, converter: Converter<any>, known?: { spans: boolean }): CompiledConverter {
  const { source, flags } = converter.regex
  if (flags.replace(/[gd]/g, '') !== '') {
    throw new UrlPatternError(
      `The regex of converter "${name}" has flags (${flags}); flags are not kept in a pattern.`,
      {
        code: 'urls.bad-pattern',
        hint: 'Write what you mean without flags, such as [A-Za-z] instead of /[a-z]/i.',
      },
    )
  }
  return {
    name,
    source,
    groups: new RegExp(`${source}|`).exec('')!.length - 1,
    whole: new RegExp(`^(?:${source})$`),
    toValue: converter.toValue,
    toUrl: converter.toUrl ?? String,
    spans: known?.spans ?? true,
    refuses: converter.toValue !== undefined,
  }
}

const inSegment = { spans: false }
registered.set('str', compile('str', { regex: /[^/]+/ }, inSegment))
registered.set('int', compile('int', { regex: /[0-9]+/, toValue: toInteger }, inSegment))
registered.set('slug', compile('slug', { regex: /[-a-zA-Z0-9_]+/ }, inSegment))
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
registered.set('uuid', compile('uuid', { regex: uuid }, inSegment))
registered.set('path', compile('path', { regex: /[^\n\r]+/ }, { spans: true }))

/**
 * Adds a path converter. Declare its type too: `declare module 'nuages/urls' { interface Converters { year4: number } }`.
 *
 *     registerConverter('year4', { regex: /[0-9]{4}/, toValue: Number })
 *
 * @throws UrlPatternError urls.duplicate-converter when the name is taken
 * @throws UrlPatternError urls.bad-pattern when the regex has flags
 */
export function registerConverter<const N extends string>(
  name: N,
  converter: Converter<N extends keyof Converters ? Converters[N] : unknown>,
): void {
  if (registered.has(name)) {
    throw new UrlPatternError(`A path converter named "${name}" exists already.`, {
      code: 'urls.duplicate-converter',
      hint: 'Choose another name: patterns of other apps rely on the one that is there.',
    })
  }
  registered.set(name, compile(name, converter))
}

/** The converter of that name, or undefined. */
export function findConverter(name: string): CompiledConverter | undefined {
  return registered.get(name)
}

/** Names of all converters, for error messages. */
export function converterNames(): string[] {
  return [...registered.keys()].sort()
}
