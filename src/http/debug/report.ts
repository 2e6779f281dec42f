/** What the debug page says, as data with secrets already gone: the page, its text and its JSON are written from it. */
import type { RepeatedQuery } from '../../db/repeats/repeated-query.ts'
import { NuagesError } from '../../std/errors.ts'
import type { HttpRequest } from '../request.ts'
import type { FormBody } from '../uploads/form-body.ts'
import { HIDDEN, redact, redactForm, redactTarget } from './redact.ts'
import { type Excerpt, excerpt, excerptOf, type StackFrame, stackFrames } from './stack.ts'

/** A statement a request sent to a database. */
export interface DebugQuery {
  readonly sql: string
  /** Milliseconds. */
  readonly duration?: number
  /** Values, as text; null where they are secret. */
  readonly params?: readonly string[] | null
  /** How many statements of the request were exactly this one. */
  readonly same?: number
  /** How many had this SQL, with whatever values: a loop over rows that asks for each. */
  readonly alike?: number
  readonly rows?: number
  readonly error?: string
}

/** What the project adds to the debug page. */
export interface DebugInfo {
  /** Settings by name, secrets already replaced. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Database queries this request made, the first of them where there are many. */
  readonly queries?: readonly DebugQuery[]
  /** How many there were in all, and their milliseconds. */
  readonly total?: { readonly queries: number; readonly duration: number }
  /** Loops of queries that should be one. */
  readonly repeats?: readonly RepeatedQuery[]
}

/** An error that knows a better place than its stack, such as a line of a template; undefined when it does not yet. */
export interface HasExcerpt {
  readonly excerpt: { readonly file: string; readonly line: number; readonly source: string } | undefined
  /** Places that led there: the templates that include or extend it. */
  readonly trail?: readonly string[]
}

/** Row of a table: what, and its value. */
export type Row = readonly [name: string, value: string]

/** One error of a chain of causes. */
export interface ErrorReport {
  /** `FieldNameError`, or `Thrown value`. */
  readonly kind: string
  readonly code: string | null
  readonly message: string
  readonly hint: string | null
  readonly place: Excerpt | null
  readonly trail: readonly string[]
  readonly frames: readonly StackFrame[]
}

/** Everything there is to say. */
export interface DebugReport extends ErrorReport {
  readonly status: number
  readonly method: string
  readonly target: string
  readonly causes: readonly ErrorReport[]
  readonly request: readonly Row[]
  readonly form: readonly Row[] | null
  readonly headers: readonly Row[]
  readonly queries: readonly DebugQuery[] | null
  readonly total: { readonly queries: number; readonly duration: number }
  readonly repeats: readonly RepeatedQuery[]
  readonly settings: readonly Row[]
  readonly environment: readonly Row[]
  /** Patterns that did not match, for a 404. */
  readonly tried: readonly string[]
}

/** Longer chains are errors that have themselves as cause. */
const MAX_CAUSES = 5
const MAX_VALUE = 2000

/** Gathers what is known of an error and of the request it happened in. */
export function debugReport(
  request: HttpRequest,
  error: unknown,
  status: number,
  more: { readonly info: DebugInfo; readonly tried: readonly string[]; readonly form: FormBody | null },
): DebugReport {
  const { info, tried, form } = more
  const queries = info.queries ?? null
  return {
    ...describe(error, status < 500),
    status,
    method: request.method,
    target: redactTarget(request.target),
    causes: causesOf(error),
    request: requestRows(request),
    form: form === null ? null : formRows(form),
    headers: [...request.headers].map(([name, value]): Row => [name, headerValue(name, value)]),
    queries,
    total: info.total ?? {
      queries: queries?.length ?? 0,
      duration: queries?.reduce((sum, { duration = 0 }) => sum + duration, 0) ?? 0,
    },
    repeats: info.repeats ?? [],
    settings: Object.entries(info.settings ?? {}).map(([name, value]): Row => [name, show(value)]),
    // No variables of the environment: secrets there have any name.
    environment: [
      ['Node', process.version],
      ['Platform', `${process.platform} ${process.arch}`],
      ['Folder', process.cwd()],
    ],
    tried: status === 404 ? tried.slice(0, 500) : [],
  }
}

/** The address of the page before has parameters, too. */
const headerValue = (name: string, value: string): string =>
  name === 'referer' ? redactTarget(value) : redact(name, value)

function describe(error: unknown, isAnswer = false): ErrorReport {
  if (!(error instanceof Error)) {
    return {
      ...{ kind: 'Thrown value', code: null, message: show(error), place: null, trail: [], frames: [] },
      hint: 'This is no Error. Throw one, as in throw new Error("…"), so that there is a stack to look at.',
    }
  }
  const ours = error instanceof NuagesError ? error : null
  const own = ownPlace(error)
  // An answer thrown on purpose (404, 403) has no fault to look at.
  const place = own ?? (isAnswer && ours !== null ? null : excerptOf(error))
  const frames = stackFrames(error) // of an address that no route has they are all of nuages
  return {
    kind: error.name,
    code: ours?.code ?? null,
    message: (own && 'reason' in error ? String(error.reason) : error.message) || 'An error without a message',
    hint: ours?.hint ?? null,
    place,
    trail: ('trail' in error && Array.isArray(error.trail) ? error.trail : []).map(String),
    frames: isAnswer && ours?.status === 404 && !frames.some(({ own }) => own) ? [] : frames,
  }
}

function ownPlace(error: Error): Excerpt | null {
  const place = 'excerpt' in error ? (error as Error & HasExcerpt).excerpt : undefined
  return place === undefined ? null : excerpt(place.file, place.source, place.line)
}

function causesOf(error: unknown): ErrorReport[] {
  const found: ErrorReport[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && found.length < MAX_CAUSES) {
    found.push(describe(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return found
}

function requestRows(request: HttpRequest): Row[] {
  const match = request.resolverMatch
  return [
    ['Method', request.method],
    ['Target', redactTarget(request.target)],
    ['Client', request.clientIp],
    ...(match ? ([['Route', `${match.name}  ${match.pattern}`]] as Row[]) : []),
    ...Object.entries(match?.params ?? {}).map(
      ([name, value]): Row => [`Parameter ${name}`, redact(name, show(value))],
    ),
    ...[...new URLSearchParams(request.search)]
      .slice(0, 100)
      .map(([name, value]): Row => [`Query ${name}`, redact(name, value)]),
    ...[...request.cookies.keys()].map((name): Row => [`Cookie ${name}`, HIDDEN]),
  ]
}

function formRows(form: FormBody): Row[] {
  const files = [...form.files].map(([name, { name: file, size }]): Row => [name, `${file} (${size} bytes)`])
  return [...redactForm([...form].slice(0, 200)).map(([name, value]): Row => [name, cut(value)]), ...files]
}

function cut(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}

/** A value in words. */
function show(value: unknown): string {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  try {
    return cut(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value))
  } catch {
    return String(value)
  }
}
