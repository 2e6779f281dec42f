/** `value|filter:argument|filter`: the expression inside tags. */

import { t } from '../../i18n/index.ts'
import { SafeString } from '../../std/html.ts'
import { nearest } from '../../std/text.ts'
import { syntaxError } from '../errors.ts'
import { call, type Expr, type Filter, type FilterUse, literal, type VariableExpr } from '../nodes.ts'
import { safe } from '../runtime/state.ts'
import { closingQuote, unquote } from './split.ts'

/** What reading an expression needs to know. */
export interface ExpressionContext {
  /** Filters in reach: built in, and those loaded so far. */
  readonly filters: ReadonlyMap<string, Filter>
  /** The block around, for `block.super`; null outside blocks. */
  readonly block: string | null
}

export interface ExpressionOptions {
  /** A missing variable is null (as in conditions) and no error, even in strict mode. */
  readonly optional?: boolean
}

const VARIABLE = /[\p{L}\p{N}_.]+/uy
const NUMBER = /[-+.]?\d[\d.e]*/iy
const NUMBER_WHOLE = /^[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?$/i
const FILTER = /\s*\|\s*([\p{L}\p{N}_]+)/uy
const LITERALS: Readonly<Record<string, boolean | null>> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
}

/**
 * Reads an expression.
 * @throws TemplateSyntaxError templates.bad-expression, templates.unknown-filter, templates.filter-arguments,
 *   templates.private-name
 */
export function parseExpression(text: string, context: ExpressionContext, options: ExpressionOptions = {}): Expr {
  const missing = options.optional === true ? 'null' : 'invalid'
  const first = readOperand(text, 0, context, missing)
  if (first === null) throw remainder(text, 0)
  let at = first.end
  const uses: FilterUse[] = []
  while (at < text.length) {
    FILTER.lastIndex = at
    const match = FILTER.exec(text)
    if (match === null) break
    let end = FILTER.lastIndex
    let argument: Expr | null = null
    if (text[end] === ':') {
      const operand = readOperand(text, end + 1, context, missing)
      if (operand === null) throw remainder(text, end)
      argument = operand.expr
      end = operand.end
    }
    uses.push(filterUse(match[1]!, argument, context))
    at = end
  }
  if (text.slice(at).trim() !== '') throw remainder(text, at)
  return uses.length === 0 ? first.expr : { kind: 'filtered', input: first.expr, filters: uses }
}

function filterUse(name: string, argument: Expr | null, context: ExpressionContext): FilterUse {
  const filter = context.filters.get(name)
  if (filter === undefined) {
    const near = nearest(name, context.filters.keys())
    throw syntaxError(`There is no filter "${name}".`, {
      code: 'templates.unknown-filter',
      hint: near === null ? 'Is a {% load %} missing?' : `Did you mean "${near}"? Or is a {% load %} missing?`,
    })
  }
  if (argument === null && filter.argument === 'required') {
    throw syntaxError(`The filter "${name}" needs an argument.`, {
      code: 'templates.filter-arguments',
      hint: `Write value|${name}:argument, without spaces around the colon.`,
    })
  }
  if (argument !== null && filter.argument === 'none') {
    throw syntaxError(`The filter "${name}" takes no argument.`, { code: 'templates.filter-arguments' })
  }
  const plain = !filter.safeArgument && argument?.kind === 'literal' && argument.value instanceof SafeString
  return { filter, name, argument: plain ? literal(String(argument.value)) : argument }
}

interface Operand {
  readonly expr: Expr
  readonly end: number
}

/** A literal or variable that starts at `at`, or null. */
function readOperand(
  text: string,
  at: number,
  context: ExpressionContext,
  missing: VariableExpr['missing'],
): Operand | null {
  const char = text[at]
  if (char === '"' || char === "'") {
    const end = closingQuote(text, at)
    // Literals are HTML already: whoever writes the template knows what stands in it.
    return end === -1 ? null : { expr: literal(safe(unquote(text.slice(at, end + 1)))), end: end + 1 }
  }
  if (text.startsWith('_("', at) || text.startsWith("_('", at)) {
    const end = closingQuote(text, at + 2)
    if (end === -1 || text[end + 1] !== ')') return null
    const message = unquote(text.slice(at + 2, end + 1))
    return { expr: call('_', () => safe(t(message))), end: end + 2 }
  }
  for (const pattern of [VARIABLE, NUMBER]) {
    pattern.lastIndex = at
    const word = pattern.exec(text)?.[0]
    if (word !== undefined) return { expr: wordExpr(word, context, missing), end: at + word.length }
  }
  return null
}

function wordExpr(word: string, context: ExpressionContext, missing: VariableExpr['missing']): Expr {
  if (NUMBER_WHOLE.test(word)) return literal(Number(word))
  if (Object.hasOwn(LITERALS, word)) return literal(LITERALS[word]!)
  const [name, ...parts] = word.split('.') as [string, ...string[]]
  if (word.startsWith('_') || word.includes('._')) {
    throw syntaxError(`Names of variables and attributes do not begin with an underscore: "${word}".`, {
      code: 'templates.private-name',
    })
  }
  if (name === 'block' && context.block !== null && parts.length === 1) {
    if (parts[0] === 'super') return { kind: 'super', block: context.block }
    if (parts[0] === 'name') return literal(context.block)
  }
  return { kind: 'variable', name, parts, missing }
}

function remainder(text: string, at: number): Error {
  return syntaxError(`Could not read ${JSON.stringify(text.slice(at))} in ${JSON.stringify(text)}.`, {
    code: 'templates.bad-expression',
    hint: 'An expression is a variable, a number or quoted text, then filters: name|filter:"argument".',
  })
}
