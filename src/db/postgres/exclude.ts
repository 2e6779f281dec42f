/** Constraints that keep rows apart which have something in common. */
import { Expression, PathExpression } from '../expressions/expression.ts'
import { Is } from '../functions/comparison.ts'
import { type CustomConstraint, constraint, type ViolationOptions } from '../models/constraints.ts'
import { QueryUsageError } from '../query/errors.ts'
import { RawFragment } from '../query/raw.ts'
import type { OwnCondition, OwnExpression } from '../query/types/named.ts'

/** A field or expression, the operator that two rows are compared with, and where needed its operator class. */
export type ExcludePart = readonly [of: string | OwnExpression, operator: string, opclass?: string]

/** Options of {@link exclude}. */
export interface ExcludeOptions extends ViolationOptions {
  readonly name: string
  /** The kind of index that keeps it. Default `gist`; `=` on plain columns then needs the extension `btree_gist`. */
  readonly using?: 'gist' | 'spgist' | 'btree' | 'hash'
  readonly expressions: readonly ExcludePart[]
  /** Only rows for which this holds: `{ cancelled: false }`. */
  readonly where?: OwnCondition
  /** Checked at the end of each statement (`immediate`) or of the transaction (`deferred`); default row by row. */
  readonly deferrable?: 'immediate' | 'deferred'
}

const OPERATOR = /^[-+*/<>=~!@#%^&|`?]{1,8}$/
const WORD = /^[a-z_][a-z0-9_]*$/i

/**
 * No two rows for which every comparison holds. No room is booked twice at once:
 *
 *     exclude({ name: 'no_double_booking', expressions: [['room', '='], ['period', '&&']], where: { cancelled: false } })
 *
 * A row that breaks it is refused with an IntegrityError, `db.exclusion-violation`, which says `message` where there is
 * one. Databases other than PostgreSQL go without, as with `constraint()`. `fullClean()` asks before, but for what is text.
 * @throws QueryUsageError db.bad-exclusion
 */
export function exclude({
  name,
  using = 'gist',
  expressions,
  where,
  deferrable,
  ...violation
}: ExcludeOptions): CustomConstraint {
  const parts = [`EXCLUDE USING ${word(using, WORD)} (`]
  const values: unknown[] = []
  const add = (value: unknown, after: string): void => {
    values.push(value)
    parts.push(after)
  }
  if (expressions.length === 0) throw bad('compares nothing')
  expressions.forEach(([of, operator, opclass], i) => {
    const end = `${opclass === undefined ? '' : ` ${word(opclass, WORD)}`} WITH ${word(operator, OPERATOR)}${i < expressions.length - 1 ? ', ' : ')'}`
    if (typeof of === 'string') add(new PathExpression(of), end)
    else if (of instanceof RawFragment || of instanceof Expression) {
      parts[parts.length - 1] += '('
      if (of instanceof Expression) add(of, `)${end}`)
      else {
        parts[parts.length - 1] += of.parts[0]!
        for (const [at, value] of of.values.entries()) add(value, of.parts[at + 1]!)
        parts[parts.length - 1] += `)${end}`
      }
    } else throw bad('compares fields and expressions')
  })
  if (where !== undefined) {
    parts[parts.length - 1] += ' WHERE ('
    add(Is(where as never), ')') // a condition on own fields, of a model not known here
  }
  if (deferrable !== undefined) parts[parts.length - 1] += ` DEFERRABLE INITIALLY ${deferrable.toUpperCase()}`
  const compared = expressions.map(([of, operator]) => [of, operator] as const)
  const excludes = { parts: compared, ...(where === undefined ? {} : { where }) }
  return { ...constraint(name, { postgres: new RawFragment(parts, values) }, violation), excludes }
}

/** Text that goes into SQL as it is: letters of a name, or signs of an operator, and nothing else. */
function word(text: string, form: RegExp): string {
  if (form.test(text)) return text
  throw bad(`cannot hold "${text.slice(0, 60)}"`)
}

function bad(what: string): QueryUsageError {
  return new QueryUsageError(`An exclusion constraint ${what}.`, {
    code: 'db.bad-exclusion',
    hint: "Write exclude({ name, expressions: [['room', '='], ['period', '&&']] }).",
  })
}
