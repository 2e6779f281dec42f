/**
 * The other back end: runs the nodes themselves where text may not become code (edge runtimes,
 * `--disallow-code-generation-from-strings`). One description for both variants: generators that yield what must be
 * awaited; the synchronous driver refuses, the asynchronous one waits. Same helpers as the generated code, and the
 * tests hold both to the same output.
 */
import type { Variant } from './codegen.ts'
import { isDefault } from './codegen-expressions.ts'
import type { BlockChain, CompiledTemplate, RenderFunction } from './compiled.ts'
import type { Expr, FilterUse, Node, Scope, VariableExpr } from './nodes.ts'
import { filter, HELPERS, must, orInvalid, orNull } from './runtime/helpers.ts'
import { get, getAsync } from './runtime/lookup.ts'
import { held, isThenable, NEEDS_ASYNC, type RenderState, safe, settle } from './runtime/state.ts'
import { escaped, unescaped } from './runtime/text.ts'
import { compare, Loop, toList, truthy, unpack } from './runtime/values.ts'
import { camelOf, namesSetIn } from './scope.ts'

/** One run of one body. */
interface Run {
  readonly unit: CompiledTemplate
  readonly state: RenderState
  readonly chain: BlockChain | undefined
  readonly depth: number
  readonly isAsync: boolean
  autoescape: boolean
  scope: Scope
  /** Line of the node being run, for errors. */
  line: number
}

/** Yields what must be awaited, and is given what came of it. */
type Steps<T> = Generator<unknown, T, unknown>

/** A body as a function, without generating code. */
export function interpret(nodes: readonly Node[], unit: CompiledTemplate, variant: Variant): RenderFunction {
  const binds = namesSetIn(nodes).size > 0
  return (scope, state, chain, depth) => {
    const own = binds ? (Object.create(scope) as Scope) : scope
    const run: Run = { unit, state, chain, depth, ...variant, scope: own, line: 1 }
    if (variant.isAsync) {
      return waiting(output(nodes, run), state).catch((error: unknown) => {
        throw unit.failed(error, run.line)
      })
    }
    try {
      return atOnce(output(nodes, run))
    } catch (error) {
      throw unit.failed(error, run.line)
    }
  }
}

/** The value of an expression that needs no waiting. @throws NEEDS_ASYNC */
export function evaluate(expr: Expr, unit: CompiledTemplate, scope: Scope, state: RenderState): unknown {
  if (expr.kind === 'literal') return expr.value
  return atOnce(
    value(expr, { unit, state, chain: undefined, depth: 0, isAsync: false, autoescape: true, scope, line: 1 }),
  )
}

function atOnce<T>(steps: Steps<T>): T {
  const step = steps.next()
  if (step.done) return step.value
  held(step.value)
  throw NEEDS_ASYNC
}

async function waiting<T>(steps: Steps<T>, state: RenderState): Promise<T> {
  let step = steps.next()
  while (!step.done) {
    let result: unknown
    try {
      result = await settle(step.value, state)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(result)
  }
  return step.value
}

function* output(nodes: readonly Node[], run: Run): Steps<string> {
  let out = ''
  for (const node of nodes) {
    if (node.kind === 'text') out += node.text
    else {
      run.line = node.line
      out += yield* nodeOutput(node, run)
    }
  }
  return out
}

function* nodeOutput(node: Node, run: Run): Steps<string> {
  const { unit, state, chain } = run
  switch (node.kind) {
    case 'text':
      return node.text
    case 'output':
      return run.autoescape
        ? escaped(yield* shown(node.expr, run), state)
        : unescaped(yield* shown(node.expr, run), state)
    case 'if':
      for (const branch of node.branches) {
        if (branch.condition === null || truthy(yield* value(branch.condition, run)))
          return yield* output(branch.body, run)
      }
      return ''
    case 'for':
      return yield* loopOutput(node, run)
    case 'with': {
      const values: unknown[] = []
      for (const binding of node.bindings) values.push(yield* bound(binding.expr, run))
      return yield* inScope(run, (scope) => {
        node.bindings.forEach((binding, i) => {
          scope[binding.name] = values[i]
        })
        return output(node.body, run)
      })
    }
    case 'set':
      run.scope[node.name] = yield* bound(node.expr, run)
      return ''
    case 'do':
      yield* value(node.expr, run)
      return ''
    case 'capture':
      run.scope[node.name] = safe(yield* output(node.body, run))
      return ''
    case 'autoescape': {
      const outer = run.autoescape
      run.autoescape = node.on
      const out = yield* output(node.body, run)
      run.autoescape = outer
      return out
    }
    case 'region': {
      const args: unknown[] = []
      for (const arg of node.args) args.push(yield* value(arg, run))
      const body = () => (run.isAsync ? waiting(output(node.body, run), state) : atOnce(output(node.body, run)))
      return unescaped(yield* ready(node.run(state, run.autoescape, body, ...args)), state)
    }
    case 'block':
      return (yield* ready(unit.block(node.name, run.scope, state, chain, run.autoescape, run.isAsync))) as string
    case 'partial':
      return (yield* ready(unit.partial(node.name, run.scope, state, chain, run.autoescape, run.isAsync))) as string
    case 'include': {
      const template = yield* value(node.template, run)
      const scope = Object.create(node.only ? null : run.scope) as Scope
      for (const binding of node.bindings) scope[binding.name] = yield* bound(binding.expr, run)
      return (yield* ready(unit.include(template, scope, state, run.autoescape, run.isAsync))) as string
    }
  }
}

function* loopOutput(node: Node & { kind: 'for' }, run: Run): Steps<string> {
  const { names, reversed } = node
  const source = yield* raw(node.list, run)
  const list = (
    run.isAsync
      ? yield HELPERS.toListAsync(source, names.length, reversed, run.state)
      : toList(node.list.kind === 'variable' ? orNull(source) : source, names.length, reversed)
  ) as readonly unknown[] // what toListAsync promises
  if (list.length === 0) return yield* output(node.empty, run)
  const loop = new Loop(list.length, run.scope.forloop)
  return yield* inScope(run, function* (scope) {
    let out = ''
    scope.forloop = loop
    for (const item of list) {
      if (names.length === 1) scope[names[0]!] = item
      else {
        const values = unpack(item, names.length)
        names.forEach((name, i) => {
          scope[name] = values[i]
        })
      }
      out += yield* output(node.body, run)
      loop.counter0++
    }
    return out
  })
}

function* inScope(run: Run, body: (scope: Scope) => Steps<string>): Steps<string> {
  const outer = run.scope
  run.scope = Object.create(outer) as Scope
  const out = yield* body(run.scope)
  run.scope = outer
  return out
}

/** A value to be written: missing is left for the output to name. */
function* shown(expr: Expr, run: Run): Steps<unknown> {
  const found = yield* ready(yield* raw(expr, run))
  return expr.kind === 'variable' ? sure(expr, found, run) : found
}

/** A value to be bound: query sets stay what they are. */
function* bound(expr: Expr, run: Run): Steps<unknown> {
  return expr.kind === 'variable' ? held(yield* raw(expr, run)) : yield* value(expr, run)
}

function* raw(expr: Expr, run: Run): Steps<unknown> {
  return expr.kind === 'variable' ? variable(expr, run) : yield* value(expr, run)
}

function* value(expr: Expr, run: Run): Steps<unknown> {
  switch (expr.kind) {
    case 'literal':
      return expr.value
    case 'variable':
      return missing(expr, sure(expr, yield* ready(variable(expr, run)), run), run)
    case 'filtered':
      return yield* filtered(expr.input, expr.filters, run)
    case 'call': {
      const args: unknown[] = []
      for (const arg of expr.args) args.push(yield* value(arg, run))
      return yield* ready(expr.run(run.state, run.autoescape, ...args))
    }
    case 'and': {
      const left = yield* value(expr.left, run)
      return truthy(left) ? yield* value(expr.right, run) : left
    }
    case 'or': {
      const left = yield* value(expr.left, run)
      return truthy(left) ? left : yield* value(expr.right, run)
    }
    case 'not':
      return !truthy(yield* value(expr.operand, run))
    case 'compare':
      return compare(expr.op, yield* value(expr.left, run), yield* value(expr.right, run))
    case 'choose': {
      const index = Number(yield* value(expr.index, run))
      return yield* value(expr.options[index] ?? expr.options.at(-1)!, run)
    }
    case 'super':
      return safe(
        (yield* ready(
          run.unit.superOf(expr.block, run.scope, run.state, run.chain, run.depth, run.autoescape, run.isAsync),
        )) as string,
      )
    case 'scope':
      return run.scope
  }
}

function* filtered(input: Expr, filters: readonly FilterUse[], run: Run): Steps<unknown> {
  let current: unknown
  if (input.kind === 'variable') {
    const found = yield* ready(variable(input, run))
    if (found === undefined && input.missing === 'invalid' && run.state.engine.invalid !== '')
      return run.state.engine.invalid
    current = missing(input, isDefault(filters[0]!.name) ? found : sure(input, found, run), run)
  } else current = yield* value(input, run)
  for (const use of filters) {
    const argument = use.argument === null ? undefined : yield* value(use.argument, run)
    current = yield* ready(filter(use.filter, current, argument, run.state, run.autoescape))
  }
  return current
}

function variable(expr: VariableExpr, run: Run): unknown {
  let found = lookUp(run.scope, expr.name)
  for (const part of expr.parts) {
    found = run.isAsync ? getAsync(found, part, camelOf(part), run.state) : get(found, part, camelOf(part))
  }
  return found
}

function lookUp(scope: Scope, name: string): unknown {
  const found = scope[name]
  if (found !== undefined) return found
  const camel = camelOf(name)
  return camel === undefined ? undefined : scope[camel]
}

function missing(expr: VariableExpr, found: unknown, run: Run): unknown {
  return expr.missing === 'null' ? orNull(found) : orInvalid(found, run.state)
}

function sure(expr: VariableExpr, found: unknown, run: Run): unknown {
  if (!run.state.engine.strict || expr.missing === 'null') return found
  return must(found, expr, lookUp(run.scope, expr.name), run.scope, [])
}

function* ready(found: unknown): Steps<unknown> {
  return isThenable(found) ? yield found : found
}
