/**
 * Nodes as a JavaScript function that appends text. Two variants are made, on demand: a synchronous one, and one that
 * awaits. Read the output with `NUAGES_DUMP=1`, or `onGenerated` of std/codegen.
 */
import { compileFunction } from '../std/codegen.ts'
import { ExpressionWriter } from './codegen-expressions.ts'
import type { CompiledTemplate, RenderFunction } from './compiled.ts'
import type { Binding, Expr, Node } from './nodes.ts'
import { HELPERS } from './runtime/helpers.ts'
import { camelOf, Frame, type LoopFrame, namesSetIn } from './scope.ts'

/** Which function of a template to make. */
export interface Variant {
  readonly isAsync: boolean
  readonly autoescape: boolean
}

/**
 * The function of a body, or null where text may not become code.
 *
 * @param label   for stack traces and dumps
 */
export function generate(
  nodes: readonly Node[],
  owner: CompiledTemplate,
  variant: Variant,
  label: string,
): RenderFunction | null {
  const { body, constants } = new FunctionWriter(owner, variant).write(nodes)
  const factory = compileFunction(['helpers', 'k', 'unit'], body, label)
  // The text was written here, and returns a function of this shape.
  return factory === null ? null : (factory(HELPERS, constants, owner) as RenderFunction)
}

class FunctionWriter extends ExpressionWriter {
  readonly #lines: string[] = []
  #indent = '    '
  #line = 0
  #text = ''

  constructor(owner: CompiledTemplate, variant: Variant) {
    super(owner.engine, variant.isAsync, variant.autoescape)
  }

  write(nodes: readonly Node[]): { body: string; constants: readonly unknown[] } {
    this.#frame(nodes)
    this.#nodes(nodes)
    this.#flush()
    const roots = [...this.roots].map(([name, variable]) => {
      const camel = camelOf(name)
      const read = `c[${JSON.stringify(name)}]`
      return `${variable} = ${camel === undefined ? read : `${read} === undefined ? c[${JSON.stringify(camel)}] : ${read}`}`
    })
    const lines = [
      `const { ${Object.keys(HELPERS).join(', ')} } = helpers`,
      ...this.constants.map((_, i) => `const k${i} = k[${i}]`),
      `return ${this.isAsync ? 'async ' : ''}function (c, f, b, d) {`,
      `  let o = '', ln = 1${this.temporaries.map((name) => `, ${name}`).join('')}`,
      '  try {',
      ...(roots.length > 0 ? [`    const ${roots.join(', ')}`] : []),
      ...this.#lines,
      '    return o',
      '  } catch (error) {',
      '    throw failed(error, unit, ln)',
      '  }',
      '}',
    ]
    return { body: lines.join('\n'), constants: this.constants }
  }

  #nodes(nodes: readonly Node[]): void {
    for (const node of nodes) this.#node(node)
  }

  #node(node: Node): void {
    if (node.kind === 'text') {
      this.#text += node.text
      return
    }
    if (node.kind === 'output' && node.expr.kind === 'literal') {
      this.#at(node.line)
      this.#append(`${this.autoescape ? 'escaped' : 'unescaped'}(${this.value(node.expr)}, f)`)
      return
    }
    this.#at(node.line)
    switch (node.kind) {
      case 'output': {
        const { expr } = node
        const raw =
          this.isAsync && (expr.kind === 'variable' || expr.kind === 'call')
            ? this.awaited(this.raw(expr))
            : this.raw(expr)
        this.#append(`${this.autoescape ? 'escaped' : 'unescaped'}(${this.strict(expr, raw)}, f)`)
        return
      }
      case 'if':
        this.#if(node)
        return
      case 'for':
        this.#for(node)
        return
      case 'with':
        this.#with(node)
        return
      case 'set':
        this.#push(`${this.frame.find(node.name)} = ${this.#held(node.expr)}`)
        return
      case 'do':
        // Without `void` a line that starts with a bracket would go on with the line before.
        this.#push(`void ${this.value(node.expr)}`)
        return
      case 'capture': {
        this.#push(`${this.frame.find(node.name)} = safe(${this.#closure(node.body)})`)
        return
      }
      case 'autoescape': {
        const outer = this.autoescape
        this.autoescape = node.on
        this.#nodes(node.body)
        this.autoescape = outer
        return
      }
      case 'region': {
        const args = node.args.map((arg) => `, ${this.value(arg)}`).join('')
        const body = this.#closure(node.body, true)
        const call = `${this.constant(node.run)}(f, ${this.autoescape}, ${body}${args})`
        this.#append(`unescaped(${this.isAsync ? this.awaited(call) : call}, f)`)
        return
      }
      case 'block':
      case 'partial': {
        const args = `unit, ${this.scope()}, f, b, ${JSON.stringify(node.name)}, ${this.autoescape}`
        this.#append(this.isAsync ? `await ${node.kind}Async(${args})` : `${node.kind}Sync(${args})`)
        return
      }
      case 'include': {
        const scope = this.#includeScope(node.bindings, node.only)
        const args = `unit, ${this.value(node.template)}, ${scope}, f, ${this.autoescape}`
        this.#append(this.isAsync ? `await includeAsync(${args})` : `includeSync(${args})`)
        return
      }
    }
  }

  #if(node: Node & { kind: 'if' }): void {
    node.branches.forEach((branch, i) => {
      const test = branch.condition === null ? '' : `if (${this.condition(branch.condition)}) `
      this.#push(`${i === 0 ? '' : '} else '}${test}{`)
      this.#inside(() => this.#nodes(branch.body))
    })
    this.#push('}')
  }

  #for(node: Node & { kind: 'for' }): void {
    const [list, index, length, object] = ['a', 'i', 'n', 'l'].map((prefix) => this.fresh(prefix)) as [
      string,
      string,
      string,
      string,
    ]
    const outer = this.frame.closestLoop()
    const parent = outer === null ? this.loopObject() : null
    const args = `${node.names.length}, ${node.reversed}`
    const source = this.isAsync
      ? `await toListAsync(${this.raw(node.list)}, ${args}, f)`
      : `toList(${this.value(node.list)}, ${args})`
    this.#push(`const ${list} = ${source}, ${length} = ${list}.length`)
    if (node.empty.length > 0) {
      this.#push(`if (${length} === 0) {`)
      this.#inside(() => this.#nodes(node.empty))
      this.#push('}')
    }
    const loop: LoopFrame = { index, length, object, outer, used: false }
    const before = this.frame
    this.frame = new Frame(before, loop)
    this.frame.bind('forloop', object)
    const variables = node.names.map((name) => {
      const variable = this.fresh('v')
      this.frame.bind(name, variable)
      return variable
    })
    this.#frame(node.body)
    this.#flush()
    const at = this.#lines.length
    const indent = this.#indent
    const item = `${list}[${index}]`
    const bind =
      variables.length === 1
        ? `let ${variables[0]} = ${item}`
        : `let [${variables.join(', ')}] = unpack(${item}, ${variables.length})`
    this.#inside(() => {
      this.#push(bind)
      this.#nodes(node.body)
    })
    this.#push('}')
    const head = [`for (let ${index} = 0; ${index} < ${length}; ${index}++) {`]
    if (loop.used) {
      if (outer !== null) outer.used = true
      head.unshift(`const ${object} = new Loop(${length}, ${outer?.object ?? parent})`)
      head.push(`  ${object}.counter0 = ${index}`)
    }
    this.#lines.splice(at, 0, ...head.map((line) => indent + line))
    this.frame = before
  }

  /** The loop of an including template, as a loop's parent. */
  loopObject(): string {
    return 'c.forloop'
  }

  #with(node: Node & { kind: 'with' }): void {
    const values = node.bindings.map((binding) => ({ variable: this.fresh('v'), code: this.#held(binding.expr) }))
    for (const { variable, code } of values) this.#push(`let ${variable} = ${code}`)
    const before = this.frame
    this.frame = new Frame(before)
    node.bindings.forEach((binding, i) => {
      this.frame.bind(binding.name, values[i]!.variable)
    })
    this.#frame(node.body)
    this.#nodes(node.body)
    this.frame = before
  }

  /** Declares the names that a body sets, starting as what they are outside. */
  #frame(nodes: readonly Node[]): void {
    for (const name of namesSetIn(nodes)) {
      if (this.frame.has(name)) continue
      const outside = name.startsWith('$')
        ? 'undefined'
        : this.raw({ kind: 'variable', name, parts: [], missing: 'null' })
      const variable = this.fresh('s')
      this.#push(`let ${variable} = ${outside}`)
      this.frame.bind(name, variable)
    }
  }

  /** A body as a function that gives its text (or as that text): the output so far stays outside. */
  #closure(nodes: readonly Node[], asFunction = false): string {
    this.#flush()
    const name = this.fresh('body')
    this.#push(`const ${name} = ${this.isAsync ? 'async ' : ''}() => {`)
    this.#inside(() => {
      this.#push("let o = ''")
      this.#nodes(nodes)
      this.#push('return o')
    })
    this.#push('}')
    return asFunction ? name : this.isAsync ? `await ${name}()` : `${name}()`
  }

  /** Code for a value that is bound: query sets stay query sets, and a promise nobody reads may fail unseen. */
  #held(expr: Expr): string {
    return expr.kind === 'variable' ? `held(${this.raw(expr)})` : this.value(expr)
  }

  #includeScope(bindings: readonly Binding[], only: boolean): string {
    const own = bindings.map((binding) => `${JSON.stringify(binding.name)}: ${this.#held(binding.expr)}`)
    if (only) return `{ __proto__: null${own.map((entry) => `, ${entry}`).join('')} }`
    const scope = this.scope()
    if (own.length === 0) return scope
    return scope === 'c' ? `{ __proto__: c, ${own.join(', ')} }` : `${scope.slice(0, -2)}, ${own.join(', ')} }`
  }

  /** Text that stands still is gathered and written with what follows. */
  #append(code: string): void {
    const text = this.#text === '' ? '' : `${JSON.stringify(this.#text)} + `
    this.#text = ''
    this.#lines.push(`${this.#indent}o += ${text}${code}`)
  }

  #flush(): void {
    if (this.#text !== '') this.#lines.push(`${this.#indent}o += ${JSON.stringify(this.#text)}`)
    this.#text = ''
  }

  #push(line: string): void {
    this.#flush()
    this.#lines.push(this.#indent + line)
  }

  #inside(write: () => void): void {
    const indent = this.#indent
    this.#indent += '  '
    this.#line = 0
    write()
    this.#flush()
    this.#indent = indent
    this.#line = 0
  }

  /** Remembers the template's line, for errors. */
  #at(line: number): void {
    if (line === this.#line) return
    this.#line = line
    this.#lines.push(`${this.#indent}ln = ${line}`)
  }
}
