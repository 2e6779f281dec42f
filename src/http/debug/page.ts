import type { RepeatedQuery } from '../../db/repeats/repeated-query.ts'
import { html, markSafe, type SafeString } from '../../std/html.ts'
import { pageResponse } from '../error-pages.ts'
import { errorStyle } from '../error-style.ts'
import type { HttpResponse } from '../response.ts'
import type { DebugQuery, DebugReport, ErrorReport, Row } from './report.ts'
import type { Excerpt, StackFrame } from './stack.ts'
import { queriesTitle } from './text.ts'

/**
 * The page developers see: what happened, what to do, where in the source, and what the request was and asked. Only
 * with `debug`: it shows sources. No script, one style known by its hash.
 */
export function debugPage(report: DebugReport): HttpResponse {
  const { status, kind, code, message, hint, method, target, place } = report
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
<p class="kind mono"><b>${status}</b> ${kind}${code === null ? '' : html` <code>${code}</code>`}</p>
<h1>${message}</h1>
${hint === null ? '' : html`<p class="hint">${hint}</p>`}
<p class="where mono">${method} ${target}${place === null ? '' : html` <span>in ${near(place.file)}:${place.line}</span>`}</p>
${code === null ? '' : html`<p class="more">More about <b>${code}</b>: “Errors” in the reference of the documentation.</p>`}
</header>
<main>
${report.tried.length > 0 ? triedRoutes(report.tried) : ''}
${place === null ? '' : section(`${near(place.file)}:${place.line}`, sourceLines(place), 'place')}
${report.trail.length > 0 ? section('Came from', lines(report.trail)) : ''}
${report.frames.length > 0 ? folded('Stack', stack(report.frames), true) : ''}
${report.causes.map(causeSection)}
${report.repeats.length > 0 ? section('Queries in a loop', html`<ol class="queries">${report.repeats.map(repeatItem)}</ol>`) : ''}
${report.queries === null ? '' : queriesSection(report)}
${folded('Request', table(report.request), true)}
${report.form === null ? '' : folded('Form', table(report.form), true)}
${folded('Headers', table(report.headers))}
${report.settings.length > 0 ? folded('Settings', table(report.settings)) : ''}
${folded('Environment', table(report.environment))}
<footer>You see this page because the setting debug is on. Visitors of a site in production get a plain one.</footer>
</main>
</body>
</html>
`
  const response = pageResponse(status, String(page))
  response.headers.put('cache-control', 'no-store')
  return response
}

/** Paths inside the project begin there. */
function near(file: string): string {
  const folder = `${process.cwd()}/`
  return file.startsWith(folder) ? file.slice(folder.length) : file
}

function sourceLines({ line, first, lines: all }: Excerpt): SafeString {
  const rows = all.map((text, index) => {
    const number = first + index
    return html`<span${markSafe(number === line ? ' class="here"' : '')}><i>${number}</i>${text || ' '}</span>`
  })
  return html`<pre class="source" tabindex="0">${rows}</pre>`
}

/** The project's own frames; the others folded below, as the fault is seldom there. */
function stack(frames: readonly StackFrame[]): SafeString {
  const own = frames.filter((frame) => frame.own)
  const all = html`<pre class="stack">${frames.map((frame) => html`<span${markSafe(frame.own ? '' : ' class="lib"')}>${frame.text}</span>\n`)}</pre>`
  if (own.length === 0 || own.length === frames.length) return all
  return html`<pre class="stack">${own.map(({ text }) => `${text}\n`)}</pre><details class="whole"><summary>All ${frames.length} frames</summary>${all}</details>`
}

function causeSection({ kind, code, message, hint, place, frames }: ErrorReport): SafeString {
  const title = `Caused by ${kind}${code === null ? '' : ` ${code}`}: ${message}`
  const inside = html`${hint === null ? '' : html`<p class="aside">${hint}</p>`}${place === null ? '' : sourceLines(place)}${stack(frames)}`
  return folded(title, inside, true)
}

function triedRoutes(tried: readonly string[]): SafeString {
  const rows = tried.map((pattern) => html`<li><code>${pattern}</code></li>`)
  return section('Routes that were tried, in this order', html`<ol class="routes">${rows}</ol>`)
}

function queriesSection({ queries, total }: DebugReport): SafeString {
  const all = queries ?? []
  const again = all.filter(({ same = 1, alike = 1 }) => same > 1 || alike > 2).length
  const title = `${queriesTitle(total)}${again > 0 ? ` — ${again} of them repeated` : ''}`
  if (all.length === 0) return folded(title, html`<p class="none">None.</p>`)
  const left = total.queries - all.length
  const more = left > 0 ? html`<li class="none">… and ${left} more</li>` : ''
  return folded(title, html`<ol class="queries">${all.map(queryItem)}${more}</ol>`, again > 0)
}

function repeatItem({ place, from, about, sql, count, milliseconds, advice }: RepeatedQuery): SafeString {
  const way = from.length > 0 ? html`<small>reached from ${from.join(', ')}</small>` : ''
  return html`<li><p><mark>×${count}</mark> ${place}${about === null ? '' : ` · ${about}`} · ${milliseconds.toFixed(1)} ms</p><p><b>${advice}</b></p><code>${sql}</code>${way}</li>`
}

function queryItem({ sql, duration, params, same = 1, alike = 1, error }: DebugQuery, index: number): SafeString {
  const time = duration === undefined ? '' : ` · ${duration.toFixed(1)} ms`
  const mark =
    same > 1
      ? html`<mark>same ×${same}</mark>`
      : alike > 2
        ? html`<mark title="The same SQL with other values: a loop over rows that asks for each?">alike ×${alike}</mark>`
        : ''
  const values =
    params === null
      ? html`<small>values hidden</small>`
      : params?.length
        ? html`<small>${params.join(', ')}</small>`
        : ''
  return html`<li><p>${index + 1}${time} ${mark}${error === undefined ? '' : html` <mark class="bad">${error}</mark>`}</p><code>${sql}</code>${values}</li>`
}

function lines(all: readonly string[]): SafeString {
  return html`<pre class="stack">${all.map((line) => `${line}\n`)}</pre>`
}

function table(rows: readonly Row[]): SafeString {
  return rows.length > 0
    ? html`<table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="mono">${value}</td></tr>`)}</table>`
    : html`<p class="none">None.</p>`
}

function section(title: string, body: SafeString, name = ''): SafeString {
  return html`<section class="${name}"><h2>${title}</h2><div class="body">${body}</div></section>`
}

function folded(title: string, body: SafeString, open = false): SafeString {
  return html`<section><details${markSafe(open ? ' open' : '')}><summary>${title}</summary><div class="body">${body}</div></details></section>`
}
