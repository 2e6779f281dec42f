/**
 * Random questions about a small shop, as plain data, and what asks them: one that fails can be read and made smaller.
 * `differential.test.ts` asks two engines the same.
 */
import fc from 'fast-check'
import {
  Avg,
  Case,
  Count,
  dynamicQ,
  dynamicQuery,
  Exists,
  F,
  Max,
  Min,
  OuterRef,
  Subquery,
  Sum,
  Value,
  When,
} from 'nuages/db'
import {
  Abs,
  Ceil,
  Coalesce,
  Concat,
  Extract,
  Floor,
  Left,
  Length,
  Lower,
  NullIf,
  Replace,
  Round,
  Sign,
  StrIndex,
  Trunc,
  Upper,
} from 'nuages/db/functions'
import { fieldValue, Item, Part, VALUES, type ValueKind } from './shop.ts'

// ------------------------------------------------------------------ paths

const PATHS: Record<ValueKind, readonly string[]> = {
  integer: ['count', 'maker__rank', 'parent__count', 'parent__maker__rank'],
  bigInteger: ['big', 'parent__big'],
  decimal: ['price', 'parent__price'],
  float: ['ratio'],
  text: ['label', 'note', 'maker__name', 'parent__note'],
  boolean: ['flag', 'parent__flag'],
  date: ['day', 'maker__born'],
  dateTime: ['moment', 'parent__moment'],
  time: ['clock'],
  duration: ['span'],
  json: ['data', 'data__a', 'data__b__c', 'data__b__c__0', 'data__0', 'parent__data'],
}
const MANY: Partial<Record<ValueKind, readonly string[]>> = {
  integer: ['parts__size', 'children__count', 'children__parts__size'],
  decimal: ['parts__cost', 'children__price'],
  text: ['tags__name', 'children__note'],
  boolean: ['children__flag'],
  date: ['children__day'],
}
const KINDS = Object.keys(PATHS) as ValueKind[]
const ORDERED = ['exact', 'gt', 'gte', 'lt', 'lte', 'in', 'range', 'isnull']
const MATCHES = ['iexact', 'icontains', 'istartswith', 'iendswith']
const LOOKUPS: Record<ValueKind, readonly string[]> = {
  integer: ORDERED,
  bigInteger: ORDERED,
  decimal: ORDERED,
  float: ORDERED,
  text: [...ORDERED, ...MATCHES, 'contains', 'startswith', 'endswith', 'regex'],
  boolean: ['exact', 'in', 'isnull'],
  date: [...ORDERED, 'year', 'year__gt', 'month', 'day', 'week', 'weekDay', 'isoYear', 'quarter__in'],
  dateTime: [...ORDERED, 'year', 'month__lte', 'hour', 'minute', 'date', 'date__lt', 'week', 'second'],
  time: [...ORDERED, 'hour', 'minute__gte', 'second'],
  duration: ORDERED,
  json: ['exact', 'in', 'isnull', 'contains', 'containedBy', 'hasKey', 'hasKeys', 'hasAnyKeys'],
}

// ------------------------------------------------------------------ conditions

export interface Leaf {
  readonly path: string
  readonly lookup: string
  readonly kind: ValueKind
  readonly value: unknown
}
/** A column against an expression. */
interface Against {
  readonly path: string
  readonly lookup: string
  readonly to: Expr
}
interface Tree {
  readonly op: 'and' | 'or' | 'xor'
  readonly not: boolean
  readonly parts: readonly Where[]
}
interface Related {
  readonly exists: 'parts' | 'children'
  readonly where: Where
}
export type Where = Leaf | Against | Tree | Related

const NUMBER_PARTS = /^(year|month|day|week|weekDay|isoYear|quarter|hour|minute|second)/

function operandOf(kind: ValueKind, lookup: string): fc.Arbitrary<{ kind: ValueKind; value: unknown }> {
  const last = lookup.split('__').at(-1)!
  if (last === 'isnull') return fc.boolean().map((value) => ({ kind: 'boolean', value }))
  if (NUMBER_PARTS.test(lookup)) {
    const number = fc.constantFrom(0, 1, 2, 3, 12, 22, 31, 2023, 2024)
    const value = last === 'in' ? fc.array(number, { maxLength: 3 }) : number
    return value.map((given) => ({ kind: 'integer', value: given }))
  }
  const of: ValueKind = lookup.startsWith('date') ? 'date' : kind
  if (last === 'regex')
    return fc.constantFrom('^a', 'b$', '[ab]', '^$', 'a.b', '\\d+').map((value) => ({ kind: of, value }))
  if (of === 'json' && last.startsWith('hasKey'))
    return fc.constantFrom('a', 'b', 'x').map((value) => ({ kind: of, value: last === 'hasKey' ? value : [value] }))
  if (last === 'hasAnyKeys') return fc.constant({ kind: of, value: ['a', 'x'] })
  const one = fc.constantFrom<unknown>(...VALUES[of])
  const given = one.filter((value) => value !== null)
  if (last === 'in') return fc.array(given, { maxLength: 3 }).map((value) => ({ kind: of, value }))
  if (last === 'range') return fc.tuple(given, given).map((value) => ({ kind: of, value }))
  return (last === 'exact' ? one : given).map((value) => ({ kind: of, value }))
}

function leafOf(kinds: readonly ValueKind[], paths: (kind: ValueKind) => readonly string[]): fc.Arbitrary<Leaf> {
  return fc
    .constantFrom(...kinds)
    .chain((kind) => fc.tuple(fc.constant(kind), fc.constantFrom(...paths(kind)), fc.constantFrom(...LOOKUPS[kind])))
    .chain(([kind, path, lookup]) => operandOf(kind, lookup).map((operand) => ({ path, lookup, ...operand })))
}
const itemPaths = (kind: ValueKind): readonly string[] => [...PATHS[kind], ...PATHS[kind], ...(MANY[kind] ?? [])]

// ------------------------------------------------------------------ expressions

export type Expr =
  | { readonly path: string }
  | { readonly value: unknown; readonly kind: ValueKind }
  | { readonly call: string; readonly args: readonly Expr[]; readonly more?: unknown }
  | { readonly when: Where; readonly to: Expr; readonly or: Expr | null }
  | { readonly first: 'size' | 'cost'; readonly by: string }

const path = (kind: ValueKind): fc.Arbitrary<Expr> => fc.constantFrom(...PATHS[kind]).map((given) => ({ path: given }))
const constant = (kind: ValueKind): fc.Arbitrary<Expr> =>
  fc.constantFrom<unknown>(...VALUES[kind]).map((value) => ({ value, kind }))
const call = (name: string, ...args: fc.Arbitrary<Expr>[]): fc.Arbitrary<Expr> =>
  fc.tuple(...args).map((given) => ({ call: name, args: given }))
const callWith = (name: string, more: fc.Arbitrary<unknown>, ...args: fc.Arbitrary<Expr>[]): fc.Arbitrary<Expr> =>
  fc.tuple(more, ...args).map(([given, ...rest]) => ({ call: name, args: rest as Expr[], more: given }))

interface All {
  integer: Expr
  decimal: Expr
  float: Expr
  text: Expr
  boolean: Expr
  date: Expr
  dateTime: Expr
  duration: Expr
  leaf: Where
  where: Where
}
/** Small numbers, for their products stay within what 64 bits hold. */
const small = fc.constantFrom(-2, 0, 1, 3).map((value): Expr => ({ value, kind: 'integer' }))

export const questions: { [K in keyof All]: fc.Arbitrary<All[K]> } = fc.letrec<All>(((
  tie: <K extends keyof All>(key: K) => fc.Arbitrary<All[K]>,
) => {
  const branch = (kind: 'integer' | 'decimal' | 'text' | 'date' | 'boolean' | 'float'): fc.Arbitrary<Expr> =>
    fc.record({ when: tie('where'), to: tie(kind), or: fc.oneof(fc.constant(null), tie(kind)) })
  const either = (kind: 'integer' | 'decimal' | 'text' | 'date' | 'boolean' | 'float' | 'dateTime') => [
    call('Coalesce', tie(kind), tie(kind)),
    call('NullIf', tie(kind), tie(kind)),
  ]
  const deep = { maxDepth: 2, depthIdentifier: 'expression' } as const
  return {
    integer: fc.oneof(
      deep,
      path('integer'),
      small,
      ...either('integer'),
      branch('integer'),
      call('plus', tie('integer'), small),
      call('minus', tie('integer'), small),
      call('times', tie('integer'), small),
      call(
        'dividedBy',
        tie('integer'),
        fc.constantFrom(-2, 3).map((value): Expr => ({ value, kind: 'integer' })),
      ),
      call(
        'modulo',
        tie('integer'),
        fc.constantFrom(-2, 3).map((value): Expr => ({ value, kind: 'integer' })),
      ),
      call('Abs', tie('integer')),
      call('Sign', tie('integer')),
      call('Floor', tie('integer')),
      call('Ceil', tie('integer')),
      callWith('Round', fc.constant(0), tie('integer')),
      call('Length', tie('text')),
      call('StrIndex', tie('text'), constant('text')),
      callWith(
        'Extract',
        fc.constantFrom('year', 'month', 'day', 'week', 'weekDay', 'isoYear', 'quarter', 'isoWeekDay'),
        tie('date'),
      ),
      callWith('Extract', fc.constantFrom('year', 'hour', 'minute', 'day', 'second'), tie('dateTime')),
      fc.constantFrom('id', 'count').map((by): Expr => ({ first: 'size', by: by === 'id' ? '-size' : 'size' })),
    ),
    decimal: fc.oneof(
      deep,
      path('decimal'),
      ...either('decimal'),
      branch('decimal'),
      call('plus', tie('decimal'), path('decimal')),
      call('minus', tie('decimal'), tie('integer')),
      call('times', tie('decimal'), small),
      call('Abs', tie('decimal')),
      callWith('Round', fc.constantFrom(0, 1), tie('decimal')),
      call('Floor', tie('decimal')),
      call('Ceil', tie('decimal')),
      fc.constant<Expr>({ first: 'cost', by: 'id' }),
    ),
    float: fc.oneof(
      deep,
      path('float'),
      constant('float'),
      ...either('float'),
      branch('float'),
      call('plus', tie('float'), tie('integer')),
      call('times', tie('float'), small),
      call('Abs', tie('float')),
      call('Floor', tie('float')),
    ),
    text: fc.oneof(
      deep,
      path('text'),
      constant('text'),
      ...either('text'),
      branch('text'),
      call('Concat', tie('text'), tie('text')),
      callWith('Left', fc.constantFrom(1, 2), tie('text')),
      call(
        'Replace',
        tie('text'),
        fc.constantFrom('a', 'b').map((value): Expr => ({ value, kind: 'text' })),
        constant('text'),
      ),
    ),
    boolean: fc.oneof(deep, path('boolean'), branch('boolean'), ...either('boolean')),
    date: fc.oneof(
      deep,
      path('date'),
      ...either('date'),
      branch('date'),
      callWith('Trunc', fc.constantFrom('year', 'quarter', 'month', 'week', 'day'), tie('date')),
      call(
        'plus',
        tie('date'),
        fc.constantFrom('P40D', 'P1D').map((value): Expr => ({ value, kind: 'duration' })),
      ),
      callWith('Extract', fc.constant('date'), tie('dateTime')),
    ),
    dateTime: fc.oneof(
      deep,
      path('dateTime'),
      ...either('dateTime'),
      call('plus', tie('dateTime'), tie('duration')),
      callWith('Trunc', fc.constantFrom('year', 'month', 'week', 'day', 'hour', 'minute'), tie('dateTime')),
    ),
    duration: fc.oneof(
      deep,
      path('duration'),
      constant('duration'),
      call('minus', path('date'), path('date')),
      call('minus', path('dateTime'), path('dateTime')),
      call('plus', path('duration'), constant('duration')),
    ),
    leaf: fc.oneof(
      { weight: 6, arbitrary: leafOf(KINDS, itemPaths) },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom('integer' as const, 'decimal' as const, 'text' as const, 'date' as const, 'boolean' as const)
          .chain((kind) =>
            fc.record({
              path: fc.constantFrom(...itemPaths(kind)),
              lookup: fc.constantFrom(...(kind === 'boolean' ? ['exact'] : ['exact', 'gt', 'lte'])),
              to: tie(kind),
            }),
          ),
      },
      {
        weight: 1,
        arbitrary: fc.oneof(
          fc.record({
            exists: fc.constant('parts' as const),
            where: leafOf(['integer', 'decimal'], (kind) => (kind === 'integer' ? ['size', 'item__count'] : ['cost'])),
          }),
          fc.record({ exists: fc.constant('children' as const), where: leafOf(KINDS, itemPaths) }),
        ),
      },
    ) as fc.Arbitrary<Where>, // each is one
    where: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'where' },
      tie('leaf'),
      fc.record({
        op: fc.constantFrom('and', 'or', 'xor'),
        not: fc.boolean(),
        parts: fc.array(tie('where'), { minLength: 1, maxLength: 3 }),
      }) as fc.Arbitrary<Tree>,
    ),
  }
}) as never) // the tie's own type forgets which key is which

// ------------------------------------------------------------------ asking

type Any = any // expressions by name, without the types of a model: what is asked is checked where queries are built

const CALLS: Readonly<Record<string, (args: Any[], more: Any) => Any>> = {
  Coalesce: ([a, b]) => Coalesce(a, b),
  NullIf: ([a, b]) => NullIf(a, b),
  plus: ([a, b]) => a.plus(b),
  minus: ([a, b]) => a.minus(b),
  times: ([a, b]) => a.times(b),
  dividedBy: ([a, b]) => a.dividedBy(b),
  modulo: ([a, b]) => a.modulo(b),
  Abs: ([a]) => Abs(a),
  Sign: ([a]) => Sign(a),
  Floor: ([a]) => Floor(a),
  Ceil: ([a]) => Ceil(a),
  Round: ([a], places) => Round(a, places),
  Length: ([a]) => Length(a),
  StrIndex: ([a, b]) => StrIndex(a, b),
  Concat: ([a, b]) => Concat(a, b),
  Left: ([a], length) => Left(a, length),
  Replace: ([a, b, c]) => Replace(a, b, c),
  Lower: ([a]) => Lower(a),
  Upper: ([a]) => Upper(a),
  Extract: ([a], part) => Extract(a, part),
  Trunc: ([a], unit) => Trunc(a, unit),
}

/** An expression, of the engine that `alias` names. */
export function expression(given: Expr, alias: string): Any {
  if ('path' in given) return F(given.path as never)
  if ('value' in given) {
    return given.kind === 'decimal'
      ? Coalesce(Value(null) as never, given.value as never)
      : Value(fieldValue(given.kind, given.value) as never)
  }
  if ('first' in given) {
    const inner = dynamicQuery(Part)
      .using(alias)
      .filter({ item: OuterRef('id') })
      .orderBy(given.by, 'id')
    const named = dynamicQuery(Part)
      .using(alias)
      .filter({ item: OuterRef('id'), [`${given.first}__isnull`]: false })
    return Subquery(
      (given.by === 'id' ? inner : named.orderBy(given.by, 'id')).valuesList(given.first, { flat: true }) as never,
    )
  }
  if ('when' in given) {
    const when = When(condition(given.when, alias) as never, expression(given.to, alias))
    return given.or === null ? Case([when]) : Case([when], expression(given.or, alias))
  }
  return CALLS[given.call]!(
    given.args.map((each) => expression(each, alias)),
    given.more,
  )
}

export function condition(where: Where, alias: string): Any {
  if ('exists' in where) {
    const rows = where.exists === 'parts' ? dynamicQuery(Part) : dynamicQuery(Item)
    const owner = where.exists === 'parts' ? 'item' : 'parent'
    return Exists(
      rows
        .using(alias)
        .filter({ [owner]: OuterRef('id') })
        .filter(condition(where.where, alias)) as never,
    )
  }
  if ('to' in where) return dynamicQ({ [keyOf(where)]: expression(where.to, alias) })
  if ('lookup' in where) {
    const { kind, value } = where
    const many = ['in', 'range'].includes(where.lookup.split('__').at(-1)!)
    const operand = many ? (value as unknown[]).map((each) => fieldValue(kind, each)) : fieldValue(kind, value)
    return dynamicQ({ [keyOf(where)]: operand })
  }
  const parts = where.parts.map((part) => dynamicQ(condition(part, alias)))
  const [first, ...others] = parts
  const all = others.reduce((left: Any, right) => left[where.op](right), first!)
  return where.not ? all.not() : all
}

function keyOf({ path, lookup }: { readonly path: string; readonly lookup: string }): string {
  return lookup === 'exact' ? path : `${path}__${lookup}`
}

export const AGGREGATES = { Avg, Count, Max, Min, Sum } as const
