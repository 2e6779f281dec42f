/** A template ready to render: its functions, made when first needed, and how it joins with others. */
import { generate, type Variant } from './codegen.ts'
import type { Engine } from './engine.ts'
import { placeOf, syntaxError, TemplateError, TemplateRenderError } from './errors.ts'
import { evaluate, interpret } from './interpreter.ts'
import type { Node, Scope, Section, TemplateTree } from './nodes.ts'
import { relativeTo } from './relative.ts'
import { NEEDS_ASYNC, RenderState } from './runtime/state.ts'

/** A body as a function of the scope, the state, the blocks in force, and how deep in their list it stands. */
export type RenderFunction = (
  scope: Scope,
  state: RenderState,
  chain: BlockChain | undefined,
  depth: number,
) => string | Promise<string>

/** For each block name the templates that define it, the most derived first. */
export type BlockChain = ReadonlyMap<string, readonly CompiledTemplate[]>

/** Deeper includes are a template that includes itself without end. */
const MAX_INCLUDES = 200
const MAX_TRACE = 20

/** A parsed template with its compiled functions. */
export class CompiledTemplate {
  readonly engine: Engine
  readonly tree: TemplateTree
  /** What tells this template from others of the same name: a path, or the name of a loader and the template's. */
  readonly origin: string
  /** Set once a value had to be awaited: the synchronous variant is not tried again. */
  prefersAsync = false
  readonly #functions = new Map<string, RenderFunction>()
  #chain: readonly CompiledTemplate[] | null = null

  constructor(engine: Engine, tree: TemplateTree, origin: string) {
    this.engine = engine
    this.tree = tree
    this.origin = origin
  }

  get name(): string {
    return this.tree.name
  }

  /** Renders: text where nothing has to be awaited, otherwise a promise of it. */
  run(scope: Scope, state: RenderState, autoescape: boolean): string | Promise<string> {
    if (!this.prefersAsync) {
      try {
        return this.#render(scope, state, autoescape, false)
      } catch (error) {
        if (error !== NEEDS_ASYNC) throw error
        this.prefersAsync = true
        state.slots = null
      }
    }
    return this.#render(scope, state, autoescape, true)
  }

  /** Renders with one variant, following `{% extends %}`. */
  #render(scope: Scope, state: RenderState, autoescape: boolean, isAsync: boolean): string | Promise<string> {
    if (this.tree.parent === null) return this.#body(autoescape, isAsync)(scope, state, undefined, 0)
    const units = this.#ancestry(scope, state)
    const chain = new Map<string, CompiledTemplate[]>()
    for (const unit of units) {
      for (const name of unit.tree.blocks.keys()) {
        const list = chain.get(name)
        if (list === undefined) chain.set(name, [unit])
        else list.push(unit)
      }
    }
    const fail = (error: unknown): never => {
      for (const unit of units.slice(0, -1).reverse()) unit.failed(error, unit.tree.parent!.line)
      throw error
    }
    try {
      const out = units.at(-1)!.#body(autoescape, isAsync)(scope, state, chain, 0)
      return typeof out === 'string' ? out : out.catch(fail)
    } catch (error) {
      return fail(error)
    }
  }

  /** This template and those it extends, the most derived first. */
  #ancestry(scope: Scope, state: RenderState): readonly CompiledTemplate[] {
    if (this.#chain !== null) return this.#chain
    const units: CompiledTemplate[] = [this]
    const origins = new Set([this.origin])
    let fixed = !this.engine.autoReload
    for (let unit: CompiledTemplate = this; unit.tree.parent !== null; ) {
      const { expr, line } = unit.tree.parent
      try {
        if (expr.kind !== 'literal') fixed = false
        const target = evaluate(expr, unit, scope, state)
        const name = this.engine.nameOf(target)
        if (name === null) {
          throw syntaxError('The "extends" tag got no template name.', {
            hint: `${JSON.stringify(target ?? null)} is the value of its argument.`,
          })
        }
        unit = this.engine.load(relativeTo(name, unit.name, 'extends'), origins)
      } catch (error) {
        throw unit.failed(error, line)
      }
      units.push(unit)
      origins.add(unit.origin)
    }
    if (fixed) this.#chain = units
    return units
  }

  /** Renders the block in force under a name. */
  block(
    name: string,
    scope: Scope,
    state: RenderState,
    chain: BlockChain | undefined,
    autoescape: boolean,
    isAsync: boolean,
  ): string | Promise<string> {
    const unit = chain?.get(name)?.[0] ?? this
    return unit.#section('block', unit.tree.blocks.get(name)!, autoescape, isAsync)(scope, state, chain, 0)
  }

  /** `{{ block.super }}` of the definition at `depth`. */
  superOf(
    name: string,
    scope: Scope,
    state: RenderState,
    chain: BlockChain | undefined,
    depth: number,
    autoescape: boolean,
    isAsync: boolean,
  ): string | Promise<string> {
    if (chain === undefined) {
      throw syntaxError(`The block "${name}" has nothing above it: this template extends no other.`, {
        code: 'templates.no-super',
        hint: 'Remove {{ block.super }} from the base template.',
      })
    }
    const unit = chain.get(name)?.[depth + 1]
    if (unit === undefined) return ''
    return unit.#section('block', unit.tree.blocks.get(name)!, autoescape, isAsync)(scope, state, chain, depth + 1)
  }

  /** Renders a partial of this template. */
  partial(
    name: string,
    scope: Scope,
    state: RenderState,
    chain: BlockChain | undefined,
    autoescape: boolean,
    isAsync: boolean,
  ): string | Promise<string> {
    const section = this.tree.partials.get(name)
    if (section === undefined) {
      throw syntaxError(`The partial "${name}" is not defined in this template.`, { code: 'templates.unknown-partial' })
    }
    return this.#section('partial', section, autoescape, isAsync)(scope, state, chain, 0)
  }

  /** Renders another template in a scope; a synchronous caller gets text or NEEDS_ASYNC. */
  include(
    target: unknown,
    scope: Scope,
    state: RenderState,
    autoescape: boolean,
    isAsync: boolean,
  ): string | Promise<string> {
    if (state.depth >= MAX_INCLUDES) {
      throw new TemplateRenderError(`Templates include one another more than ${MAX_INCLUDES} deep.`, {
        code: 'templates.include-depth',
        hint: 'Does a template include itself without end?',
      })
    }
    const unit = this.engine.select(target, (name) => relativeTo(name, this.name, 'include'))
    const inner = new RenderState(this.engine, state.request, state.root, state)
    if (isAsync) return unit.run(scope, inner, autoescape)
    if (unit.prefersAsync) throw NEEDS_ASYNC
    return unit.#render(scope, inner, autoescape, false)
  }

  /** Places an error on a line of this template, and wraps what is not ours. Gives what to throw. */
  failed(error: unknown, line: number): unknown {
    if (error === NEEDS_ASYNC) return error
    if (error instanceof TemplateError) {
      if (error.trace.length < MAX_TRACE) error.addPlace(placeOf(this.name, this.tree.source, line))
      return error
    }
    const message = error instanceof Error ? error.message || error.name : String(error)
    const { hint, status } = (typeof error === 'object' && error !== null ? error : {}) as {
      hint?: unknown
      status?: unknown
    }
    return new TemplateRenderError(`Rendering failed: ${message}`, {
      code: 'templates.render-failed',
      hint: typeof hint === 'string' ? hint : undefined,
      status: typeof status === 'number' ? status : undefined,
      cause: error,
    }).addPlace(placeOf(this.name, this.tree.source, line))
  }

  #body(autoescape: boolean, isAsync: boolean): RenderFunction {
    return this.#function('body', this.tree.body, { autoescape, isAsync })
  }

  #section(kind: 'block' | 'partial', section: Section, autoescape: boolean, isAsync: boolean): RenderFunction {
    return this.#function(`${kind} ${section.name}`, section.body, { autoescape, isAsync })
  }

  #function(what: string, nodes: readonly Node[], variant: Variant): RenderFunction {
    const key = `${what}${variant.isAsync ? ' async' : ''}${variant.autoescape ? '' : ' raw'}`
    let made = this.#functions.get(key)
    if (made === undefined) {
      const label = `${this.name}: ${key}`
      made =
        (this.engine.generateCode ? generate(nodes, this, variant, label) : null) ?? interpret(nodes, this, variant)
      this.#functions.set(key, made)
    }
    return made
  }
}
