/**
 * Runs the rows of `tests/conformance/orm/queries.jsonl` through the public query methods: the neutral query becomes
 * a query set, its result the neutral form again. What this milestone has no word for is `Unsupported`.
 */
import { readFileSync } from 'node:fs'
import {
  Avg,
  atomic,
  boolean,
  Case,
  Cast,
  Count,
  char,
  Decimal,
  date,
  dateTime,
  decimal,
  duration,
  Exists,
  ExpressionWrapper,
  F,
  float,
  IntegrityError,
  Is,
  integer,
  Max,
  Min,
  NotLoadedError,
  OuterRef,
  ProtectedError,
  Q,
  StdDev,
  Subquery,
  Sum,
  text,
  time,
  Value,
  Variance,
  When,
  Window,
} from 'nuages/db'
import * as functions from 'nuages/db/functions'
import { database, onQuery } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/schema.ts'
import { Temporal } from '../../../src/std/dates.ts'
import { NuagesError } from '../../../src/std/errors.ts'
import { snakeToCamel } from '../../../src/std/text.ts'
import { models } from './models.ts'

// The neutral form is JSON without a schema, and paths are known only at run time.
type Any = any

/** The row needs something that is not there yet. */
export class Unsupported extends Error {}

const folder = new URL('../../conformance/orm/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

/** Every row. */
export const rows: Any[] = read('queries.jsonl')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))

/** Types by name, as declarations of fields. */
const TYPES: Any = {
  char: char({ maxLength: 200 }),
  text: text(),
  integer: integer(),
  float: float(),
  boolean: boolean(),
  decimal: decimal({ maxDigits: 20, decimalPlaces: 6 }),
  date: date(),
  datetime: dateTime(),
  time: time(),
  duration: duration(),
}
const path = (name: string): string => name.split('__').map(snakeToCamel).join('__')
const order = (name: string): string => (name.startsWith('-') ? `-${path(name.slice(1))}` : path(name))
const model = (name: string): Any => (models as Any)[name]

/** A literal, its tags read. */
function literal(value: Any): Any {
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  if ('$decimal' in value) return new Decimal(value.$decimal)
  if ('$date' in value) return Temporal.PlainDate.from(value.$date)
  if ('$datetime' in value) return new Date(value.$datetime)
  if ('$time' in value) return Temporal.PlainTime.from(value.$time)
  if ('$duration' in value) return Temporal.Duration.from({ milliseconds: Math.round(value.$duration * 1000) })
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]))
}

/** Makes the tables and loads the data. */
export async function load(): Promise<void> {
  const db = database()
  const { backend } = db
  const through = Object.values(models).flatMap((each: Any) => each.meta.manyToMany.map((f: Any) => f.relation.through))
  const tables = new Set<Any>([...Object.values(models), ...through.map((each: Any) => each.model)])
  for (const table of tables) {
    for (const statement of backend.schema.createTable(tableSpec(backend, table.meta))) await db.exec(statement)
  }
  const data = JSON.parse(read('data.json'))
  await atomic(async () => {
    for (const [name, { columns, rows }] of Object.entries<Any>(data.models)) {
      const json = new Set([...model(name).meta.columns].filter((f: Any) => f.kind === 'json').map((f: Any) => f.name))
      const names = columns.map(snakeToCamel)
      await model(name).objects.bulkCreate(
        rows.map((row: Any[]) =>
          Object.fromEntries(row.map((value, i) => [names[i], json.has(names[i]) ? value : literal(value)])),
        ),
      )
    }
    for (const [key, links] of Object.entries<Any>(data.m2m)) {
      const [name, field] = key.split('.')
      const { model: between, from, to } = model(name!).meta.fields.get(snakeToCamel(field!)).relation.through
      await between.objects.bulkCreate(links.map(([a, b]: Any[]) => ({ [from.name]: a, [to.name]: b })))
    }
  })
  for (const table of tables) {
    for (const statement of backend.schema.resetIdentity(tableSpec(backend, table.meta))) await db.exec(statement)
  }
}

// -------------------------------------------------------------------- conditions and expressions

function value(input: Any): Any {
  if (typeof input === 'object' && input !== null) {
    if ('expr' in input) return expression(input.expr)
    if ('query' in input) return build(input.query)
    if (Array.isArray(input)) return input.map(value)
  }
  return literal(input)
}

function condition(cond: Any): Any {
  if ('lookup' in cond) return (Q as Any)({ [path(cond.lookup)]: value(cond.value) })
  if ('not' in cond) return condition(cond.not).not()
  for (const connector of ['and', 'or', 'xor']) {
    if (!(connector in cond)) continue
    const all = cond[connector].map(condition)
    return all.length === 0 ? (Q as Any)({}) : all.reduce((left: Any, right: Any) => left[connector](right))
  }
  if ('cond' in cond) return (Q as Any)(expression(cond.cond))
  throw new Unsupported(Object.keys(cond)[0])
}

const AGGREGATES: Any = { Count, Sum, Avg, Min, Max, StdDev, Variance }
const OPERATORS: Any = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'dividedBy', '%': 'modulo', '^': 'power' }

function expression(expr: Any): Any {
  if ('f' in expr) return (F as Any)(path(expr.f))
  if ('agg' in expr) {
    const make = AGGREGATES[expr.agg]
    if (make === undefined) throw new Unsupported(expr.agg)
    const options: Any = { distinct: expr.distinct === true }
    if (expr.filter !== undefined) options.filter = condition(expr.filter)
    return make(expr.arg === '*' ? '*' : expression(expr.arg), options)
  }
  if ('op' in expr) {
    const [left, right] = expr.args.map(expression)
    return left[OPERATORS[expr.op]](right)
  }
  if ('v' in expr) return Value(literal(expr.v), TYPES[expr.as])
  if ('outer' in expr) return OuterRef(path(expr.outer))
  if ('fn' in expr) return functionCall(expr)
  if ('case' in expr) {
    const branches = expr.case.map((item: Any) => (When as Any)(condition(item.when), expression(item.then)))
    return (Case as Any)(branches, expr.default === undefined ? null : expression(expr.default))
  }
  if ('exists' in expr) return Exists(build(expr.exists))
  if ('subquery' in expr) return Subquery(build(expr.subquery))
  if ('cast' in expr) return (Cast as Any)(expression(expr.cast), TYPES[expr.as])
  if ('wrap' in expr) return (ExpressionWrapper as Any)(expression(expr.wrap), TYPES[expr.as])
  if ('trunc' in expr) {
    const { Extract, Trunc } = functions as Any
    return expr.trunc === 'date' || expr.trunc === 'time'
      ? Extract(expression(expr.arg), expr.trunc)
      : Trunc(expression(expr.arg), expr.trunc)
  }
  if ('extract' in expr) return (functions as Any).Extract(expression(expr.arg), snakeToCamel(expr.extract))
  if ('q' in expr) return (Is as Any)(condition(expr.q))
  if ('window' in expr) {
    return (Window as Any)(expression(expr.window), {
      partitionBy: (expr.partition_by ?? []).map(expression),
      orderBy: orders(expr.order_by ?? []),
      ...(expr.rows === undefined ? {} : { frame: { rows: expr.rows } }),
    })
  }
  throw new Unsupported(Object.keys(expr)[0]!)
}

function functionCall({ fn, args = [], fields }: Any): Any {
  if (fn === 'JSONObject') return (functions as Any).JSONObject(expressions(fields))
  const make = (functions as Any)[fn]
  if (make === undefined) throw new Unsupported(fn)
  return make(...args.map(expression))
}

const expressions = (items: Any): Any =>
  Object.fromEntries(Object.entries(items).map(([name, expr]) => [snakeToCamel(name), expression(expr)]))

function orders(items: Any[]): Any[] {
  return items.map((item) => {
    if (typeof item === 'string') return order(item)
    const options = item.nulls === undefined ? {} : { nulls: item.nulls }
    const expr = expression(item.expr)
    return item.desc ? expr.desc(options) : expr.asc(options)
  })
}

// -------------------------------------------------------------------- queries

function build(query: Any): Any {
  let set = model(query.model).objects.all()
  for (const [op, ...args] of query.ops) set = apply(set, op, args)
  return set
}

function apply(set: Any, op: string, args: Any[]): Any {
  switch (op) {
    case 'filter':
      return set.filter(condition(args[0]))
    case 'exclude':
      return set.exclude(condition(args[0]))
    case 'annotate':
      return set.annotate(expressions(args[0]))
    case 'alias':
      return set.alias(expressions(args[0]))
    case 'union':
      return set.union(args[0].map(build), { all: args[1]?.all === true })
    case 'intersection':
    case 'difference':
      return set[op](...args[0].map(build))
    case 'only':
    case 'defer':
      return set[op](...args[0].map(path))
    case 'dates':
    case 'datetimes':
      return set[op](path(args[0]), args[1], args[2] === 'DESC' ? 'desc' : 'asc')
    case 'order_by':
      return set.orderBy(...orders(args[0]))
    case 'reverse':
      return set.reverse()
    case 'distinct':
      return set.distinct()
    case 'none':
      return set.none()
    case 'slice':
      return set.slice(args[0], args[1] ?? undefined)
    case 'values':
      return set.values(...args[0].map(path), ...(args[1] === undefined ? [] : [expressions(args[1])]))
    case 'values_list':
      return set.valuesList(...args[0].map(path), ...(args[1]?.flat ? [{ flat: true }] : []))
    case 'select_related':
      return set.selectRelated(...args[0].map(path))
    case 'prefetch_related':
      return set.prefetchRelated(...args[0].map(path))
    default:
      throw new Unsupported(op)
  }
}

/** A column; read now where the query left it out, which Django does behind the reader's back. */
async function attribute(object: Any, name: string): Promise<Any> {
  try {
    return object[name]
  } catch (error) {
    if (!(error instanceof NotLoadedError)) throw error
    await object.refresh({ fields: [name] })
    return object[name]
  }
}

async function shaped(object: Any, shape: Any): Promise<Any> {
  if (object === null) return null
  const result: Any = {}
  for (const name of shape.fields ?? []) result[name] = plain(await attribute(object, snakeToCamel(name)))
  for (const [name, inner] of Object.entries<Any>(shape.one ?? {}))
    result[name] = await shaped(object[snakeToCamel(name)], inner)
  for (const [name, inner] of Object.entries<Any>(shape.many ?? {})) {
    const items = [...object[snakeToCamel(name)]].sort((a, b) => a.pk - b.pk)
    result[name] = await Promise.all(items.map((item) => shaped(item, inner)))
  }
  return result
}

/** A value in the neutral form. */
function plain(input: Any): Any {
  if (input instanceof Date) return { $datetime: input.toISOString().replace('.000Z', 'Z') }
  if (Decimal.isDecimal(input)) return { $decimal: String(input) }
  if (Array.isArray(input)) return input.map(plain)
  const tag = Object.prototype.toString.call(input)
  if (tag === '[object Temporal.PlainDate]') return { $date: String(input) }
  if (tag === '[object Temporal.PlainTime]') return { $time: String(input) }
  if (tag === '[object Temporal.Duration]') return { $duration: input.total('seconds') }
  if (typeof input === 'object' && input !== null) {
    return Object.fromEntries(Object.entries(input).map(([key, item]) => [key, plain(item)]))
  }
  return input
}

async function rowsOf(query: Any): Promise<Any> {
  const list: Any[] = await build(query)
  if (query.shape !== undefined) return Promise.all(list.map((row) => shaped(row, query.shape)))
  const last = query.ops.findLast(([op]: Any[]) => /^(values|values_list|dates|datetimes)$/.test(op))
  if (last !== undefined) return last[0] === 'values' ? list.map((row) => renamed(row, query)) : plain(list)
  const shown = query.ops.filter(([op]: Any[]) => op === 'annotate').flatMap(([, items]: Any[]) => Object.keys(items))
  const names = [...new Set<string>(shown)].map(snakeToCamel)
  return list.map((row) => (names.length === 0 ? row.pk : [row.pk, ...names.map((name) => plain(row[name]))]))
}

/** Keys of values() as the query spelled them. */
function renamed(row: Any, query: Any): Any {
  const spelled = new Map<string, string>()
  for (const [op, first, second] of query.ops) {
    if (op === 'values') for (const name of first) spelled.set(path(name), name)
    for (const name of Object.keys((op === 'values' ? second : op === 'annotate' ? first : undefined) ?? {}))
      spelled.set(snakeToCamel(name), name)
  }
  return Object.fromEntries(Object.entries(row).map(([key, item]) => [spelled.get(key) ?? key, plain(item)]))
}

/** Runs one query. */
export async function run(query: Any): Promise<Any> {
  const what = query.do ?? 'rows'
  const { objects } = model(query.model)
  switch (what) {
    case 'rows':
      return rowsOf(query)
    case 'count':
    case 'exists':
      return build(query)[what]()
    case 'first':
    case 'last':
      return (await build(query)[what]())?.pk ?? null
    case 'get':
      return (await build(query).get()).pk
    case 'earliest':
    case 'latest':
      return (await build(query)[what](...query.fields.map(order))).pk
    case 'in_bulk':
      return [...(await build(query).inBulk(query.ids)).keys()].sort((a, b) => a - b)
    case 'aggregate': {
      const result = await build(query).aggregate(expressions(query.aggregate))
      return Object.fromEntries(Object.keys(query.aggregate).map((name) => [name, plain(result[snakeToCamel(name)])]))
    }
    case 'update':
      return build(query).update(changes(query.set))
    case 'delete':
      return deleted(await build(query).delete())
    case 'create':
      return (await objects.create(changes(query.values))).pk
    case 'bulk_create':
      await objects.bulkCreate(query.rows.map(changes), { ignoreConflicts: query.ignore_conflicts === true })
      return null
    case 'bulk_update': {
      const found = await objects.inBulk(query.changes.map(([key]: Any[]) => key))
      for (const [key, set] of query.changes) Object.assign(found.get(key), changes(set))
      await objects.bulkUpdate([...found.values()], query.fields.map(snakeToCamel))
      return null
    }
    case 'save': {
      const row = await objects.get({ pk: query.pk })
      Object.assign(row, changes(query.set))
      await row.save(query.update_fields === undefined ? {} : { fields: query.update_fields.map(snakeToCamel) })
      return null
    }
    case 'delete_one': {
      const row = await objects.get({ pk: query.pk })
      return deleted(await objects.filter({ pk: row.pk }).delete())
    }
    case 'get_or_create':
    case 'update_or_create': {
      const method = what === 'get_or_create' ? 'getOrCreate' : 'updateOrCreate'
      const [, created] = await objects[method](changes(query.lookup), changes(query.defaults ?? {}))
      return { created }
    }
    case 'm2m': {
      const row = await objects.get({ pk: query.pk })
      const set = row[snakeToCamel(query.field)]
      if (query.through_defaults !== undefined) await set.addWith(changes(query.through_defaults), ...query.ids)
      else if (query.action === 'set') await set.set(query.ids)
      else await set[query.action](...(query.ids ?? []))
      const linked: Any[] = await row[snakeToCamel(query.field)]
      return linked.map((item) => item.pk).sort((a, b) => a - b)
    }
    default:
      throw new Unsupported(what)
  }
}

const changes = (set: Any): Any =>
  Object.fromEntries(Object.entries(set).map(([name, item]) => [path(name), value(item)]))

function deleted({ total, perModel }: Any): Any {
  const names = Object.entries(perModel).map(([label, count]) => [
    label.replace(/^shop\./, '').replace(/blockedBy$/, 'blocked_by'),
    count,
  ])
  return { total, per_model: Object.fromEntries(names) }
}

/** The neutral name of an error. */
export function errorName(error: unknown): string {
  if (error instanceof IntegrityError) return 'IntegrityError'
  if (error instanceof ProtectedError) return 'ProtectedError'
  if (!(error instanceof NuagesError)) throw error
  // One error of ours where Django has two, by kind of field.
  if (error.code === 'db.invalid-value') return 'UsageError ValidationError'
  const names: Any = {
    FieldNameError: 'FieldError',
    LookupNameError: 'FieldError',
    NotSupportedError: 'NotSupportedError',
    DoesNotExist: 'DoesNotExist',
    MultipleObjectsReturned: 'MultipleObjectsReturned',
  }
  return names[error.name] ?? 'UsageError'
}

/** Counts statements while `work` runs. */
export async function counted<T>(work: () => Promise<T>): Promise<{ result: T; queries: number }> {
  let queries = 0
  const stop = onQuery(() => queries++)
  try {
    return { result: await work(), queries }
  } finally {
    stop()
  }
}
