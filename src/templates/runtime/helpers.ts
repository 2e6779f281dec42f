/** What generated functions call, by the names they use. The interpreter calls the same. */
import { isSafe } from '../../std/html.ts'
import { nearest } from '../../std/text.ts'
import type { BlockChain, CompiledTemplate } from '../compiled.ts'
import { UnknownVariableError } from '../errors.ts'
import type { Filter, Scope, VariableExpr } from '../nodes.ts'
import { callIfFunction, get, getAsync } from './lookup.ts'
import { held, isAsyncIterable, isThenable, type RenderState, ready, safe, settle } from './state.ts'
import { escaped, toPlainText, unescaped } from './text.ts'
import { compare, equals, Loop, toList, truthy, unpack } from './values.ts'

/** A variable in a condition or loop: null where it is missing. @throws NEEDS_ASYNC */
export function orNull(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (value === undefined) return null
  return ready(callIfFunction(value)) ?? null
}

/** A variable as an argument: the engine's text for missing ones. @throws NEEDS_ASYNC */
export function orInvalid(value: unknown, state: RenderState): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value
  const called = ready(callIfFunction(value))
  return called === undefined ? state.engine.invalid : called
}

/** Applies a filter. Safe input stays safe where the filter says so. */
export function filter(
  use: Filter,
  value: unknown,
  argument: unknown,
  state: RenderState,
  autoescape: boolean,
): unknown {
  const wasSafe = isSafe(value)
  const input = use.text ? toPlainText(value) : value
  const result = use.run(input, argument, { autoescape, safe: wasSafe, state })
  return wasSafe && use.isSafe && typeof result === 'string' ? safe(result) : result
}

async function toListAsync(
  value: unknown,
  names: number,
  reversed: boolean,
  state: RenderState,
): Promise<readonly unknown[]> {
  const called = callIfFunction(value)
  const source = isThenable(called) ? await settle(called, state) : called
  if (!isAsyncIterable(source)) return toList(source, names, reversed)
  const items: unknown[] = []
  for await (const item of source) items.push(item)
  return toList(items, names, reversed)
}

/**
 * Strict mode: the value, or an error that names the nearest names.
 * @throws UnknownVariableError templates.unknown-variable
 */
export function must(
  value: unknown,
  expr: VariableExpr,
  base: unknown,
  scope: Scope,
  locals: readonly string[],
): unknown {
  if (value !== undefined) return value
  let at = base
  let known: string[] = [...locals]
  for (const key in scope) known.push(key)
  let missing = expr.name
  if (base !== undefined) {
    for (const part of expr.parts) {
      if (at === null || isThenable(at)) return value // nothing is known beyond null
      const next = get(at, part, undefined)
      missing = part
      if (next === undefined) break
      at = next
    }
    known = propertyNames(at)
  }
  const path = [expr.name, ...expr.parts].join('.')
  const near = nearest(missing, known)
  const listed = known
    .filter((name) => !name.startsWith('_'))
    .sort()
    .slice(0, 20)
    .join(', ')
  const hint = near === null ? '' : `Did you mean "${near}"? `
  throw new UnknownVariableError(
    base === undefined
      ? `There is no variable "${missing}".`
      : `"${path}" has no value: there is no "${missing}" in it.`,
    { code: 'templates.unknown-variable', hint: `${hint}Known here: ${listed || 'nothing'}.` },
  )
}

function propertyNames(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (value instanceof Map) return [...value.keys()].map(String)
  const names = new Set<string>()
  for (
    let o: object | null = value;
    o !== null && o !== Object.prototype && o !== Array.prototype;
    o = Object.getPrototypeOf(o)
  ) {
    for (const name of Object.getOwnPropertyNames(o)) if (name !== 'constructor') names.add(name)
  }
  return [...names]
}

type Text = string | Promise<string>
type Call = (
  unit: CompiledTemplate,
  scope: Scope,
  state: RenderState,
  chain: BlockChain | undefined,
  name: string,
  autoescape: boolean,
) => Text

// The variants differ in their last argument only: generated code that is synchronous calls what is synchronous.
const blockSync: Call = (unit, c, f, b, name, autoescape) => unit.block(name, c, f, b, autoescape, false)
const blockAsync: Call = (unit, c, f, b, name, autoescape) => unit.block(name, c, f, b, autoescape, true)
const partialSync: Call = (unit, c, f, b, name, autoescape) => unit.partial(name, c, f, b, autoescape, false)
const partialAsync: Call = (unit, c, f, b, name, autoescape) => unit.partial(name, c, f, b, autoescape, true)

export const HELPERS = {
  Loop,
  blockAsync,
  blockSync,
  compare,
  equals,
  escaped,
  failed: (error: unknown, unit: CompiledTemplate, line: number): unknown => unit.failed(error, line),
  filter,
  get,
  getAsync,
  held,
  includeAsync: (unit: CompiledTemplate, template: unknown, c: Scope, f: RenderState, autoescape: boolean): Text =>
    unit.include(template, c, f, autoescape, true),
  includeSync: (unit: CompiledTemplate, template: unknown, c: Scope, f: RenderState, autoescape: boolean): Text =>
    unit.include(template, c, f, autoescape, false),
  isThenable,
  must,
  orInvalid,
  orNull,
  partialAsync,
  partialSync,
  ready,
  safe,
  settle,
  superAsync: async (
    unit: CompiledTemplate,
    c: Scope,
    f: RenderState,
    b: BlockChain | undefined,
    depth: number,
    name: string,
    autoescape: boolean,
  ) => safe(await unit.superOf(name, c, f, b, depth, autoescape, true)),
  superSync: (
    unit: CompiledTemplate,
    c: Scope,
    f: RenderState,
    b: BlockChain | undefined,
    depth: number,
    name: string,
    autoescape: boolean,
  ) => safe(unit.superOf(name, c, f, b, depth, autoescape, false) as string), // text, in that variant
  toList,
  toListAsync,
  truthy,
  unescaped,
  unpack,
}
