/** Patterns of LIKE: of values that are sent, of those that DDL has in it, and of expressions. */
import type { MatchNode, ParamNode } from './nodes.ts'

/** What a pattern is made of a text for: to find that text itself, or what contains, starts or ends with it. */
export type PatternForm = NonNullable<ParamNode['like']>

/** What the right side of a match becomes; undefined where it is a pattern already. */
export function formOf({ pattern, op }: MatchNode): PatternForm | undefined {
  return pattern ?? (op === 'iexact' ? 'exact' : undefined)
}

/** What stands before and after the text. */
export function wildcards(form: PatternForm): readonly [before: '%' | '', after: '%' | ''] {
  return [
    form === 'contains' || form === 'endswith' ? '%' : '',
    form === 'contains' || form === 'startswith' ? '%' : '',
  ]
}

/** Text as a pattern that finds it. */
export function likePattern(text: string, form: PatternForm): string {
  const [before, after] = wildcards(form)
  return before + text.replace(/[\\%_]/g, '\\$&') + after
}
