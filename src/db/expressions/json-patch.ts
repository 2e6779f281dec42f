/** Changes inside a JSON value, made by the database: what is not named stays, whoever else writes meanwhile. */
import { picture, QueryValueError } from '../query/errors.ts'
import { isPlainName, type Shape } from '../query/shape.ts'
import type { Expr, ExprAt } from '../query/types/expressions.ts'
import type { JsonItem, JsonPathArg, JsonPathValue, PathArg, ValueAt } from '../query/types/paths.ts'
import type { JsonPatchTree, SqlExpr } from '../sql/nodes.ts'
import { Expression, PathExpression, type Scope, ValueExpression } from './expression.ts'

/** What {@link JSONPatch} does. Paths are names joined by two underscores, as in filters; whole numbers are indexes of lists. */
export interface JsonChanges<V, S extends string, R extends string, A extends string> {
  /**
   * Values, or expressions, by path: `{ theme__name: 'dark' }`. Objects on the way are made where they are missing; an
   * item of a list (`langs__0`) is exchanged where it is there.
   */
  readonly set?: { readonly [K in S]?: JsonPathValue<V, K> }
  /** Paths of keys and items that go. */
  readonly remove?: readonly JsonPathArg<V, R>[]
  /** A value for the end of the list at each path; the list is made where there is none. */
  readonly append?: { readonly [K in A]?: JsonItem<V, K> }
  /** A JSON merge patch (RFC 7396): objects are merged with what is there, null removes the key, all else is set. */
  readonly merge?: MergeOf<NonNullable<V>>
}
type MergeOf<V> = V extends readonly unknown[]
  ? V
  : V extends object
    ? { readonly [K in keyof V]?: MergeOf<NonNullable<V[K]>> | null }
    : V

type Step = string | number
/** A tree of changes, before its values have slots. */
type Tree =
  | { readonly t: 'set'; readonly value: Expression | null }
  | { readonly t: 'remove' }
  | { readonly t: 'append'; readonly values: (Expression | null)[] }
  | { readonly t: 'into'; readonly keys: Map<Step, Tree> }

class JsonPatchExpression extends Expression {
  readonly of: Expression
  readonly tree: Extract<Tree, { t: 'into' }>

  constructor(of: Expression, tree: Extract<Tree, { t: 'into' }>) {
    super()
    this.of = of
    this.tree = tree
  }
  write(shape: Shape): void {
    shape.key += 'jsonPatch('
    this.of.write(shape)
    const walk = (tree: Tree): void => {
      shape.key += tree.t
      if (tree.t === 'set') writeValue(tree.value, shape)
      else if (tree.t === 'append') for (const value of tree.values) writeValue(value, shape)
      else if (tree.t === 'into') {
        shape.key += '{'
        for (const [step, child] of tree.keys) {
          shape.key += JSON.stringify(step)
          walk(child)
        }
        shape.key += '}'
      }
    }
    walk(this.tree)
    shape.key += ')'
  }
  toSql(scope: Scope): SqlExpr {
    const of = this.of.toSql(scope)
    const node = (value: Expression | null): SqlExpr | null => value?.toSql(scope) ?? null
    const build = (tree: Tree): JsonPatchTree => {
      if (tree.t === 'set') return { t: 'set', value: node(tree.value) }
      if (tree.t === 'append') return { t: 'append', values: tree.values.map(node) }
      if (tree.t === 'into') return { t: 'into', keys: [...tree.keys].map(([step, child]) => [step, build(child)]) }
      return tree
    }
    return { t: 'jsonPatch', of, tree: build(this.tree) as Extract<JsonPatchTree, { t: 'into' }> } // the root is one
  }
}

function writeValue(value: Expression | null, shape: Shape): void {
  if (value === null) shape.key += 'null'
  else value.write(shape)
}

/** A value inside JSON: null is JSON's own. */
function jsonValue(value: unknown, path: string): Expression | null {
  if (value === null || value instanceof Expression) return value
  if (value !== undefined) return new ValueExpression(value, 'json')
  throw new QueryValueError(`JSONPatch(): "${path}" is undefined.`, {
    code: 'db.undefined-value',
    hint: 'Leave the key out to keep it, pass null for a JSON null, or name it in remove.',
  })
}

function stepsOf(path: string): Step[] {
  const steps = typeof path === 'string' && isPlainName(path) ? path.split('__') : ['']
  if (steps.every((step) => step !== '')) return steps.map((step) => (/^-?\d+$/.test(step) ? Number(step) : step))
  throw new QueryValueError(`${picture(path)} is not a path of keys.`, {
    code: 'db.invalid-path',
    status: 400,
    hint: 'Write names joined by two underscores: theme__name. Other keys can be given in merge.',
  })
}

function overlap(steps: readonly Step[]): QueryValueError {
  return new QueryValueError(`JSONPatch() changes "${steps.join('__')}" twice, or inside and as a whole.`, {
    code: 'db.json-patch-overlap',
    hint: 'Name each place once.',
  })
}

/** The place of a path, all objects on the way made. */
function place(root: Extract<Tree, { t: 'into' }>, steps: readonly Step[], leaf: Tree): void {
  let at = root
  for (const step of steps.slice(0, -1)) {
    const next = at.keys.get(step) ?? { t: 'into', keys: new Map<Step, Tree>() }
    if (next.t !== 'into') throw overlap(steps)
    at.keys.set(step, next)
    at = next
  }
  const last = steps.at(-1)!
  const known = at.keys.get(last)
  if (known?.t === 'append' && leaf.t === 'append') known.values.push(...leaf.values)
  else if (known?.t === 'into' && leaf.t === 'into') return
  else if (known !== undefined) throw overlap(steps)
  at.keys.set(last, known ?? leaf)
}

function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Expression) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function merge(root: Extract<Tree, { t: 'into' }>, patch: Record<string, unknown>, before: readonly Step[]): void {
  for (const [key, value] of Object.entries(patch)) {
    const steps = [...before, key]
    if (value === null) place(root, steps, { t: 'remove' })
    else if (isObject(value)) {
      place(root, steps, { t: 'into', keys: new Map() })
      merge(root, value, steps)
    } else place(root, steps, { t: 'set', value: jsonValue(value, steps.join('__')) })
  }
}

/** Lists and objects cannot be one value; and positions move when items go. */
function assertSteps(tree: Tree, path: readonly Step[]): void {
  if (tree.t !== 'into') return
  const steps = [...tree.keys.keys()]
  const indexes = steps.filter((step) => typeof step === 'number')
  const gone = indexes.filter((step) => tree.keys.get(step)!.t === 'remove')
  if ((indexes.length > 0 && indexes.length < steps.length) || gone.length > 1) {
    throw new QueryValueError(
      gone.length > 1
        ? `JSONPatch() removes several items of one list (${path.join('__')}).`
        : `JSONPatch() takes "${path.join('__')}" for a list and for an object.`,
      {
        code: 'db.json-patch-overlap',
        hint: 'Items move when one goes: remove them one by one, or set the whole list.',
      },
    )
  }
  for (const [step, child] of tree.keys) assertSteps(child, [...path, step])
}

/**
 * A JSON value with changes inside it, for `update()`: one statement, in which nobody else's change is lost:
 * `update({ settings: JSONPatch('settings', { set: { theme__name: 'dark' }, remove: ['old'], append: { langs: 'fr' } }) })`.
 * @throws QueryValueError db.invalid-path, db.undefined-value, db.json-patch-overlap
 */
export function JSONPatch<
  T,
  const P extends string,
  const S extends string = never,
  const R extends string = never,
  const A extends string = never,
>(path: PathArg<T, P>, changes: JsonChanges<ValueAt<T, P>, S, R, A>): Expr<T, ExprAt<T, P>> {
  const root = { t: 'into' as const, keys: new Map<Step, Tree>() }
  for (const [at, value] of Object.entries(changes.set ?? {}))
    place(root, stepsOf(at), { t: 'set', value: jsonValue(value, at) })
  for (const at of (changes.remove ?? []) as readonly string[]) place(root, stepsOf(at), { t: 'remove' })
  for (const [at, value] of Object.entries(changes.append ?? {}))
    place(root, stepsOf(at), { t: 'append', values: [jsonValue(value, at)] })
  if (changes.merge !== undefined) {
    if (!isObject(changes.merge))
      throw new QueryValueError(`JSONPatch({ merge }) was given ${picture(changes.merge)}.`, {
        code: 'db.invalid-value',
        hint: 'Give an object of the keys to change.',
      })
    merge(root, changes.merge, [])
  }
  assertSteps(root, [path as string])
  // As F(): an expression seen through its types.
  return new JsonPatchExpression(new PathExpression(path as string), root) as unknown as Expr<T, ExprAt<T, P>>
}
