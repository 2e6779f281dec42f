/** Functions of numbers. Arguments are paths, numbers or expressions; null gives null. */
import { commonKind, sameKind } from '../expressions/kinds.ts'
import type { Expr, PathArg, SumOf, ValueAt } from '../query/types.ts'
import { type Constant, call, type Over } from './function.ts'

/** A number of the argument's own type. */
type Same<T, P extends string> = Expr<T, string extends P ? SumOf<number> : ValueAt<T, P>>
type Float<T, P extends string> = Expr<T, Over<T, P, number>>
type Operand<T> = Constant | Expr<T, unknown>

/** Without its sign. */
export function Abs<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('abs', [number], sameKind)
}
/** The next whole number up. */
export function Ceil<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('ceil', [number], sameKind)
}
/** The next whole number down. */
export function Floor<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('floor', [number], sameKind)
}
/** Rounded to a number of places; default 0, negative for tens and hundreds where the database has that. */
export function Round<T, const P extends string>(
  number: PathArg<T, P> | Expr<T, unknown>,
  places?: number,
): Same<T, P> {
  return call('round', places === undefined ? [number] : [number, places], sameKind)
}
/** -1, 0 or 1. */
export function Sign<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Same<T, P> {
  return call('sign', [number], sameKind)
}
/** The rest of a division, with the dividend's sign. */
export function Mod<T, const P extends string>(
  number: PathArg<T, P> | Expr<T, unknown>,
  divisor: Operand<T>,
): Same<T, P> {
  return call('mod', [number, divisor], commonKind)
}
/** To a power. */
export function Power<T, const P extends string>(
  number: PathArg<T, P> | Expr<T, unknown>,
  exponent: Operand<T>,
): Float<T, P> {
  return call('power', [number, exponent], 'float')
}
/** The square root. */
export function Sqrt<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('sqrt', [number], 'float')
}
/** e to the power. */
export function Exp<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('exp', [number], 'float')
}
/** The natural logarithm. */
export function Ln<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('ln', [number], 'float')
}
/** The logarithm of a number to a base. */
export function Log<T, const P extends string>(
  base: Operand<T>,
  number: PathArg<T, P> | Expr<T, unknown>,
): Float<T, P> {
  return call('log', [base, number], 'float')
}
/** π */
export function Pi<T>(): Expr<T, number> {
  return call('pi', [], 'float')
}
/** A number from 0 up to 1, another for each row. */
export function Random<T>(): Expr<T, number> {
  return call('random', [], 'float')
}
/** A UUID at random (version 4), another for each row. */
export function UUID4<T>(): Expr<T, string> {
  return call('uuid4', [], 'uuid')
}
/** From radians to degrees. */
export function Degrees<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('degrees', [number], 'float')
}
/** From degrees to radians. */
export function Radians<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('radians', [number], 'float')
}
/** The sine of radians. */
export function Sin<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('sin', [number], 'float')
}
/** The cosine of radians. */
export function Cos<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('cos', [number], 'float')
}
/** The tangent of radians. */
export function Tan<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('tan', [number], 'float')
}
/** The cotangent of radians. */
export function Cot<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('cot', [number], 'float')
}
/** The angle of a sine. */
export function ASin<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('asin', [number], 'float')
}
/** The angle of a cosine. */
export function ACos<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('acos', [number], 'float')
}
/** The angle of a tangent. */
export function ATan<T, const P extends string>(number: PathArg<T, P> | Expr<T, unknown>): Float<T, P> {
  return call('atan', [number], 'float')
}
/** The angle of the point (x, y). */
export function ATan2<T, const P extends string>(y: PathArg<T, P> | Expr<T, unknown>, x: Operand<T>): Float<T, P> {
  return call('atan2', [y, x], 'float')
}
