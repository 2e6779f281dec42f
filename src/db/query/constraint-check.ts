/**
 * Whether an instance keeps the constraints of its model, asked of the database with the instance's values in place of
 * columns: the same text that the constraint has there, so that both say the same. Texts are made once per constraint.
 */
import { timeZone } from '../../i18n/index.ts'
import { isStoredFile } from '../../storage/stored-file.ts'
import type { Compiled } from '../backends/backend.ts'
import type { Database } from '../connections.ts'
import { type Condition, toCondition, type WhereInput } from '../expressions/condition.ts'
import { Expression, PathExpression } from '../expressions/expression.ts'
import { expressionOf } from '../expressions/sql-expression.ts'
import { ALIAS, type AnyInstance } from '../models/instance.ts'
import type { FieldMeta, ModelCheck, ModelConstraint, ModelExclusion, ModelMeta, ModelUnique } from '../models/meta.ts'
import type { SqlExpr, Statement } from '../sql/nodes.ts'
import { BuildContext } from './context.ts'
import { QueryUsageError } from './errors.ts'
import { databaseFor, modelOf } from './instance-database.ts'
import { and, isNull, or, rewrite } from './nodes.ts'
import { Query } from './query.ts'
import { RawFragment } from './raw.ts'
import { Shape } from './shape.ts'
import { addFilter } from './where.ts'

/** A question about an instance: text, and where its values come from. */
interface Question {
  readonly compiled: Compiled
  /** A value that stands in the constraint, by its place there, or the attribute of the instance. */
  readonly values: readonly (Standing | Own)[]
  /** What stands in the constraint. */
  readonly standing: readonly unknown[]
  /** Names of the fields it looks at. */
  readonly fields: ReadonlySet<string>
}

interface Standing {
  readonly source: number
  readonly convert: ((value: unknown) => unknown) | null
}

interface Own {
  readonly attname: string
  /** What is stored, of a value of a class. */
  readonly convert: ((value: unknown) => unknown) | null
}

/** The values of a question about an instance; `standing`: instead of those it was made with. */
function valuesOf({ values }: Question, instance: AnyInstance, standing: readonly unknown[]): unknown[] {
  return values.map((each) => {
    const value = 'attname' in each ? (instance[each.attname] ?? null) : standing[each.source]
    return each.convert === null ? value : each.convert(value)
  })
}

/** Questions of {@link holds}, by the shape of what is asked. */
const asked = new WeakMap<ModelMeta, Map<string, Question>>()
/** Shapes are few where the project writes them; forgotten all at once where they are not. */
const MOST = 500
const questions = new WeakMap<ModelConstraint, Map<string, Question>>()

/**
 * Whether the instance breaks the constraint; null where it cannot be told: a field it looks at is in `skip`, or it is
 * text, whose columns nobody knows.
 * One query; as the database has it, a condition that is null holds.
 */
export async function breaks(
  instance: AnyInstance,
  constraint: ModelConstraint,
  skip: ReadonlySet<string>,
): Promise<boolean | null> {
  const { meta } = modelOf(instance)
  const db = databaseFor(instance, undefined)
  if (!isKnown(constraint, db)) return null
  const question = questionOf(db, meta, constraint, instance[ALIAS] !== null)
  for (const name of question.fields) if (skip.has(name)) return null
  const rows = await db.rows(question.compiled, valuesOf(question, instance, question.standing))
  return rows.length > 0 && (constraint.type !== 'check' || Number(rows[0]![0]) === 1)
}

/** Text, in which columns are names that nobody knows; fields stand beside it as expressions. */
const isText = (part: unknown): boolean =>
  part instanceof RawFragment && !part.values.some((value) => value instanceof Expression)

/** Whether it is more than text, and the database has it. */
function isKnown(constraint: ModelConstraint, { features }: Database): boolean {
  if (constraint.type === 'check') return !(constraint.condition instanceof RawFragment)
  if (constraint.type === 'unique')
    return !(constraint.where instanceof RawFragment || constraint.expressions?.some(isText))
  const { excludes, sql } = constraint
  if (excludes === undefined || sql[features.vendor] === undefined) return false
  return !(excludes.where instanceof RawFragment || excludes.parts.some(([of]) => isText(of)))
}

/**
 * Whether a condition holds for an instance as it is now, saved or not; as in filter(), what is null does not hold.
 * One query, without a table: conditions of a model go over its own columns.
 */
export async function holds(instance: AnyInstance, condition: object): Promise<boolean> {
  const { meta } = modelOf(instance)
  const db = databaseFor(instance, undefined)
  const shape = new Shape()
  toCondition(condition as WhereInput).write(shape)
  const known = asked.get(meta) ?? new Map<string, Question>()
  asked.set(meta, known)
  const key = `${db.backend.name} ${timeZone()} ${shape.key}`
  const question = known.get(key) ?? new QuestionMaker(db, meta, timeZone).holds(condition)
  if (known.size >= MOST) known.clear()
  known.set(key, question)
  const rows = await db.rows(question.compiled, valuesOf(question, instance, shape.values))
  return Number(rows[0]![0]) === 1
}

function questionOf(db: Database, meta: ModelMeta, constraint: ModelConstraint, saved: boolean): Question {
  const key = `${db.backend.name} ${saved}`
  let known = questions.get(constraint)
  if (known === undefined) {
    known = new Map()
    questions.set(constraint, known)
  }
  let question = known.get(key)
  if (question === undefined) {
    const maker = new QuestionMaker(db, meta)
    if (constraint.type === 'check') question = maker.check(constraint)
    else if (constraint.type === 'unique') question = maker.unique(constraint, saved)
    else question = maker.exclusion(constraint.excludes!, saved) // as isKnown() saw
    known.set(key, question)
  }
  return question
}

class QuestionMaker {
  private readonly shape = new Shape()
  private readonly context: BuildContext
  private readonly query: Query
  private readonly given: Own[] = []
  private readonly fields = new Set<string>()
  private readonly db: Database
  private readonly meta: ModelMeta

  /** `zone`: default as in DDL, whose text must not depend on whose time zone is current. */
  constructor(db: Database, meta: ModelMeta, zone: () => string = () => 'UTC') {
    this.db = db
    this.meta = meta
    this.context = new BuildContext(db.backend.features, zone)
    this.query = new Query(meta, this.context)
  }

  check({ condition }: ModelCheck): Question {
    return this.asked({ t: 'not', of: this.condition(condition, true) })
  }

  holds(condition: object): Question {
    return this.asked(this.condition(condition, true))
  }

  /** 1 where a condition holds, else 0. */
  private asked(condition: SqlExpr): Question {
    const one: SqlExpr = { t: 'literal', value: 1 }
    const when = [{ condition, then: one }]
    const node: SqlExpr = { t: 'case', when, otherwise: { t: 'literal', value: 0 }, kind: 'integer' }
    return this.question({ t: 'rawStatement', parts: ['SELECT ', ''], nodes: [node] })
  }

  unique({ expressions, fields, where, nullsDistinct }: ModelUnique, saved: boolean): Question {
    const compared = (expressions ?? fields).map((part) => {
      const [theirs, own] = this.both(part)
      const same: SqlExpr = { t: 'compare', op: '=', left: theirs, right: own }
      return nullsDistinct === false ? or([same, and([isNull(theirs), isNull(own)])]) : same
    })
    return this.others(compared, where, saved)
  }

  exclusion({ parts, where }: ModelExclusion, saved: boolean): Question {
    const compared = parts.map(
      ([of, operator]): SqlExpr => ({
        t: 'raw',
        parts: ['', ` ${operator} `, ''],
        nodes: this.both(of),
        kind: 'boolean',
      }),
    )
    return this.others(compared, where, saved)
  }

  /** What is compared, of the rows that are there and of the instance. Both take the values that stand in it. */
  private both(part: unknown): [theirs: SqlExpr, own: SqlExpr] {
    const expression = typeof part === 'string' ? new PathExpression(part) : expressionOf(part)
    return [this.expression(expression, false), this.expression(expression, true)]
  }

  /** A row where there is another one for which all of this holds. */
  private others(compared: readonly SqlExpr[], condition: object | undefined, saved: boolean): Question {
    const { where } = this.query
    where.push(...compared)
    if (condition !== undefined) where.push(this.condition(condition, false), this.condition(condition, true))
    if (saved) {
      const key = this.meta.pk.map((field): SqlExpr => {
        const column = this.query.column(this.query.base, field)
        return { t: 'compare', op: '=', left: column, right: this.own(field) }
      })
      where.push({ t: 'not', of: and(key) })
    }
    return this.question({ ...this.query.existsSelect(), limit: { t: 'literal', value: 1 } })
  }

  private question(statement: Statement): Question {
    const { values } = this.shape
    const sources = this.context.slots.map(({ source, convert, label }) => {
      const own = label.startsWith(OWN) ? this.given[Number(label.slice(OWN.length))] : undefined
      return own ?? { source, convert }
    })
    const compiled = this.db.backend.compiler.compile(statement)
    return { compiled, values: sources, standing: values, fields: this.fields }
  }

  private condition(value: object, own: boolean): SqlExpr {
    const condition: Condition = toCondition(value as WhereInput) // as the model declares it
    condition.write(this.shape)
    const query = new Query(this.meta, this.context, null, this.query.base)
    addFilter(query, condition, false)
    const node = and(query.where)
    return own ? this.filled(node) : this.noted(node)
  }

  private expression(expression: Expression, own: boolean): SqlExpr {
    expression.write(this.shape)
    const node = this.query.resolve(expression)
    return own ? this.filled(node) : this.noted(node)
  }

  /** The same with the instance's values instead of columns; of a computed column what it is computed from. */
  private filled(node: SqlExpr): SqlExpr {
    return rewrite(node, (part) => {
      if (part.t === 'exists' || (part.t === 'column' && part.table !== this.query.base)) {
        throw new QueryUsageError(`The condition on a ${this.meta.label} reaches into another table.`, {
          code: 'db.matches-joins',
          hint: "Name the model's own fields only; filter() asks rows of several tables.",
        })
      }
      if (part.t !== 'column') return null
      const field = this.meta.columns.find((each) => each.column === part.column)!
      if (field.computed === null) return this.own(field)
      return this.expression(expressionOf(field.computed.expression), true)
    })
  }

  private noted(node: SqlExpr): SqlExpr {
    return rewrite(node, (part) => {
      if (part.t !== 'column') return null
      const field = this.meta.columns.find((each) => each.column === part.column)
      if (field !== undefined && field.computed === null) this.fields.add(field.name)
      return part
    })
  }

  private own(field: FieldMeta): SqlExpr {
    this.fields.add(field.name)
    const { label } = this.context
    this.context.label = OWN + this.given.length
    this.given.push({ attname: field.attname, convert: storedOf(field) })
    const node = this.context.slot(-1, field.kind)
    this.context.label = label
    return node
  }
}

/** Marks a slot that is filled from the instance. */
const OWN = 'own:'

/** What a column would hold of a value of a class; null where that is the value itself. A new file goes by the name it came with. */
function storedOf({ type, files }: FieldMeta): Own['convert'] {
  const conversion = type?.conversion
  if (conversion === undefined) return null
  return (value) => {
    if (value === null) return conversion.nothing ?? null
    return files !== null && isStoredFile(value) && !value.isStored ? value.name : conversion.toDb(value)
  }
}
