/** What the debug page shows of a project: settings without secrets, and the queries of the request. */
import { redactSettings } from '../../conf/index.ts'
import type { DebugInfo, DebugQuery, HttpRequest } from '../../http/index.ts'
import { currentRequest } from '../../http/index.ts'
import { describeThrown } from '../../std/describe.ts'
import type { Project } from '../project.ts'
import type { RepeatWatch } from './repeats.ts'

/** Queries kept per request: a loop over thousands shows as one. */
const MOST = 200
const MAX_VALUES = 50
const MAX_VALUE = 120
/** Columns and tables whose values are nobody's business, whatever models say. */
const SECRET = /passw|secret|token|session|credential|signature|api_?key|private_?key/i

interface Noted {
  readonly sql: string
  readonly duration: number
  readonly rows: number
  readonly values: readonly unknown[]
  readonly error: unknown
}

interface Notes {
  readonly first: Noted[]
  queries: number
  duration: number
}

/** What a handler asks for its debug page, and how to stop taking notes. */
export interface DebugSource {
  readonly info: (request: HttpRequest) => DebugInfo
  readonly stop: () => void
}

/** From now on queries are noted, for each request: only with debug, and until `stop()`. */
export async function debugInformation(project: Project, repeats: RepeatWatch | null): Promise<DebugSource> {
  // Node keeps ten frames: a mistake in a query is often deeper in ours than that, and the project's line is wanted.
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 40)
  const settings = redactSettings(project.settings)
  if (!project.usesDatabases) return { info: () => ({ settings }), stop: () => {} }
  const notes = new WeakMap<HttpRequest, Notes>()
  const { onQuery } = await import('../../db/internal.ts')
  const stop = onQuery(({ sql, milliseconds, params, rows, error }) => {
    const request = currentRequest()
    if (request === null) return
    let noted = notes.get(request)
    if (noted === undefined) {
      noted = { first: [], queries: 0, duration: 0 }
      notes.set(request, noted)
    }
    noted.queries++
    noted.duration += milliseconds
    if (noted.first.length < MOST) noted.first.push({ sql, duration: milliseconds, rows, values: params, error })
  })
  const secrets = secretColumns(project)
  const info = (request: HttpRequest): DebugInfo => {
    const { first, queries, duration } = notes.get(request) ?? { first: [], queries: 0, duration: 0 }
    const loops = repeats?.of(request) ?? []
    return { settings, queries: described(first, secrets), total: { queries, duration }, repeats: loops }
  }
  return { info, stop }
}

/** Columns of fields that are secret. */
function secretColumns({ apps }: Project): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { model } of apps.models())
    for (const { secret, column } of model.meta.fields.values()) if (secret && column !== null) found.add(column)
  return found
}

function described(noted: readonly Noted[], secrets: ReadonlySet<string>): DebugQuery[] {
  const alike = new Map<string, number>()
  const same = new Map<string, number>()
  const keys = noted.map(({ sql, values }) => `${sql}\n${values.map(brief).join('\n')}`)
  for (const [i, { sql }] of noted.entries()) {
    alike.set(sql, (alike.get(sql) ?? 0) + 1)
    same.set(keys[i]!, (same.get(keys[i]!) ?? 0) + 1)
  }
  return noted.map(({ sql, duration, rows, values, error }, i) => ({
    sql,
    duration,
    rows,
    params: isSecret(sql, secrets) ? null : values.slice(0, MAX_VALUES).map(brief),
    same: same.get(keys[i]!)!,
    alike: alike.get(sql)!,
    ...(error === undefined ? {} : { error: describeThrown(error).split('\n')[0]! }),
  }))
}

/** What a query reads is not among its values; what it looks for, or writes, is. */
function isSecret(sql: string, columns: ReadonlySet<string>): boolean {
  const from = /^\s*select\b/i.test(sql) ? sql.search(/\bfrom\b/i) : 0
  const told = sql.slice(Math.max(from, 0))
  return SECRET.test(told) || [...columns].some((column) => told.includes(column))
}

function brief(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text
}
