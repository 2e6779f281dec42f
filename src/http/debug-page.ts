import { NuagesError } from '../std/errors.ts'
import { html, markSafe, type SafeString } from '../std/html.ts'
import { pageResponse } from './error-pages.ts'
import { errorStyle } from './error-style.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'
import { type Excerpt, excerpt, excerptOf, stackFrames } from './stack.ts'

/** What the project adds to the debug page. */
export interface DebugInfo {
  /** Settings by name, secrets already replaced. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Database queries this request made. */
  readonly queries?: readonly { readonly sql: string; readonly duration?: number }[]
}

/** An error that knows a better place than its stack, such as a line of a template. */
export interface HasExcerpt {
  readonly excerpt: { readonly file: string; readonly line: number; readonly source: string }
}

/** Headers that would let a reader of the page act as the visitor. */
const SECRET =
  /^(?:cookie|set-cookie|authorization|proxy-authorization)$|token|secret|api-?key|password|session|signature/i

/**
 * The page developers see: what happened, what to do, where in the source, and what the request was. Only with `debug`;
 * it shows sources.
 */
export function debugPage(
  request: HttpRequest,
  error: unknown,
  status: number,
  info: DebugInfo,
  tried: readonly string[],
): HttpResponse {
  const { kind, message, hint } = describe(error)
  const found = placeOf(error)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${status} ${message}</title>
<style>${markSafe(errorStyle)}</style>
</head>
<body class="debug">
<header>
<p class="kind mono">${status} · ${kind}</p>
<h1>${message}</h1>
${hint ? html`<p class="hint">${hint}</p>` : ''}
<p class="where mono">${request.method} ${targetOf(request)}${found ? ` — ${found.file}:${found.line}` : ''}</p>
</header>
<main>
${status === 404 && tried.length > 0 ? triedRoutes(tried) : ''}
${found ? sourceSection(found) : ''}
${status === 404 ? '' : stackSection(error)}
${causes(error)}
${table('Request', requestRows(request), true)}
${table('Headers', headerRows(request))}
${queriesSection(info)}
${
  info.settings
    ? table(
        'Settings',
        Object.entries(info.settings).map(([name, value]) => [name, show(value)]),
      )
    : ''
}
<footer>You see this page because the setting debug is on. Visitors of a site in production get a plain one.</footer>
</main>
</body>
</html>
`
  const response = pageResponse(status, String(page))
  response.headers.put('cache-control', 'no-store')
  return response
}

function describe(error: unknown): { kind: string; message: string; hint: string | undefined } {
  if (error instanceof NuagesError)
    return { kind: `${error.name} ${error.code}`, message: error.message, hint: error.hint }
  if (error instanceof Error)
    return { kind: error.name, message: error.message || 'An error without a message', hint: undefined }
  return {
    kind: 'Thrown value',
    message: show(error),
    hint: 'This is not an Error: throw new Error(...), so that there is a stack to look at.',
  }
}

function placeOf(error: unknown): Excerpt | null {
  if (error instanceof Error && 'excerpt' in error) {
    const { file, line, source } = (error as Error & HasExcerpt).excerpt
    const place = excerpt(file, source, line)
    if (place) return place
  }
  return error instanceof NuagesError && error.status < 500 ? null : excerptOf(error)
}

function sourceSection({ file, line, first, lines }: Excerpt): SafeString {
  const rows = lines.map((text, index) => {
    const number = first + index
    return html`<span${markSafe(number === line ? ' class="here"' : '')}><i>${number}</i>${text || ' '}</span>`
  })
  return html`<section><h2>${file}:${line}</h2><div class="body"><pre class="source">${rows}</pre></div></section>`
}

function stackSection(error: unknown): SafeString | string {
  const frames = stackFrames(error)
  if (frames.length === 0) return ''
  const rows = frames.map((frame) => html`<span${markSafe(frame.own ? '' : ' class="lib"')}>${frame.text}</span>\n`)
  return html`<section><details open><summary>Stack</summary><div class="body"><pre class="stack">${rows}</pre></div></details></section>`
}

function causes(error: unknown): SafeString[] {
  const sections: SafeString[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && sections.length < 5) {
    const { kind, message } = describe(cause)
    const rows = stackFrames(cause).map((frame) => `${frame.text}\n`)
    sections.push(
      html`<section><details><summary>Caused by ${kind}: ${message}</summary><div class="body"><pre class="stack">${rows}</pre></div></details></section>`,
    )
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return sections
}

function triedRoutes(tried: readonly string[]): SafeString {
  const rows = tried.slice(0, 500).map((pattern) => html`<li><code>${pattern}</code></li>`)
  return html`<section><h2>Routes that were tried, in this order</h2><div class="body"><ol class="routes">${rows}</ol></div></section>`
}

type Row = readonly [name: string, value: string]

function requestRows(request: HttpRequest): Row[] {
  const match = request.resolverMatch
  return [
    ['Method', request.method],
    ['Target', targetOf(request)],
    ['Client', request.clientIp],
    ...(match ? ([['Route', `${match.name}  ${match.pattern}`]] as Row[]) : []),
    ...Object.entries(match?.params ?? {}).map(([name, value]): Row => [`Parameter ${name}`, show(value)]),
    ...[...new URLSearchParams(request.search)]
      .slice(0, 100)
      .map(([name, value]): Row => [`Query ${name}`, redact(name, value)]),
    ...[...request.cookies.keys()].map((name): Row => [`Cookie ${name}`, '••••••']),
  ]
}

function headerRows(request: HttpRequest): Row[] {
  return [...request.headers].map(([name, value]) => [name, redact(name, value)])
}

/** Path and query, without the values of what looks secret. */
function targetOf({ target }: HttpRequest): string {
  return target.replace(
    /([?&])([^=&]*)=([^&]*)/g,
    (_, sign: string, name: string, value: string) => `${sign}${name}=${redact(name, value)}`,
  )
}

function redact(name: string, value: string): string {
  return SECRET.test(name) ? '••••••' : value
}

function queriesSection({ queries }: DebugInfo): SafeString | string {
  if (!queries) return ''
  const rows = queries
    .slice(0, 500)
    .map(
      ({ sql, duration }, index): Row => [
        `${index + 1}${duration === undefined ? '' : ` · ${duration.toFixed(1)} ms`}`,
        sql,
      ],
    )
  return table(`Queries (${queries.length})`, rows)
}

function table(title: string, rows: readonly Row[], open = false): SafeString {
  const body = rows.length
    ? html`<table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="mono">${value}</td></tr>`)}</table>`
    : html`<p class="none">None.</p>`
  return html`<section><details${markSafe(open ? ' open' : '')}><summary>${title}</summary><div class="body">${body}</div></details></section>`
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value)
  } catch {
    return String(value)
  }
}
