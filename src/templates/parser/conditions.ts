/** Conditions of `{% if %}`: a Pratt parser with the operators and priorities of `django.template.smartif`. */
import { syntaxError } from '../errors.ts'
import type { CompareOp, Expr } from '../nodes.ts'

const PRIORITY: Readonly<Record<string, number>> = { or: 6, and: 7, not: 8, in: 9, 'not in': 9 }
const COMPARISONS = new Set(['is', 'is not', '==', '!=', '>', '>=', '<', '<='])

const priorityOf = (word: string): number => PRIORITY[word] ?? (COMPARISONS.has(word) ? 10 : 0)

/**
 * Reads the words of a condition.
 *
 * @param operand   reads what is no operator
 * @throws TemplateSyntaxError templates.bad-condition
 */
export function parseCondition(words: readonly string[], operand: (word: string) => Expr, tag = 'if'): Expr {
  const tokens = joinOperators(words)
  let at = 0
  let depth = 0

  const expression = (least: number): Expr => {
    if (++depth > MAX_DEPTH) throw bad(`The condition of "${tag}" is nested too deep.`)
    let left = prefix()
    while (at < tokens.length) {
      const word = tokens[at]!
      const priority = priorityOf(word)
      if (word === 'not') throw bad(`Not expecting "not" as an operator between two values in the "${tag}" tag.`)
      if (priority <= least) break
      at++
      left = infix(word, left, expression(priority))
    }
    depth--
    return left
  }
  const prefix = (): Expr => {
    const word = tokens[at++]
    if (word === undefined) throw bad(`Unexpected end of the condition in the "${tag}" tag.`)
    if (word === 'not') return { kind: 'not', operand: expression(PRIORITY.not!) }
    if (priorityOf(word) > 0) throw bad(`Not expecting "${word}" in this position in the "${tag}" tag.`)
    return operand(word)
  }

  const condition = expression(0)
  if (at < tokens.length) throw bad(`Unused "${tokens[at]}" at the end of the condition.`)
  return condition
}

/** Deeper conditions would overflow the stack: `not` repeated a hundred thousand times. */
const MAX_DEPTH = 500

function infix(word: string, left: Expr, right: Expr): Expr {
  if (word === 'and' || word === 'or') return { kind: word, left, right }
  return { kind: 'compare', op: word as CompareOp, left, right } // priorityOf knows no other
}

/** `not in` and `is not` are one operator each. */
function joinOperators(words: readonly string[]): string[] {
  const tokens: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const pair = `${word} ${words[i + 1]}`
    if (pair === 'not in' || pair === 'is not') {
      tokens.push(pair)
      i++
    } else tokens.push(word)
  }
  return tokens
}

function bad(message: string): Error {
  return syntaxError(message, { code: 'templates.bad-condition' })
}
