/** Expressions as JavaScript. The names of helpers are those of `runtime/helpers.ts`. */
import { SafeString } from '../std/html.ts'
import type { Engine } from './engine.ts'
import type { Expr, FilterUse, VariableExpr } from './nodes.ts'
import { camelOf, Frame, type LoopFrame } from './scope.ts'

/** What the two halves of the generator share: the variables and constants of one function. */
export class ExpressionWriter {
  readonly engine: Engine
  readonly isAsync: boolean
  autoescape: boolean
  frame: Frame = new Frame(null)
  readonly constants: unknown[] = []
  readonly temporaries: string[] = []
  /** Names read from the context, with their variables. */
  readonly roots = new Map<string, string>()
  #counter = 0

  constructor(engine: Engine, isAsync: boolean, autoescape: boolean) {
    this.engine = engine
    this.isAsync = isAsync
    this.autoescape = autoescape
  }

  /** A variable name that is not used yet. */
  fresh(prefix: string): string {
    return `${prefix}${++this.#counter}`
  }

  /** A variable for a value within one expression; each is used once, so that an `await` between cannot mix them. */
  temporary(): string {
    const name = this.fresh('t')
    this.temporaries.push(name)
    return name
  }

  /** Code for a value that cannot be written as a literal. */
  constant(value: unknown): string {
    let index = this.constants.indexOf(value)
    if (index === -1) index = this.constants.push(value) - 1
    return `k${index}`
  }

  /** Code for a value as it is: perhaps a thenable, a function, or undefined where there is none. */
  raw(expr: Expr): string {
    return expr.kind === 'variable' ? this.#variable(expr) : expr.kind === 'call' ? this.#call(expr) : this.value(expr)
  }

  /** Code for a value that is ready to be used. */
  value(expr: Expr): string {
    switch (expr.kind) {
      case 'literal':
        return this.#literal(expr.value)
      case 'variable':
        return this.#ready(expr)
      case 'filtered':
        return this.#filtered(expr.input, expr.filters)
      case 'call':
        return this.isAsync ? this.awaited(this.#call(expr)) : `ready(${this.#call(expr)})`
      case 'and':
      case 'or': {
        const left = this.temporary()
        const test = `truthy(${left} = ${this.value(expr.left)})`
        const right = this.value(expr.right)
        return expr.kind === 'and' ? `(${test} ? ${right} : ${left})` : `(${test} ? ${left} : ${right})`
      }
      case 'not':
      case 'compare':
        return this.condition(expr)
      case 'choose':
        return this.#choose(this.value(expr.index), expr.options)
      case 'super': {
        const args = `unit, ${this.scope()}, f, b, d, ${JSON.stringify(expr.block)}, ${this.autoescape}`
        return this.isAsync ? `(await superAsync(${args}))` : `superSync(${args})`
      }
      case 'scope':
        return this.scope()
    }
  }

  /** Code for whether an expression counts as true. */
  condition(expr: Expr): string {
    switch (expr.kind) {
      case 'and':
        return `(${this.condition(expr.left)} && ${this.condition(expr.right)})`
      case 'or':
        return `(${this.condition(expr.left)} || ${this.condition(expr.right)})`
      case 'not':
        return `!${this.condition(expr.operand)}`
      case 'compare': {
        const [left, right] = [this.value(expr.left), this.value(expr.right)]
        if (expr.op === '==') return `equals(${left}, ${right})`
        if (expr.op === '!=') return `!equals(${left}, ${right})`
        return `compare(${JSON.stringify(expr.op)}, ${left}, ${right})`
      }
      default:
        return `truthy(${this.value(expr)})`
    }
  }

  /** Code that awaits what must be awaited; only in the asynchronous variant. */
  awaited(code: string): string {
    const t = this.temporary()
    return `(isThenable(${t} = ${code}) ? await settle(${t}, f) : ${t})`
  }

  /** Code for an object with all names in scope, to be handed to includes, blocks and tags. */
  scope(): string {
    const names = this.frame.visible()
    for (let loop = this.frame.closestLoop(); loop !== null; loop = loop.outer) loop.used = true
    if (names.size === 0) return 'c'
    const entries = [...names].map(([name, variable]) => `${JSON.stringify(name)}: ${variable}`)
    return `{ __proto__: c, ${entries.join(', ')} }`
  }

  #literal(value: unknown): string {
    if (value instanceof SafeString) return this.constant(value)
    if (value === undefined) return 'undefined'
    return Object.is(value, -0) ? '-0' : typeof value === 'number' ? String(value) : JSON.stringify(value)
  }

  #call(expr: Expr & { kind: 'call' }): string {
    const args = ['f', String(this.autoescape), ...expr.args.map((arg) => this.value(arg))]
    return `${this.constant(expr.run)}(${args.join(', ')})`
  }

  #choose(index: string, options: readonly Expr[]): string {
    const t = this.temporary()
    const arms = options.map((option, i) =>
      i === options.length - 1 ? this.value(option) : `${t} === ${i} ? ${this.value(option)} : `,
    )
    return `(${t} = ${index}, ${arms.join('')})`
  }

  /** A variable's value: awaited or known not to need it, called where it is a function, never undefined. */
  #ready(expr: VariableExpr, lenient = false): string {
    const loop = this.#loopValue(expr)
    if (loop !== null) return loop
    const raw = this.isAsync ? this.awaited(this.#variable(expr)) : this.#variable(expr)
    const sure = lenient ? raw : this.strict(expr, raw)
    return expr.missing === 'null' ? `orNull(${sure})` : `orInvalid(${sure}, f)`
  }

  /** In strict mode, code that throws for a missing variable. */
  strict(expr: Expr, code: string): string {
    if (!this.engine.strict || expr.kind !== 'variable' || expr.missing === 'null') return code
    const base = this.#base(expr.name)
    const locals = this.constant(Object.freeze([...this.frame.visible().keys()]))
    return `must(${code}, ${this.constant(expr)}, ${base}, c, ${locals})`
  }

  #variable(expr: VariableExpr): string {
    const loop = this.#loopValue(expr)
    if (loop !== null) return loop
    let code = this.#base(expr.name)
    expr.parts.forEach((part) => {
      code = this.#dot(code, part)
    })
    return code
  }

  /** The variable that holds the first part of a path. */
  #base(name: string): string {
    if (name === 'forloop') {
      const loop = this.frame.closestLoop()
      if (loop !== null && this.frame.find('forloop') === loop.object) loop.used = true
    }
    const bound = this.frame.find(name)
    if (bound !== undefined) return bound
    let root = this.roots.get(name)
    if (root === undefined) {
      root = this.fresh('r')
      this.roots.set(name, root)
    }
    return root
  }

  /** Text and numbers are read in place, where the engine can remember what kind of object it saw; the rest by `get`. */
  #dot(target: string, part: string): string {
    const name = JSON.stringify(part)
    const camel = camelOf(part)
    const args = camel === undefined ? name : `${name}, ${JSON.stringify(camel)}`
    const slow = (t: string) =>
      this.isAsync ? `getAsync(${t}, ${camel === undefined ? `${name}, undefined` : args}, f)` : `get(${t}, ${args})`
    if (!/^[A-Za-z]\w*$/.test(part) || part === 'size') return slow(target)
    const [t, u] = [this.temporary(), this.temporary()]
    const read = camel === undefined ? `${t}.${part}` : `${t}.${part} === undefined ? ${t}.${camel} : ${t}.${part}`
    return (
      `(typeof (${t} = ${target}) === 'object' && ${t} !== null && ` +
      `(typeof (${u} = ${read}) === 'string' || typeof ${u} === 'number') ? ${u} : ${slow(t)})`
    )
  }

  /** `forloop.counter` and its like without an object, or null. */
  #loopValue(expr: VariableExpr): string | null {
    if (expr.name !== 'forloop') return null
    let loop: LoopFrame | null = this.frame.closestLoop()
    if (loop === null || this.frame.find('forloop') !== loop.object) return null
    const parts = [...expr.parts]
    while (parts.length > 1 && parts[0] === 'parentloop') {
      parts.shift()
      loop = loop.outer
      if (loop === null) return null
    }
    const part = parts.length === 1 ? parts[0]! : ''
    return Object.hasOwn(LOOP_VALUES, part) ? LOOP_VALUES[part]!(loop) : null
  }

  #filtered(input: Expr, filters: readonly FilterUse[]): string {
    const invalid =
      this.engine.invalid !== '' &&
      input.kind === 'variable' &&
      input.missing === 'invalid' &&
      this.#loopValue(input) === null
    const lenient = input.kind === 'variable' && isDefault(filters[0]!.name)
    if (!invalid) return this.#chain(lenient ? this.#ready(input, true) : this.value(input), filters)
    // As in Django: the text for missing variables stands for the whole expression, filters and all.
    const t = this.temporary()
    const raw = this.isAsync ? this.awaited(this.raw(input)) : this.raw(input)
    return `((${t} = ${raw}) === undefined ? f.engine.invalid : ${this.#chain(this.isAsync ? t : `ready(${t})`, filters)})`
  }

  #chain(input: string, filters: readonly FilterUse[]): string {
    let code = input
    for (const use of filters) {
      const argument = use.argument === null ? 'undefined' : this.value(use.argument)
      code = `filter(${this.constant(use.filter)}, ${code}, ${argument}, f, ${this.autoescape})`
      code = this.isAsync ? this.awaited(code) : `ready(${code})`
    }
    return code
  }
}

/** The filters that exist for missing values: strict mode lets them work. */
export function isDefault(filter: string): boolean {
  return filter === 'default' || filter === 'default_if_none'
}

const LOOP_VALUES: Readonly<Record<string, (loop: LoopFrame) => string>> = {
  counter: (loop) => `(${loop.index} + 1)`,
  counter0: (loop) => loop.index,
  revcounter: (loop) => `(${loop.length} - ${loop.index})`,
  revcounter0: (loop) => `(${loop.length} - ${loop.index} - 1)`,
  first: (loop) => `(${loop.index} === 0)`,
  last: (loop) => `(${loop.index} === ${loop.length} - 1)`,
  length: (loop) => loop.length,
}
