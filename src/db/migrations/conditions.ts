/** Conditions and expressions of a table as SQL text, as a state or a migration file holds them. */
import type { Backend } from '../backends/backend.ts'
import type { Expression } from '../expressions/expression.ts'
import type { ModelMeta } from '../models/meta.ts'
import { inlineCondition, inlineExpression, type TextPlace } from '../query/inline.ts'
import { liveCondition } from './expressions.ts'

/** The condition of a check or a partial index as SQL text. @throws ModelError migrations.condition-joins */
export function conditionText(backend: Backend, meta: ModelMeta, where: unknown, place: TextPlace): string {
  return inlineCondition(backend, meta, liveCondition(where), place)
}

/** An expression as SQL text. @throws ModelError migrations.condition-joins */
export function expressionText(backend: Backend, meta: ModelMeta, expression: Expression, place: TextPlace): string {
  return inlineExpression(backend, meta, expression, place)
}
