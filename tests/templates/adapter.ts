/** Runs rows of the conformance vectors through an engine. Knows the format of the rows, and none of them. */
import { readFileSync } from 'node:fs'
import { vi } from 'vitest'
import { addCatalog, clearCatalogs, withLanguage, withTimeZone } from '../../src/i18n/index.ts'
import { Temporal } from '../../src/std/dates.ts'
import { Decimal } from '../../src/std/decimal.ts'
import { NuagesError } from '../../src/std/errors.ts'
import { markSafe } from '../../src/std/html.ts'
import { Engine } from '../../src/templates/engine.ts'
import { TemplateDoesNotExist, TemplateSyntaxError } from '../../src/templates/errors.ts'
import type { Formats } from '../../src/templates/runtime/locale.ts'

export interface TemplateRow {
  readonly id: string
  readonly topic: string
  readonly templates: Readonly<Record<string, string>>
  readonly main: string
  readonly context: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly also?: readonly Readonly<Record<string, unknown>>[]
  readonly translations?: Readonly<Record<string, { plural?: string; messages: Record<string, string | string[]> }>>
  readonly formats?: Readonly<Record<string, Record<string, unknown>>>
  readonly urls?: readonly UrlPattern[]
  readonly expect: Outcome
  readonly expect_newer?: Outcome
  readonly flags?: readonly string[]
}

interface UrlPattern {
  readonly kind: string
  readonly route: string
  readonly name?: string
}

interface Outcome {
  readonly output?: string
  readonly error?: { readonly class: string; readonly phase: string }
}

/** All rows of a file of vectors. */
export function readRows<T>(file: string): T[] {
  const text = readFileSync(new URL(`../conformance/${file}.jsonl`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** A value of a row, its tags read. */
export function fromRow(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromRow)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const tagged = value as Record<string, never>
  if (entries[0]?.[0].startsWith('$')) {
    if ('$safe' in value) return markSafe(String(value.$safe))
    if ('$date' in value) return Temporal.PlainDate.from(String(value.$date))
    if ('$time' in value) return Temporal.PlainTime.from(String(value.$time))
    if ('$decimal' in value) return new Decimal(String(value.$decimal))
    if ('$bigint' in value) return BigInt(String(value.$bigint))
    if ('$float' in value) return Number(value.$float)
    if ('$timedelta' in value) return Temporal.Duration.from({ seconds: Number(value.$timedelta) })
    if ('$map' in value) return new Map((value.$map as [unknown, unknown][]).map(([k, v]) => [fromRow(k), fromRow(v)]))
    if ('$datetime' in value) {
      const plain = Temporal.PlainDateTime.from(String(tagged.$datetime))
      if (tagged.offset === undefined) return plain
      const minutes = Math.abs(Number(tagged.offset)) / 60
      const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
      const zone = tagged.zone ?? `${Number(tagged.offset) < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
      return plain.toZonedDateTime(zone)
    }
  }
  return Object.fromEntries(entries.map(([key, one]) => [key, fromRow(one)]))
}

/** What rows without translations of their own expect of the languages of the framework. */
const DJANGO_CATALOGS = {
  de: {
    '{value} million': ['{value} Million', '{value} Millionen'],
    '{value} billion': ['{value} Milliarde', '{value} Milliarden'],
    '{value} trillion': ['{value} Billion', '{value} Billionen'],
  },
}

class NoReverseMatch extends NuagesError {}

/** A few of Django's URL patterns reversed: enough for the rows. */
function reverser(patterns: readonly UrlPattern[]) {
  return (name: string, parameters: Readonly<Record<string, unknown>> | readonly unknown[]): string => {
    for (const { kind, route, name: known } of patterns) {
      if (known !== name || kind === 'include') continue
      const groups = route.match(/\((?:\?P<\w+>)?(?:[^()]|\([^)]*\))*\)/g) ?? []
      const keys = groups.map((group) => /^\(\?P<(\w+)>/.exec(group)?.[1])
      const values = Array.isArray(parameters)
        ? parameters
        : keys.map((key) => (parameters as Record<string, unknown>)[key!])
      if (!Array.isArray(parameters) && (keys.includes(undefined) || Object.keys(parameters).length !== groups.length))
        continue
      if (values.length !== groups.length || values.includes(undefined)) continue
      let path = route.replace(/^\^|\$$/g, '')
      groups.forEach((group, i) => {
        path = path.replace(group, () => String(values[i]))
      })
      return `/${encodeURI(path).replace(/%25/g, '%')}`
    }
    throw new NoReverseMatch(`No URL is named ${name}.`, { code: 'test.no-reverse-match' })
  }
}

/** What a template file gave, in the words of the rows. */
export async function outcomeOf(
  row: TemplateRow,
  settings: TemplateRow['settings'],
  generateCode = true,
): Promise<Outcome> {
  clearCatalogs()
  for (const [language, messages] of Object.entries(DJANGO_CATALOGS)) addCatalog(language, messages)
  for (const [language, { messages }] of Object.entries(row.translations ?? {})) {
    // A message that only repeats its id, context and all, is one without a translation.
    addCatalog(language, Object.fromEntries(Object.entries(messages).filter(([id, text]) => id !== text)))
  }
  if (settings.now !== undefined) vi.useFakeTimers({ now: new Date(String(settings.now)), toFake: ['Date'] })
  const localize = settings.USE_L10N === true
  const given: Record<string, unknown> = {}
  for (const key of ['USE_THOUSAND_SEPARATOR', 'DECIMAL_SEPARATOR', 'THOUSAND_SEPARATOR', 'NUMBER_GROUPING']) {
    if (settings[key] !== undefined) given[key] = settings[key]
  }
  const language = String(settings.language ?? 'en')
  const formats: Record<string, Partial<Formats>> = { ...(row.formats as Record<string, Partial<Formats>>) }
  if (Object.keys(given).length > 0) formats[localize ? language : 'en'] = { ...formats[language], ...given }
  const engine = new Engine({
    templates: row.templates,
    debug: settings.debug === true,
    autoescape: settings.autoescape !== false,
    stringIfInvalid: String(settings.string_if_invalid ?? ''),
    localize,
    formats,
    generateCode,
    globals: {
      url: reverser(row.urls ?? []),
      static: (path) => `/static/${path}`,
      staticUrl: '/static/',
      mediaUrl: String(settings.MEDIA_URL ?? ''),
      languages: [
        ['de', 'German'],
        ['en', 'English'],
        ['fr', 'French'],
      ],
    },
  })
  try {
    return await withLanguage(language, () => withTimeZone('America/Chicago', () => run(engine, row)))
  } finally {
    vi.useRealTimers()
  }
}

async function run(engine: Engine, row: TemplateRow): Promise<Outcome> {
  const failed = (error: unknown, phase: string): Outcome => {
    const cause = error instanceof Error && error.cause instanceof NoReverseMatch ? error.cause : error
    if (cause instanceof TemplateSyntaxError) return { error: { class: 'TemplateSyntaxError', phase } }
    if (cause instanceof TemplateDoesNotExist) return { error: { class: 'TemplateDoesNotExist', phase } }
    if (cause instanceof NuagesError) return { error: { class: cause.name, phase } }
    throw error
  }
  try {
    engine.load(row.main)
  } catch (error) {
    return failed(error, error instanceof TemplateDoesNotExist ? 'load' : 'compile')
  }
  try {
    return { output: await engine.render(row.main, fromRow(row.context) as Record<string, unknown>) }
  } catch (error) {
    return failed(error, 'render')
  }
}

/** Whether an outcome is one that the row allows. */
export function isExpected(row: TemplateRow, outcome: Outcome): boolean {
  return [row.expect, row.expect_newer].some(
    (expected) =>
      expected !== undefined &&
      (expected.error === undefined
        ? outcome.output === expected.output
        : outcome.error?.class === expected.error.class && outcome.error.phase === expected.error.phase),
  )
}
