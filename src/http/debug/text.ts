/** The debug page for terminals and for programs. */
import type { RepeatedQuery } from '../../db/repeats/repeated-query.ts'
import type { DebugQuery, DebugReport, ErrorReport, Row } from './report.ts'
import type { Excerpt } from './stack.ts'

/** Plain text, for `curl`: what happened, where, why, and what the request asked of the database. */
export function debugText(report: DebugReport): string {
  const { status, method, target, queries, total, repeats } = report
  const parts = [
    `${status}  ${method} ${target}`,
    headline(report),
    ...(report.tried.length > 0 ? [list('Routes that were tried, in this order', report.tried)] : []),
    ...body(report),
    ...report.causes.map((cause) => [`Caused by ${headline(cause)}`, ...body(cause)].join('\n\n')),
    rows('Request', report.request),
    ...(report.form === null ? [] : [rows('Form', report.form)]),
    ...(repeats.length === 0 ? [] : [list('Queries in a loop', repeats.map(repeatLine))]),
    ...(queries === null ? [] : [list(queriesTitle(total), queries.map(queryLine))]),
    'This is shown because the setting debug is on. With Accept: text/html comes the page, with application/json JSON.',
  ]
  return `${parts.join('\n\n')}\n`
}

/** What `Accept: application/json` gets below `error`, beside code and message. */
export function debugJson(report: DebugReport): object {
  const { queries, total, repeats } = report
  return {
    ...errorJson(report),
    status: report.status,
    causes: report.causes.map(errorJson),
    request: { method: report.method, target: report.target },
    ...(report.tried.length > 0 ? { tried: report.tried } : {}),
    ...(repeats.length === 0 ? {} : { repeats }),
    ...(queries === null
      ? {}
      : { queries: { ...total, duration: Math.round(total.duration * 10) / 10, list: queries } }),
  }
}

function errorJson({ kind, code, message, hint, place, trail, frames }: ErrorReport): object {
  return {
    kind,
    code: code ?? undefined,
    message,
    hint: hint ?? undefined,
    place: place === null ? undefined : `${place.file}:${place.line}`,
    trail: trail.length > 0 ? trail : undefined,
    stack: frames.map(({ text }) => text),
  }
}

/** `Queries: 12 in 3.4 ms` */
export function queriesTitle({ queries, duration }: DebugReport['total']): string {
  return `Queries: ${queries}${queries === 0 ? '' : ` in ${duration.toFixed(1)} ms`}`
}

function headline({ kind, code, message, hint }: ErrorReport): string {
  return `${kind}${code === null ? '' : ` ${code}`}: ${message}${hint === null ? '' : `\n${hint}`}`
}

function body({ place, trail, frames }: ErrorReport): string[] {
  const own = frames.filter((frame) => frame.own)
  return [
    ...(place === null ? [] : [source(place)]),
    ...(trail.length > 0 ? [list('Came from', trail)] : []),
    ...(frames.length > 0
      ? [
          list(
            'Stack',
            (own.length > 0 ? own : frames).map(({ text }) => text),
          ),
        ]
      : []),
  ]
}

function source({ file, line, first, lines }: Excerpt): string {
  const width = String(first + lines.length).length
  const shown = lines.map((text, index) => {
    const number = first + index
    return `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`
  })
  return [`${file}:${line}`, ...shown].join('\n')
}

function repeatLine({ place, about, count, sql, advice }: RepeatedQuery): string {
  return `×${count} ${place}${about === null ? '' : ` (${about})`}: ${advice}  ${sql}`
}

function queryLine({ sql, duration, params, same = 1, alike = 1, error }: DebugQuery): string {
  const time = duration === undefined ? '' : `${duration.toFixed(1)} ms  `
  const marks = [same > 1 ? `same ×${same}` : alike > 1 ? `alike ×${alike}` : '', error === undefined ? '' : error]
  const values = params === null ? '  [values hidden]' : params?.length ? `  [${params.join(', ')}]` : ''
  return `${time}${sql}${values}${marks.some(Boolean) ? `  (${marks.filter(Boolean).join('; ')})` : ''}`
}

function list(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n')
}

function rows(title: string, all: readonly Row[]): string {
  return list(
    title,
    all.map(([name, value]) => `${name}: ${value}`),
  )
}
