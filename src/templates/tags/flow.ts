/** if, for, ifchanged, with, filter, autoescape, spaceless, comment, verbatim, load: what shapes a template. */
import { nearest } from '../../std/text.ts'
import { syntaxError } from '../errors.ts'
import type { Library } from '../library.ts'
import { type Branch, call, type Expr, type Node } from '../nodes.ts'
import type { TagParser } from '../parser/parser.ts'
import { type RenderState, safe } from '../runtime/state.ts'
import { equals, Loop } from '../runtime/values.ts'

const ifTag: TagParser = (parser, tag) => {
  const branches: Branch[] = []
  let condition: Expr | null = parser.condition(tag.words.slice(1), 'if')
  for (;;) {
    const ends = condition === null ? ['endif'] : ['elif', 'else', 'endif']
    branches.push({ condition, body: parser.parseUntil(ends) })
    const end = parser.takeTag()
    if (end.name === 'endif') return { kind: 'if', branches, line: tag.line }
    condition = end.name === 'elif' ? parser.condition(end.words.slice(1), 'elif') : null
  }
}

const forTag: TagParser = (parser, tag) => {
  const words = [...tag.words]
  if (words.length < 4) throw syntaxError(`"for" takes the form "for x in y": ${JSON.stringify(tag.contents)}.`)
  const reversed = words.at(-1) === 'reversed' && words.at(-2) !== 'in'
  if (reversed) words.pop()
  if (words.at(-2) !== 'in') throw syntaxError(`"for" takes the form "for x in y": ${JSON.stringify(tag.contents)}.`)
  const names = words
    .slice(1, -2)
    .join(' ')
    .split(/ *, */)
    .map((name) => parser.variableName(name))
  const list = parser.expression(words.at(-1)!, { optional: true })
  const body = parser.parseUntil(['empty', 'endfor'])
  const empty = parser.takeTag().name === 'empty' ? parser.parseBody('endfor') : []
  return { kind: 'for', names, list, reversed, body, empty, line: tag.line }
}

/** What one `{% ifchanged %}` saw last; the loop around remembers, and forgets when it starts again. */
function changed(state: RenderState, _autoescape: boolean, key: object, loop: unknown, ...values: unknown[]): boolean {
  const memory = loop instanceof Loop ? loopMemory(loop) : null
  const before = memory === null ? state.slot<unknown[]>(key) : memory.get(key)
  const same = before !== undefined && equals(before, values)
  if (same) return false
  if (memory === null) state.setSlot(key, values)
  else memory.set(key, values)
  return true
}

const memories = new WeakMap<Loop, Map<object, unknown[]>>()

function loopMemory(loop: Loop): Map<object, unknown[]> {
  let memory = memories.get(loop)
  if (memory === undefined) {
    memory = new Map()
    memories.set(loop, memory)
  }
  return memory
}

const ifchanged: TagParser = (parser, tag) => {
  const key = {}
  const loop: Expr = { kind: 'variable', name: 'forloop', parts: [], missing: 'null' }
  const values = tag.words.slice(1).map((word) => parser.expression(word, { optional: true }))
  const body = parser.parseUntil(['else', 'endifchanged'])
  const otherwise = parser.takeTag().name === 'else' ? parser.parseBody('endifchanged') : []
  const { line } = tag
  const test = (args: readonly Expr[]): Expr =>
    call('ifchanged', (state, autoescape, ...rest) => changed(state, autoescape, key, ...(rest as [unknown])), [
      loop,
      ...args,
    ])
  if (values.length > 0) {
    return {
      kind: 'if',
      branches: [
        { condition: test(values), body },
        { condition: null, body: otherwise },
      ],
      line,
    }
  }
  // Without values the output decides.
  const name = parser.temporary()
  const kept: Expr = { kind: 'variable', name, parts: [], missing: 'null' }
  const written: Node = { kind: 'output', expr: kept, line }
  return [
    { kind: 'capture', name, body, line },
    {
      kind: 'if',
      branches: [
        { condition: test([kept]), body: [written] },
        { condition: null, body: otherwise },
      ],
      line,
    },
  ]
}

const withTag: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  const bindings = parser.keywords(words)
  if (bindings.length === 0) throw syntaxError('"with" needs at least one name=value.')
  if (words.length > 0) throw syntaxError(`"with" got an argument it does not know: ${JSON.stringify(words[0])}.`)
  return { kind: 'with', bindings, body: parser.parseBody('endwith'), line: tag.line }
}

const filter: TagParser = (parser, tag) => {
  const rest = tag.contents.slice('filter'.length).trim()
  const name = parser.temporary()
  const expr = parser.expression(`x|${rest}`)
  if (expr.kind !== 'filtered') throw syntaxError('"filter" needs the name of a filter.')
  for (const use of expr.filters) {
    if (use.name === 'escape' || use.name === 'safe') {
      throw syntaxError(`"filter ${use.name}" is not allowed.`, { hint: 'Use the "autoescape" tag.' })
    }
  }
  const body = parser.parseBody('endfilter')
  const captured: Expr = { kind: 'variable', name, parts: [], missing: 'null' }
  return [
    { kind: 'capture', name, body, line: tag.line },
    // The body was escaped already.
    {
      kind: 'autoescape',
      on: false,
      body: [{ kind: 'output', expr: { ...expr, input: captured }, line: tag.line }],
      line: tag.line,
    },
  ]
}

const autoescape: TagParser = (parser, tag) => {
  const mode = tag.words[1]
  if (tag.words.length !== 2 || (mode !== 'on' && mode !== 'off')) {
    throw syntaxError('The "autoescape" tag takes one argument: "on" or "off".')
  }
  return { kind: 'autoescape', on: mode === 'on', body: parser.parseBody('endautoescape'), line: tag.line }
}

/** Spaces between tags go. A loop over `>`, as `/>\s+</` alone would be tried at each space again. */
export function stripSpacesBetweenTags(text: string): string {
  return text.replace(/>\s+(?=<)/g, '>')
}

const spaceless: TagParser = (parser, tag) => ({
  kind: 'region',
  label: 'spaceless',
  run: onceRendered(stripSpaces),
  args: [],
  body: parser.parseBody('endspaceless'),
  line: tag.line,
})

function stripSpaces(text: string): unknown {
  return safe(stripSpacesBetweenTags(text.trim()))
}

/** A region that changes the finished text of its body. */
function onceRendered(change: (text: string) => unknown) {
  return (_state: RenderState, _autoescape: boolean, render: () => string | Promise<string>): unknown => {
    const text = render()
    return typeof text === 'string' ? change(text) : text.then(change)
  }
}

const comment: TagParser = (parser) => {
  parser.takeTokens((tag) => tag.name === 'endcomment')
  return null
}

const verbatim: TagParser = (parser, tag) => {
  const { tokens } = parser.takeTokens((end) => end.contents === `end${tag.contents}`)
  return { kind: 'text', text: tokens.map((token) => token.contents).join(''), line: tag.line }
}

/** `{% load a b %}` or `{% load name other from a %}`. */
const load: TagParser = (parser, tag) => {
  const words = tag.words.slice(1)
  const find = (name: string): Library => {
    const library = parser.vocabulary.library(name)
    if (library !== undefined) return library
    const names = parser.vocabulary.libraryNames()
    const near = nearest(name, names)
    throw syntaxError(`There is no template library "${name}".`, {
      code: 'templates.unknown-library',
      hint: `${near === null ? '' : `Did you mean "${near}"? `}Libraries: ${[...new Set(names)].sort().join(', ')}.`,
    })
  }
  if (words.length >= 3 && words.at(-2) === 'from') {
    const library = find(words.at(-1)!)
    for (const name of words.slice(0, -2)) {
      const found = { tag: own(library.tags, name), filter: own(library.filters, name) }
      if (found.tag !== undefined) parser.tags.set(name, found.tag)
      if (found.filter !== undefined) parser.filters.set(name, found.filter)
      if (found.tag === undefined && found.filter === undefined) {
        throw syntaxError(`"${name}" is no tag or filter of the library "${words.at(-1)}".`, {
          code: 'templates.unknown-library',
        })
      }
    }
    return null
  }
  for (const word of words) {
    const library = find(word)
    for (const [name, one] of Object.entries(library.tags ?? {})) parser.tags.set(name, one)
    for (const [name, one] of Object.entries(library.filters ?? {})) parser.filters.set(name, one)
  }
  return null
}

function own<T>(of: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined
}

export const FLOW_TAGS: Readonly<Record<string, TagParser>> = {
  if: ifTag,
  for: forTag,
  ifchanged,
  with: withTag,
  filter,
  autoescape,
  spaceless,
  comment,
  verbatim,
  load,
}
