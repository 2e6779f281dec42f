/**
 * What a template is made of once parsed: expressions and nodes, plain data. Tags turn into these few kinds, so that
 * the code generator and the interpreter, which must agree, have little to agree about.
 */
import type { SafeString } from '../std/html.ts'
import type { RenderState } from './runtime/state.ts'

/** A filter as the compiler sees it. Made by `defineFilter`. */
export interface Filter {
  /**
   * Called with the value, the argument (undefined when there is none) and what it may want to know. `any`, because
   * `defineFilter` typed them for each filter, and their number is checked when a template is parsed.
   */
  readonly run: (value: any, argument: any, info: FilterInfo) => unknown
  /** Whether the filter takes `:argument`. */
  readonly argument: 'none' | 'optional' | 'required'
  /** Safe input gives safe output: the filter adds no `<`, `>`, `&` or quotes. */
  readonly isSafe: boolean
  /** The value is turned into text first. */
  readonly text: boolean
  /** A quoted argument comes as SafeString; otherwise as text. */
  readonly safeArgument: boolean
}

/** What a filter may want to know about the place where it is used. */
export interface FilterInfo {
  /** Whether output is escaped there. */
  readonly autoescape: boolean
  /** Whether the value came in as HTML already. */
  readonly safe: boolean
  readonly state: RenderState
}

/**
 * A function called with the evaluated arguments of a tag, which are `any`, because the tag's parser has checked them. A
 * thenable it gives is awaited.
 */
export type Callable = (state: RenderState, autoescape: boolean, ...args: any[]) => unknown

/** Gets `render`, which gives the body's output: text, or a promise of it in the asynchronous variant. */
export type Region = (
  state: RenderState,
  autoescape: boolean,
  render: () => string | Promise<string>,
  ...args: any[] // as of Callable
) => unknown

/** Names in scope where a tag stands: read with `scope[name]`. */
export type Scope = Record<string, unknown>

export type CompareOp = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | 'not in' | 'is' | 'is not'

export interface VariableExpr {
  readonly kind: 'variable'
  /** First part, looked up in the context. */
  readonly name: string
  /** The others, looked up in what came before. */
  readonly parts: readonly string[]
  /** A missing variable: null in conditions and loops, otherwise the engine's text for it. */
  readonly missing: 'null' | 'invalid'
}

export interface FilterUse {
  readonly filter: Filter
  readonly name: string
  readonly argument: Expr | null
}

export type Expr =
  | VariableExpr
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null | undefined | SafeString }
  | { readonly kind: 'filtered'; readonly input: Expr; readonly filters: readonly FilterUse[] }
  | { readonly kind: 'call'; readonly run: Callable; readonly label: string; readonly args: readonly Expr[] }
  | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'not'; readonly operand: Expr }
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly left: Expr; readonly right: Expr }
  /** One of `options`, chosen by number; only that one is evaluated. */
  | { readonly kind: 'choose'; readonly index: Expr; readonly options: readonly Expr[] }
  /** Output of the block this one replaces. */
  | { readonly kind: 'super'; readonly block: string }
  /** Everything in scope: for tags that take the context. */
  | { readonly kind: 'scope' }

export interface Binding {
  readonly name: string
  readonly expr: Expr
}

/** A node with its line in the template. */
export type Node = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  /** Writes a value, escaped where escaping is on. */
  | { readonly kind: 'output'; readonly expr: Expr }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  | {
      readonly kind: 'for'
      readonly names: readonly string[]
      readonly list: Expr
      readonly reversed: boolean
      readonly body: readonly Node[]
      readonly empty: readonly Node[]
    }
  | { readonly kind: 'with'; readonly bindings: readonly Binding[]; readonly body: readonly Node[] }
  /** Binds a name until the enclosing tag (or template) ends. */
  | { readonly kind: 'set'; readonly name: string; readonly expr: Expr }
  /** Evaluates and forgets. */
  | { readonly kind: 'do'; readonly expr: Expr }
  /** Binds the output of a body, as HTML. */
  | { readonly kind: 'capture'; readonly name: string; readonly body: readonly Node[] }
  | { readonly kind: 'autoescape'; readonly on: boolean; readonly body: readonly Node[] }
  | {
      readonly kind: 'region'
      readonly run: Region
      readonly label: string
      readonly args: readonly Expr[]
      readonly body: readonly Node[]
    }
  | { readonly kind: 'block'; readonly name: string }
  | { readonly kind: 'partial'; readonly name: string }
  | { readonly kind: 'include'; readonly template: Expr; readonly bindings: readonly Binding[]; readonly only: boolean }
)

/** One arm of an `if`; the last may have no condition. */
export interface Branch {
  readonly condition: Expr | null
  readonly body: readonly Node[]
}

/** A parsed template. */
export interface TemplateTree {
  readonly name: string
  readonly source: string
  readonly body: readonly Node[]
  /** The template this one extends, and the line where it says so. */
  readonly parent: { readonly expr: Expr; readonly line: number } | null
  /** Bodies of blocks, by name; the tree holds `block` nodes in their place. */
  readonly blocks: ReadonlyMap<string, Section>
  /** Bodies of `{% partialdef %}`. */
  readonly partials: ReadonlyMap<string, Section>
}

/** The body of a block or partial. */
export interface Section {
  readonly name: string
  readonly line: number
  readonly body: readonly Node[]
}

/** A literal expression. */
export function literal(value: string | number | boolean | null | undefined | SafeString): Expr {
  return { kind: 'literal', value }
}

/** A call expression. `label` names it in generated code. */
export function call(label: string, run: Callable, args: readonly Expr[] = []): Expr {
  return { kind: 'call', run, label, args }
}
