/** Parts of dates and instants, and the beginnings of units, on the wall clock of a time zone. */
import type { Temporal } from '../../std/dates.ts'
import { argument, Expression, type ExpressionParts, type Scope } from '../expressions/expression.ts'
import { nodeKind } from '../expressions/kinds.ts'
import type { Kind } from '../kinds.ts'
import { QueryUsageError } from '../query/errors.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { DatePart, SqlExpr, TruncUnit } from '../sql/nodes.ts'
import { call, type Over } from './function.ts'

/** Options of {@link Extract} and {@link Trunc}. */
export interface ZoneOptions {
  /** IANA name of the zone in which instants are read; default the current one. */
  readonly timeZone?: string
}

const DATED: readonly Kind[] = ['date', 'time', 'dateTime']

const CLOCK: ReadonlySet<string> = new Set<DatePart>(['hour', 'minute', 'second', 'time'])
const CALENDAR: ReadonlySet<string> = new Set<DatePart>([
  ...(['year', 'isoYear', 'quarter', 'month', 'week', 'weekDay', 'isoWeekDay', 'day', 'date'] as const),
])
/** What a kind has not: a day no hours, a time of day no year. */
const ABSENT: Partial<Record<Kind, ReadonlySet<string>>> = { date: CLOCK, time: CALENDAR }

abstract class DateExpression<W extends string> extends Expression {
  protected readonly of: Expression
  protected readonly word: W
  private readonly zone: string | null

  constructor(of: Expression, word: W, { timeZone }: ZoneOptions) {
    super()
    this.of = of
    this.word = word
    this.zone = timeZone ?? null
  }
  write(shape: Shape): void {
    shape.key += `${this.constructor.name}${this.word}.${this.zone ?? ''}${MARK.open}`
    this.of.write(shape)
    shape.key += MARK.close
  }
  override deconstruct(): ExpressionParts {
    const name = this instanceof ExtractExpression ? 'extract' : 'trunc'
    return { name, args: [this.of, this.word, ...(this.zone === null ? [] : [{ timeZone: this.zone }])] }
  }
  protected read(scope: Scope): { from: SqlExpr; kind: Kind; timeZone: string } {
    const from = this.of.toSql(scope)
    const kind = nodeKind(from)
    if (DATED.includes(kind) && !ABSENT[kind]?.has(this.word)) {
      return { from, kind, timeZone: kind === 'dateTime' ? (this.zone ?? scope.timeZone()) : 'UTC' }
    }
    throw new QueryUsageError(`"${this.word}" cannot be read of a value of kind ${kind}.`, {
      code: 'db.not-a-date',
      hint: 'Dates and instants have a year, months and days; times and instants have hours.',
    })
  }
}

class ExtractExpression extends DateExpression<DatePart> {
  toSql(scope: Scope): SqlExpr {
    const { from, timeZone } = this.read(scope)
    const part = this.word
    const kind = part === 'date' || part === 'time' ? part : 'integer'
    return { t: 'extract', part, from, timeZone, kind }
  }
}

class TruncExpression extends DateExpression<TruncUnit> {
  toSql(scope: Scope): SqlExpr {
    const { from, kind, timeZone } = this.read(scope)
    return { t: 'trunc', unit: this.word, from, timeZone, kind }
  }
}

type PartValue<Part> = Part extends 'date' ? Temporal.PlainDate : Part extends 'time' ? Temporal.PlainTime : number

/**
 * A part of a date, a time or an instant: `Extract('publishedAt', 'year')`. `week`, `isoYear` and `isoWeekDay`
 * (Monday 1) are ISO 8601's; `weekDay` counts from Sunday, 1; `date` and `time` are those on the wall clock.
 */
export function Extract<const P extends string, const Part extends DatePart, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  part: Part,
  options: ZoneOptions = {},
): Expr<T, Over<T, P, PartValue<Part>>> {
  return new ExtractExpression(argument(of), part, options) as unknown as Expr<T, Over<T, P, PartValue<Part>>> // seen through its types
}

/** The beginning of the unit it falls in, of the same type: `Trunc('publishedAt', 'month')`. Weeks begin on Monday. */
export function Trunc<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  unit: TruncUnit,
  options: ZoneOptions = {},
): Expr<T, string extends P ? Date | null : ValueAt<T, P>> {
  // Seen through its types.
  return new TruncExpression(argument(of), unit, options) as unknown as Expr<
    T,
    string extends P ? Date | null : ValueAt<T, P>
  >
}

/** The database's time, at the start of the statement or transaction. */
export function Now<T = never>(): Expr<T, Date> {
  return call('now', [], 'dateTime')
}
