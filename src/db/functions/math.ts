/** Functions of numbers. Arguments are paths, numbers or expressions; null gives null. */
import { commonKind, sameKind } from '../expressions/kinds.ts'
import type { Expr, Mentions, SumOf } from '../query/types/expressions.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import { type Constant, call, type Over } from './function.ts'

/** A number of the argument's own type. */
type Same<T, P extends string> = Expr<T, string extends P ? SumOf<number> : ValueAt<T, P>>
type Float<T, P extends string> = Expr<T, Over<T, P, number>>
type Operand<T> = Constant | Expr<T, unknown>

/** Without its sign. */
export function Abs<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('abs', [number], sameKind)
}
/** The next whole number up. */
export function Ceil<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('ceil', [number], sameKind)
}
/** The next whole number down. */
export function Floor<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('floor', [number], sameKind)
}
/** Rounded to a number of places; default 0, negative for tens and hundreds where the database has that. */
export function Round<const P extends string, T = Mentions<P>>(
  number: PathArg<T, P> | Expr<T, unknown>,
  places?: number,
): Same<T, P> {
  return call('round', places === undefined ? [number] : [number, places], sameKind)
}
/** -1, 0 or 1. */
export function Sign<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('sign', [number], sameKind)
}
/** The rest of a division, with the dividend's sign. */
export function Mod<const P extends string, T = Mentions<P>>(
  number: PathArg<T, P> | Expr<T, unknown>,
  divisor: Operand<T>,
): Same<T, P> {
  return call('mod', [number, divisor], commonKind)
}
/** To a power. */
export function Power<const P extends string, T = Mentions<P>>(
  number: PathArg<T, P> | Expr<T, unknown>,
  exponent: Operand<T>,
): Float<T, P> {
  return call('power', [number, exponent], 'float')
}
/** The square root. */
export function Sqrt<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('sqrt', [number], 'float')
}
/** e to the power. */
export function Exp<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('exp', [number], 'float')
}
/** The natural logarithm. */
export function Ln<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('ln', [number], 'float')
}
/** The logarithm of a number to a base. */
export function Log<const P extends string, T = Mentions<P>>(
  base: Operand<T>,
  number: PathArg<T, P> | Expr<T, unknown>,
): Float<T, P> {
  return call('log', [base, number], 'float')
}
/** π */
export function Pi<T = never>(): Expr<T, number> {
  return call('pi', [], 'float')
}
/** A number from 0 up to 1, another for each row. */
export function Random<T = never>(): Expr<T, number> {
  return call('random', [], 'float')
}
/** A UUID at random (version 4), another for each row. */
export function UUID4<T = never>(): Expr<T, string> {
  return call('uuid4', [], 'uuid')
}
/** From radians to degrees. */
export function Degrees<const P extends string, T = Mentions<P>>(
  number: PathArg<T, P> | Expr<T, unknown>,
): Float<T, P> {
  return call('degrees', [number], 'float')
}
/** From degrees to radians. */
export function Radians<const P extends string, T = Mentions<P>>(
  number: PathArg<T, P> | Expr<T, unknown>,
): Float<T, P> {
  return call('radians', [number], 'float')
}
/** The sine of radians. */
export function Sin<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('sin', [number], 'float')
}
/** The cosine of radians. */
export function Cos<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('cos', [number], 'float')
}
/** The tangent of radians. */
export function Tan<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('tan', [number], 'float')
}
/** The cotangent of radians. */
export function Cot<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('cot', [number], 'float')
}
/** The angle of a sine. */
export function ASin<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('asin', [number], 'float')
}
/** The angle of a cosine. */
export function ACos<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('acos', [number], 'float')
}
/** The angle of a tangent. */
export function ATan<const P extends string, T = Mentions<P>>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('atan', [number], 'float')
}
/** The angle of the point (x, y). */
export function ATan2<const P extends string, T = Mentions<P>>(
  y: PathArg<T, P> | Expr<T, unknown>,
  x: Operand<T>,
): Float<T, P> {
  return call('atan2', [y, x], 'float')
}
