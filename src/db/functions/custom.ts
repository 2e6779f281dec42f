/** SQL of the project's own, as expressions: functions, collations, uuids, and `sql` with a type. */
import { argument, Expression, type ExpressionParts, type Scope, ValueExpression } from '../expressions/expression.ts'
import { kindOfValue } from '../expressions/kinds.ts'
import { SqlExpression } from '../expressions/sql-expression.ts'
import type { ColumnType, Kind } from '../kinds.ts'
import { picture, QueryUsageError, QueryValueError } from '../query/errors.ts'
import { RawFragment } from '../query/raw.ts'
import { MARK, type Shape } from '../query/shape.ts'
import type { Expr, Mentions } from '../query/types/expressions.ts'
import type { SqlRows } from '../query/types/lookups.ts'
import type { PathArg, ValueAt } from '../query/types/paths.ts'
import type { SqlExpr } from '../sql/nodes.ts'
import { type SqlTemplate, Templates } from '../sql/templates.ts'
import { type OutputField, outputKind, outputType, preciseType } from './comparison.ts'
import { type AnyArg, type Args, call, type HomeOf, type PathsIn, writeCall } from './function.ts'

let functions = 0

class CustomFunction extends Expression {
  readonly templates: Templates
  readonly key: string
  readonly kind: Kind
  readonly args: readonly Expression[]
  private readonly givesRows: boolean

  constructor(templates: Templates, key: string, kind: Kind, args: readonly Expression[], givesRows = false) {
    super()
    this.givesRows = givesRows
    this.templates = templates
    this.key = key
    this.kind = kind
    this.args = args
  }
  write(shape: Shape): void {
    writeCall(shape, this.key, this.args)
  }
  toSql(scope: Scope): SqlExpr {
    const args = this.args.map((arg) => arg.toSql(scope))
    const node = this.templates.node(scope.features.vendor, args, this.kind)
    return this.givesRows && node.t === 'raw' ? { ...node, givesRows: true } : node
  }
  override deconstruct(): ExpressionParts | null {
    if (this.givesRows) return null
    return { name: 'template', args: [this.kind, this.templates.texts, ...this.args] }
  }
}

/** A function of the project as a migration keeps it. @internal */
export function writtenFunction(
  kind: Kind,
  texts: readonly (readonly [string, string])[],
  args: readonly Expression[],
): Expression {
  const templates = new Templates('A function of the project', Object.fromEntries(texts))
  return new CustomFunction(templates, `custom${JSON.stringify(texts)}${kind}`, kind, args)
}

/** Options of {@link defineFunction}. */
export interface FunctionOptions {
  /** It gives several rows for one. Default false. */
  readonly setReturning?: boolean
}

/**
 * A function of the database that Nuages does not know, declared once in a module:
 *
 *     export const Soundex = defineFunction('SOUNDEX($1)', char({ maxLength: 4 }))
 *     await Author.objects.annotate({ sound: Soundex('name') }).filter({ sound: 'D400' })
 *
 * The text is the project's own; arguments are paths, expressions and constants, and never become text.
 * @param sql   with `$1`, `$2` …, or `$*`; one text, or `{ postgres, sqlite, mysql, default }`
 * @param output   a field that says what type it gives, with `{ null: true }` where that may be null
 * @param options.setReturning   it gives several rows, as `generate_series` and `unnest` of PostgreSQL do: a filter by it, and what
 *   aggregate() makes of it, stand around a subquery
 * @throws QueryUsageError db.bad-function, db.wrong-arguments; db.no-sql-here when it is used
 */
export function defineFunction<V>(
  sql: SqlTemplate,
  output: OutputField<V>,
  { setReturning = false }: FunctionOptions = {},
): <const A extends readonly AnyArg[], T = Mentions<PathsIn<A[number]>>>(
  ...args: Args<T, A>
) => Expr<HomeOf<T, A[number]>, V> {
  const templates = new Templates('A function of the project', sql)
  const { arity } = templates
  const kind = outputKind(output)
  // A number of its own: two functions of one text may give different types.
  const key = `custom${++functions}`
  return (...args) => {
    const given: readonly unknown[] = args
    if (arity !== null && given.length !== arity) {
      throw new QueryUsageError(`A function of the project takes ${arity} arguments, not ${given.length}.`, {
        code: 'db.wrong-arguments',
        hint: `Its SQL is ${JSON.stringify(sql)}.`,
      })
    }
    const made: Expression = new CustomFunction(templates, key, kind, given.map(argument), setReturning)
    return made as never // an Expr is an expression seen through its types
  }
}

class RawExpression extends Expression {
  readonly fragment: RawFragment
  readonly type: ColumnType

  constructor(fragment: RawFragment, type: ColumnType) {
    super()
    this.fragment = fragment
    this.type = type
  }
  private items(): Expression[] {
    return this.fragment.values.map((value) =>
      value instanceof Expression ? value : new ValueExpression(value, kindOfValue(value)),
    )
  }
  write(shape: Shape): void {
    // The text is the project's, so it cannot be made to look like marks of a shape by input.
    shape.key += `raw${this.type.kind}${this.type.precise ? '!' : ''}${JSON.stringify(this.fragment.parts)}`
    for (const item of this.items()) item.write(shape)
  }
  toSql(scope: Scope): SqlExpr {
    const { parts } = this.fragment
    const nodes = this.items().map((item) => item.toSql(scope))
    return { t: 'raw', parts, nodes, wrapped: true, kind: this.type.kind, ...preciseType(this.type) }
  }
  override deconstruct(): ExpressionParts {
    return { name: 'typed', args: [new SqlExpression(this.fragment.parts, this.fragment.values), this.type] }
  }
}

/**
 * SQL of your own as an expression with a type: ``annotate({ age: RawSQL(sql`date('now') - ${Author.F('bornOn')}`, integer()) })``.
 * What stands in `${…}` is a parameter or an expression, never text. Behind `in` it is a list, or a statement of one column:
 * ``filter({ id__in: RawSQL(sql`select author_id from chart`, integer()) })``.
 */
export function RawSQL<V, T = never>(fragment: RawFragment, output: OutputField<V>): Expr<T, V> & SqlRows<V> {
  if (!(fragment instanceof RawFragment)) {
    throw new QueryUsageError(`RawSQL() was given ${picture(fragment)}.`, {
      code: 'db.not-sql',
      hint: 'Write RawSQL(sql`…`, integer()).',
    })
  }
  return new RawExpression(fragment, outputType(output)) as unknown as Expr<T, V> & SqlRows<V> // seen through its types
}

/** See {@link Collate}. @internal */
export class CollateExpression extends Expression {
  readonly of: Expression
  readonly collation: string

  constructor(of: Expression, collation: string) {
    super()
    this.of = of
    this.collation = collation
  }
  write(shape: Shape): void {
    shape.key += `collate${this.collation}${MARK.open}`
    this.of.write(shape)
    shape.key += MARK.close
  }
  toSql(scope: Scope): SqlExpr {
    return { t: 'collate', of: this.of.toSql(scope), collation: this.collation }
  }
  override deconstruct(): ExpressionParts {
    return { name: 'collate', args: [this.of, this.collation] }
  }
}

/**
 * Text compared and ordered by the rules of a collation of the database: `orderBy(Collate('name', 'nocase').asc())`.
 * @throws QueryValueError db.invalid-collation for a name of other characters than letters, digits, `_`, `-`, `.` and `@`
 */
export function Collate<const P extends string, T = Mentions<P>>(
  of: PathArg<T, P> | Expr<T, unknown>,
  collation: string,
): Expr<T, string extends P ? string | null : ValueAt<T, P>> {
  // A name is written into the text: Django's collation_re refuses the same.
  if (typeof collation !== 'string' || !/^[A-Za-z0-9_][\w.@-]{0,62}$/.test(collation)) {
    throw new QueryValueError(`${picture(collation)} is not the name of a collation.`, {
      code: 'db.invalid-collation',
      status: 400,
      hint: "For instance 'nocase' on SQLite, 'und-x-icu' or 'C' on PostgreSQL, 'utf8mb4_bin' on MySQL.",
    })
  }
  // Seen through its types.
  return new CollateExpression(argument(of), collation) as unknown as Expr<
    T,
    string extends P ? string | null : ValueAt<T, P>
  >
}

/** A UUID whose order is that of its making, to the millisecond (version 7), made by the database for each row. */
export function UUID7<T = never>(): Expr<T, string> {
  return call('uuid7', [], 'uuid')
}
