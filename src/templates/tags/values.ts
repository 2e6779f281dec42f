/** cycle, resetcycle, firstof, regroup, widthratio, now, templatetag, lorem: what writes or binds a value. */

import { language, timeZone } from '../../i18n/index.ts'
import { formatDate } from '../../std/dates.ts'
import { Decimal } from '../../std/decimal.ts'
import { syntaxError } from '../errors.ts'
import { formatNamed } from '../filters/dates.ts'
import { outputOrSet } from '../library.ts'
import { call, type Expr, literal, type Node } from '../nodes.ts'
import type { Parser, Tag, TagParser } from '../parser/parser.ts'
import { unquote } from '../parser/split.ts'
import { type RenderState, safe } from '../runtime/state.ts'
import { formatsOf } from '../runtime/text.ts'
import { equals } from '../runtime/values.ts'

/** A cycle of a template: what its tags share. The position lives in the state, under this object. */
interface Cycle {
  readonly options: readonly Expr[]
  readonly name: string | null
  readonly silent: boolean
}

const CYCLES = 'cycles'
const LAST_CYCLE = 'last cycle'

const cycle: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  if (words.length === 0) throw syntaxError('The "cycle" tag needs at least one value.')
  if (words.length === 1) return cycleNodes(namedCycle(parser, words[0]!), tag)
  let silent = false
  let name: string | null = null
  if (words.length > 2 && words.at(-3) === 'as') {
    if (words.at(-1) !== 'silent')
      throw syntaxError(`Only "silent" may stand after the name of a cycle, not ${JSON.stringify(words.at(-1))}.`)
    silent = true
    words.pop()
  }
  if (words.length > 2 && words.at(-2) === 'as') {
    name = parser.variableName(words.at(-1)!)
    words.splice(-2)
  }
  const made: Cycle = { options: words.map((word) => parser.expression(word)), name, silent }
  if (name !== null) {
    const known = (parser.notes.get(CYCLES) ?? new Map()) as Map<string, Cycle> // only this file writes it
    parser.notes.set(CYCLES, known.set(name, made))
  }
  parser.notes.set(LAST_CYCLE, made)
  return cycleNodes(made, tag)
}

function namedCycle(parser: Parser, name: string): Cycle {
  const known = parser.notes.get(CYCLES) as Map<string, Cycle> | undefined
  if (known === undefined) throw syntaxError(`There are no named cycles in this template: "${name}" is not defined.`)
  const found = known.get(name)
  if (found === undefined)
    throw syntaxError(`There is no cycle named "${name}".`, { hint: `Named cycles: ${[...known.keys()].join(', ')}.` })
  return found
}

/** Chooses the next value; binds it where the cycle has a name. */
function cycleNodes(made: Cycle, { line }: Tag): Node | Node[] {
  const index = call('cycle', (state) => {
    const at = state.slot<number>(made) ?? 0
    state.setSlot(made, (at + 1) % made.options.length)
    return at
  })
  const expr: Expr = { kind: 'choose', index, options: made.options }
  if (made.name === null) return made.silent ? { kind: 'do', expr, line } : { kind: 'output', expr, line }
  const set: Node = { kind: 'set', name: made.name, expr, line }
  if (made.silent) return set
  return [set, { kind: 'output', expr: { kind: 'variable', name: made.name, parts: [], missing: 'invalid' }, line }]
}

const resetcycle: TagParser = (parser, tag) => {
  const name = tag.words[1]
  if (tag.words.length > 2) throw syntaxError('The "resetcycle" tag takes at most one argument: the name of a cycle.')
  const made = name === undefined ? (parser.notes.get(LAST_CYCLE) as Cycle | undefined) : namedCycle(parser, name)
  if (made === undefined) throw syntaxError('There are no cycles in this template.')
  return { kind: 'do', expr: call('resetcycle', (state) => state.setSlot(made, 0)), line: tag.line }
}

const firstof: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  let as: string | null = null
  if (words.length >= 2 && words.at(-2) === 'as') {
    as = parser.variableName(words.at(-1)!)
    words.splice(-2)
  }
  if (words.length === 0) throw syntaxError('The "firstof" tag needs at least one value.')
  const [first, ...rest] = words.map((word) => parser.expression(word, { optional: true })) as [Expr, ...Expr[]]
  const chain = rest.reduce<Expr>((left, right) => ({ kind: 'or', left, right }), first)
  // The last operand of `or` is given even when it counts as false.
  const shown: Expr = { kind: 'or', left: chain, right: literal('') }
  if (as === null) return { kind: 'output', expr: shown, line: tag.line }
  return { kind: 'capture', name: as, body: [{ kind: 'output', expr: shown, line: tag.line }], line: tag.line }
}

/** What `{% regroup %}` makes: usable as `group.grouper`, `group.list`, and as a pair in a loop. */
interface Group {
  readonly grouper: unknown
  readonly list: unknown[]
  [Symbol.iterator](): Iterator<unknown>
}

function makeGroup(grouper: unknown): Group {
  const list: unknown[] = []
  return { grouper, list, [Symbol.iterator]: () => [grouper, list][Symbol.iterator]() }
}

/** `{% regroup list by attribute as groups %}`: runs of items with the same attribute. */
const regroup: TagParser = (parser, tag) => {
  const [, source, by, attribute, as, target] = tag.words
  if (tag.words.length !== 6) throw syntaxError('The "regroup" tag takes the form "regroup list by attribute as name".')
  if (by !== 'by') throw syntaxError('The second argument of "regroup" must be "by".')
  if (as !== 'as') throw syntaxError('The next-to-last argument of "regroup" must be "as".')
  const name = parser.variableName(target!)
  const { line } = tag
  const key = parser.expression(`${name}.${attribute}`)
  const groups = parser.temporary()
  const variable = (of: string): Expr => ({ kind: 'variable', name: of, parts: [], missing: 'null' })
  // A loop gathers the groups: its body is evaluated like any other, awaiting what must be awaited.
  return [
    { kind: 'set', name: groups, expr: call('regroup', () => []), line },
    {
      kind: 'for',
      names: [name],
      list: parser.expression(source!, { optional: true }),
      reversed: false,
      body: [{ kind: 'do', expr: call('regroup', addToGroups, [variable(groups), variable(name), key]), line }],
      empty: [],
      line,
    },
    { kind: 'set', name, expr: variable(groups), line },
  ]
}

function addToGroups(_state: RenderState, _autoescape: boolean, groups: Group[], item: unknown, key: unknown): void {
  const last = groups.at(-1)
  if (last !== undefined && equals(last.grouper, key)) last.list.push(item)
  else {
    const group = makeGroup(key)
    group.list.push(item)
    groups.push(group)
  }
}

const widthratio: TagParser = (parser, tag) => {
  const { words, line } = tag
  const as = words.length === 6 && words[4] === 'as' ? parser.variableName(words[5]!) : null
  if (words.length !== 4 && as === null)
    throw syntaxError('The "widthratio" tag takes three arguments, and perhaps "as name".')
  const args = words.slice(1, 4).map((word) => parser.expression(word))
  return outputOrSet(call('widthratio', ratio, args), as, line)
}

function ratio(_state: RenderState, _autoescape: boolean, value: unknown, max: unknown, width: unknown): string {
  const most = toNumber(width)
  if (most === null) throw syntaxError('The last argument of "widthratio" must be a number.')
  const [part, whole] = [toNumber(value), toNumber(max)]
  if (part === null || whole === null) return ''
  if (whole === 0) return '0'
  const found = (part / whole) * Math.trunc(most)
  return Number.isFinite(found) ? new Decimal(found).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed() : ''
}

function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || Decimal.isDecimal(value)) return Number(value)
  const text = String(value ?? '').trim()
  return text === '' || !Number.isFinite(Number(text)) ? null : Number(text)
}

const now: TagParser = (parser, tag) => {
  const words = [...tag.words]
  let as: string | null = null
  if (words.length === 4 && words[2] === 'as') {
    as = parser.variableName(words[3]!)
    words.splice(2)
  }
  if (words.length !== 2) throw syntaxError('The "now" tag takes one argument: a format.')
  const word = words[1]!
  const format = /^["']/.test(word) ? unquote(word) : word
  return outputOrSet(
    // The format is the template's own text, so what it gives is too.
    call('now', (state) =>
      safe(
        formatDate(new Date(), formatNamed(format, formatsOf(state)), { timeZone: timeZone(), language: language() }),
      ),
    ),
    as,
    tag.line,
  )
}

const MARKS: Readonly<Record<string, string>> = {
  openblock: '{%',
  closeblock: '%}',
  openvariable: '{{',
  closevariable: '}}',
  openbrace: '{',
  closebrace: '}',
  opencomment: '{#',
  closecomment: '#}',
}

const templatetag: TagParser = (_parser, tag) => {
  const mark = tag.words[1]
  if (tag.words.length !== 2 || mark === undefined || !Object.hasOwn(MARKS, mark)) {
    throw syntaxError(`The "templatetag" tag takes one of ${Object.keys(MARKS).join(', ')}.`)
  }
  return { kind: 'text', text: MARKS[mark]!, line: tag.line }
}

const LOREM =
  'Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et dolore magna ' +
  'aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. ' +
  'Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint ' +
  'occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.'
const LOREM_WORDS = LOREM.toLowerCase().replace(/[,.]/g, '').split(' ')

/** `{% lorem [count] [w|p|b] %}`: filler text, at most 1,000 words or paragraphs. */
const lorem: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  if (words.at(-1) === 'random') words.pop()
  const method = /^[wpb]$/.test(words.at(-1) ?? '') ? words.pop()! : 'b'
  if (words.length > 1) throw syntaxError('The "lorem" tag takes a count and one of w, p, b.')
  const count = words.length === 0 ? literal(1) : parser.expression(words[0]!)
  return {
    kind: 'output',
    expr: call('lorem', (_state, _autoescape, n: unknown) => safe(filler(toNumber(n) ?? 1, method)), [count]),
    line: tag.line,
  }
}

function filler(count: number, method: string): string {
  const n = Math.min(Math.max(Math.trunc(count), 0), 1000)
  if (method === 'w') return Array.from({ length: n }, (_, i) => LOREM_WORDS[i % LOREM_WORDS.length]).join(' ')
  const paragraphs = Array.from({ length: n }, () => LOREM)
  return paragraphs.map((text) => (method === 'p' ? `<p>${text}</p>` : text)).join('\n\n')
}

export const VALUE_TAGS: Readonly<Record<string, TagParser>> = {
  cycle,
  resetcycle,
  firstof,
  regroup,
  widthratio,
  now,
  templatetag,
  lorem,
}
