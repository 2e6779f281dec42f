/** walk(): rows reached by following a relation of a model to itself, as a recursive common table. */

import type { Expression } from '../expressions/expression.ts'
import { PathExpression, ValueExpression } from '../expressions/expression.ts'
import { text } from '../fields/text.ts'
import { Cast } from '../functions/comparison.ts'
import { FunctionExpression } from '../functions/function.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import { assertOptions } from '../options.ts'
import { commonSource } from './common-source.ts'
import { picture, QueryUsageError, QueryValueError, unknownField } from './errors.ts'
import { initialState, isSliced, type State } from './state.ts'
import { withAnnotations, withFilter, withJoin, withOrder, withValues } from './state-ops.ts'

/** Options of walk(). */
export interface WalkOptions {
  /** Most steps from the first rows; default as many as there are. */
  readonly depth?: number
}

// No field can have these names.
const KEY = '$key'
const DEPTH = 'depth'
const PATH = 'path'

const path = (name: string): Expression => new PathExpression(name)
const constant = (value: unknown): Expression => new ValueExpression(value)

/** A key as a part of a path: text keys have their slashes written as `%2F`, so that none looks like two. */
function keyText(key: string, field: FieldMeta): Expression {
  const plain = Cast(key as never, text()) as unknown as Expression // an Expr is an expression seen through its types
  if (field.kind !== 'char' && field.kind !== 'text') return plain
  const replaced = (of: Expression, from: string, to: string): Expression =>
    new FunctionExpression('replace', [of, constant(from), constant(to)], 'text')
  return replaced(replaced(plain, '%', '%25'), '/', '%2F')
}

/** The state of rows reached from those of a state, itself among them. */
export function withWalk(model: AnyModel, state: State, relation: string, options: WalkOptions): State {
  assertOptions('walk()', options, ['depth'])
  const { depth } = options
  const { meta } = model
  const field = meta.fields.get(relation)
  const own = [...meta.fields.values()].filter((other) => other.relation?.target === model).map((other) => other.name)
  if (field === undefined) throw unknownField(relation, meta.label, own, relation)
  if (meta.pk.length !== 1) {
    throw new QueryUsageError(`walk("${relation}"): the key of ${meta.label} has several columns.`, {
      code: 'db.composite-key',
      hint: 'The way of a row is told by keys of one column. Write the steps yourself: CommonTable.recursive(name, first, next).',
    })
  }
  if (field.relation?.target !== model) {
    throw new QueryUsageError(`walk("${relation}"): ${meta.label}.${relation} does not lead to ${meta.name} itself.`, {
      code: 'db.bad-relation',
      hint: own.length === 0 ? 'Declare such a relation.' : `Relations that do: ${own.join(', ')}.`,
    })
  }
  if (depth !== undefined && (!Number.isSafeInteger(depth) || depth < 0)) {
    throw new QueryValueError(`walk() cannot go ${picture(depth)} steps.`, {
      code: 'db.invalid-slice',
      status: 400,
      hint: 'Give a whole number from 0.',
    })
  }
  const key = meta.pk[0]!
  const concat = (...parts: Expression[]): Expression => new FunctionExpression('concat', parts, 'text')
  const ordered = isSliced(state) ? state : withOrder(state, [])
  const first = withAnnotations(ordered, {
    [KEY]: path(key.name),
    [DEPTH]: constant(0),
    [PATH]: concat(constant('/'), keyText(key.name, key), constant('/')),
  })
  const plain = { ...initialState(model), alias: state.alias, owner: state.owner }
  const next = `${relation}__pk`
  const source = commonSource(
    'walk',
    { model, state: withValues(first, [KEY, DEPTH, PATH], 'values') },
    null,
    (table) => {
      const joined = withOrder(withJoin(plain, table, { pk: KEY }, {}), [])
      const there = withFilter(joined, { [`${relation}__isnull`]: false })
      // The way back is no way on: a circle ends where it closes.
      const seen = new FunctionExpression(
        'strIndex',
        [path(PATH), concat(constant('/'), keyText(next, key), constant('/'))],
        'integer',
      )
      const fresh = withFilter(withAnnotations(there, { $seen: seen }, false), { $seen: 0 })
      const within = depth === undefined ? fresh : withFilter(fresh, { [`${DEPTH}__lt`]: depth })
      const step = withAnnotations(within, {
        $next: path(next),
        $depth: path(DEPTH).plus(1),
        $path: concat(path(PATH), keyText(next, key), constant('/')),
      })
      return { model, state: withValues(step, ['$next', '$depth', '$path'], 'values') }
    },
  )
  const { mode, prefetch } = initialState(model)
  return {
    ...withJoin(plain, source, { pk: KEY }, {}),
    mode,
    prefetch: state.prefetch.length > 0 ? state.prefetch : prefetch,
  }
}
