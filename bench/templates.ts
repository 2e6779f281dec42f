/**
 * A page of 1,000 rows by 5 cells, autoescaped, with a layout, an include and a loop counter, against the same page as
 * a template literal by hand. See README.md.
 */
import { Engine } from 'nuages/templates'
import { readOptions } from './lib/options.ts'
import { cpuOf, interleave, timesFor } from './lib/pairs.ts'
import { compared, report } from './lib/report.ts'

const templates = {
  'base.html':
    '<!doctype html><html><head><title>{% block title %}{% endblock %}</title></head><body>{% include "nav.html" %}<main>{% block content %}{% endblock %}</main></body></html>',
  'nav.html': '<nav>{{ site }}</nav>',
  'table.html':
    '{% extends "base.html" %}{% block title %}{{ title }}{% endblock %}{% block content %}<table>{% for row in rows %}<tr><td>{{ forloop.counter }}</td><td>{{ row.id }}</td><td>{{ row.name }}</td><td>{{ row.email }}</td><td>{{ row.city }}</td><td>{{ row.note }}</td></tr>\n{% endfor %}</table>{% endblock %}',
}
const rows = Array.from({ length: 1000 }, (_, i) => ({
  id: i,
  name: `Name ${i}`,
  email: `user${i}@example.com`,
  city: 'Paris',
  note: i % 10 === 0 ? 'a <b> & c' : 'plain note',
}))
const context = { rows, title: 'Rows', site: 'Site' }

const SPECIAL = /[&<>"']/
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}
function escaped(value: unknown): string {
  const text = String(value)
  return SPECIAL.test(text) ? text.replace(/[&<>"']/g, (sign) => entities[sign]!) : text
}

function byHand(c: typeof context): string {
  let out = `<!doctype html><html><head><title>${escaped(c.title)}</title></head><body><nav>${escaped(c.site)}</nav><main><table>`
  let count = 0
  for (const r of c.rows) {
    out += `<tr><td>${++count}</td><td>${escaped(r.id)}</td><td>${escaped(r.name)}</td><td>${escaped(r.email)}</td><td>${escaped(r.city)}</td><td>${escaped(r.note)}</td></tr>\n`
  }
  return `${out}</table></main></body></html>`
}

const generated = new Engine({ templates })
const interpreted = new Engine({ templates, generateCode: false })
if (generated.render('table.html', context) !== byHand(context)) throw new Error('The pages differ.')

const { pairs, sample } = readOptions()
/** Pages are read, as a socket would: a string of joined parts is made one only then. */
const length = (page: string | Promise<string>) => Buffer.byteLength(page as string) // nothing here is awaited
const hand = () => length(byHand(context))
const times = await timesFor(hand, sample)
const side = (work: () => number) => () => cpuOf(work, times)
const lines = []
for (const [name, engine, goal] of [
  ['generated code', generated, 1.5],
  ['where code may not be generated', interpreted, undefined],
] as const) {
  const ours = () => length(engine.render('table.html', context))
  await timesFor(ours, sample * 4)
  lines.push(
    compared(name, await interleave(side(ours), side(hand), pairs), goal === undefined ? {} : { mark: goal, goal }),
  )
}
report(
  'templates',
  lines,
  `CPU microseconds a page, its text read; ${pairs} interleaved pairs of about ${sample} ms by hand. The mark of 1.5 is 0.7 of Eta, which took 1.07 x the literal when peers were measured.`,
)
