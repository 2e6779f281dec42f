/** Functions of text. Arguments are paths or expressions; a text constant is `Value('…')`. Null gives null. */

import { ValueExpression } from '../expressions/expression.ts'
import { picture, QueryValueError } from '../query/errors.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { PathArg } from '../query/types/paths.ts'
import {
  type AnyArg,
  type Args,
  atLeast,
  type Constant,
  call,
  type HomeOf,
  type Over,
  type PathsIn,
} from './function.ts'

const EMPTY = new ValueExpression('')

/** A constant position or length, which databases read differently where it is below: from the end, or not at all. */
function counted(name: string, value: unknown, least: 0 | 1): void {
  if (typeof value !== 'number' || (Number.isSafeInteger(value) && value >= least)) return
  throw new QueryValueError(`${name}() was given ${picture(value)}.`, {
    code: 'db.invalid-value',
    hint: least === 1 ? 'The first character is 1.' : 'Give how many characters, 0 or more.',
  })
}
type Number<T> = Constant | Expr<T, number | null>
type Text<T, P extends string> = Expr<T, Over<T, P, string>>

/** In lower case. */
export function Lower<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('lower', [text], 'text')
}
/** In upper case. */
export function Upper<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('upper', [text], 'text')
}
/** How many characters. */
export function Length<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
): Expr<T, Over<T, P, number>> {
  return call('length', [text], 'integer')
}
/** One after another; a null part counts as empty. */
export function Concat<const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...parts: Args<T, A>
): Expr<HomeOf<T, A[number]>, string> {
  atLeast(1, 'Concat', parts)
  return call('concat', parts, 'text')
}
/** `length` characters from the `from`-th (the first is 1); to the end without `length`. */
export function Substr<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  from: Number<T>,
  length?: Number<T>,
): Text<T, P> {
  counted('Substr', from, 1)
  counted('Substr', length, 0)
  return call('substr', length === undefined ? [text, from] : [text, from, length], 'text')
}
/** The first characters. */
export function Left<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  length: Number<T>,
): Text<T, P> {
  counted('Left', length, 0)
  return call('left', [text, length], 'text')
}
/** The last characters. */
export function Right<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  length: Number<T>,
): Text<T, P> {
  counted('Right', length, 0)
  return call('right', [text, length], 'text')
}
/** Without spaces at both ends. */
export function Trim<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('trim', [text], 'text')
}
/** Without spaces at the beginning. */
export function LTrim<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('ltrim', [text], 'text')
}
/** Without spaces at the end. */
export function RTrim<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('rtrim', [text], 'text')
}
/** Filled up at the left to a length; longer text is cut. */
export function LPad<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  length: Number<T>,
  fill: Expr<T, string | null>,
): Expr<T, string | null> {
  return call('lpad', [text, length, fill], 'text')
}
/** Filled up at the right to a length; longer text is cut. */
export function RPad<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  length: Number<T>,
  fill: Expr<T, string | null>,
): Expr<T, string | null> {
  return call('rpad', [text, length, fill], 'text')
}
/** So many times. */
export function Repeat<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  times: Number<T>,
): Text<T, P> {
  return call('repeat', [text, times], 'text')
}
/** Each place of `search` exchanged; for nothing without `replacement`. */
export function Replace<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  search: Expr<T, string | null>,
  replacement?: Expr<T, string | null>,
): Expr<T, string | null> {
  return call('replace', [text, search, replacement ?? EMPTY], 'text')
}
/** The characters from the last to the first. */
export function Reverse<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('reverse', [text], 'text')
}
/** Where `search` begins first (the first character is 1); 0 where it is not. */
export function StrIndex<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
  search: Expr<T, string | null>,
): Expr<T, Over<T, P, number>> {
  return call('strIndex', [text, search], 'integer')
}
/** The character of a code point. */
export function Chr<const P extends string, T = Mentions<P>>(code: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('chr', [code], 'text')
}
/** The code point of the first character. */
export function Ord<const P extends string, T = Mentions<P>>(
  text: PathArg<T, P> | Expr<T, unknown>,
): Expr<T, Over<T, P, number>> {
  return call('ord', [text], 'integer')
}
/** MD5 in hexadecimal: for comparing with what others wrote, never for secrets. */
export function MD5<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('md5', [text], 'text')
}
/** SHA-1 in hexadecimal: for comparing with what others wrote, never for secrets. */
export function SHA1<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('sha1', [text], 'text')
}
/** SHA-224 in hexadecimal. */
export function SHA224<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('sha224', [text], 'text')
}
/** SHA-256 in hexadecimal. */
export function SHA256<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('sha256', [text], 'text')
}
/** SHA-384 in hexadecimal. */
export function SHA384<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('sha384', [text], 'text')
}
/** SHA-512 in hexadecimal. */
export function SHA512<const P extends string, T = Mentions<P>>(text: PathArg<T, P> | Expr<T, unknown>): Text<T, P> {
  return call('sha512', [text], 'text')
}
