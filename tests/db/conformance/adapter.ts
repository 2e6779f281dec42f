/**
 * Runs queries of the neutral form through the public query API: each word of it becomes a call, each result the neutral
 * form again. Models and names are known at run time only, so everything goes through `dynamicQuery`.
 */
import * as db from 'nuages/db'
import { type AnyModel, type DynamicInstance, type DynamicQuerySet, dynamicQ, dynamicQuery } from 'nuages/db'
import * as functions from 'nuages/db/functions'
import { literal, plain } from './values.ts'

// The neutral form is JSON without a schema, and functions are called by their names in it.
type Any = any

/** Names of the neutral form that are ours in another spelling; the rest are the same. */
const SPELLED: Readonly<Record<string, string>> = {
  iso_year: 'isoYear',
  week_day: 'weekDay',
  iso_week_day: 'isoWeekDay',
  has_key: 'hasKey',
  has_keys: 'hasKeys',
  has_any_keys: 'hasAnyKeys',
  contained_by: 'containedBy',
}
const OPERATORS: Any = { '+': 'plus', '-': 'minus', '*': 'times', '/': 'dividedBy', '%': 'modulo', '^': 'power' }
/** Functions that take a number of rows, not an expression. */
const NUMBERED = new Set(['Lag', 'Lead', 'NthValue', 'Ntile'])
/** Types by name, as declarations of fields. */
const TYPES: Any = {
  ...{ text: db.text(), integer: db.integer(), float: db.float(), boolean: db.boolean(), json: db.json() },
  ...{ date: db.date(), datetime: db.dateTime(), time: db.time(), duration: db.duration() },
  ...{ char: db.char({ maxLength: 200 }), decimal: db.decimal({ maxDigits: 20, decimalPlaces: 6 }) },
}

/** What runs a query over these models (by the names that queries use), and gives its result in the neutral form. */
export function makeAdapter(models: Readonly<Record<string, AnyModel>>): (query: Any) => Promise<Any> {
  const set = (name: string): DynamicQuerySet => dynamicQuery(models[name]!)

  /** A path as we spell it: `company_id` is `companyId`; keys of JSON stay as they are. */
  function path(model: string, name: string): string {
    let meta: AnyModel['meta'] | undefined = models[model]!.meta
    let inJson = false
    // A column of a relation that a condition has narrowed; see relation_where.
    if (name.startsWith('narrowed__')) {
      const [column, ...rest] = name.slice('narrowed__'.length).split('__')
      return [`narrowed_${column}`, ...rest.map((part) => SPELLED[part] ?? part)].join('__')
    }
    const spelled = name.split('__').map((part, i, parts) => {
      const field = meta?.fields.get(part) ?? meta?.fields.get(part.replace(/_id$/, ''))
      meta = field?.relation?.target.meta
      if (field !== undefined) {
        inJson = field.kind === 'json'
        return field.name === part ? part : field.attname
      }
      return inJson && i < parts.length - 1 ? part : (SPELLED[part] ?? part)
    })
    return spelled.join('__')
  }
  const order = (model: string, name: string): string =>
    name.startsWith('-') ? `-${path(model, name.slice(1))}` : path(model, name)

  // ------------------------------------------------------------------ conditions and expressions

  function value(model: string, input: Any): Any {
    if (Array.isArray(input)) return input.map((item) => value(model, item))
    if (typeof input === 'object' && input !== null) {
      if ('expr' in input) return expression(model, input.expr)
      if ('query' in input) return build(input.query)
    }
    return literal(input)
  }

  function condition(model: string, cond: Any): Any {
    if ('lookup' in cond) return dynamicQ({ [path(model, cond.lookup)]: value(model, cond.value) })
    if ('not' in cond) return condition(model, cond.not).not()
    if ('cond' in cond) return dynamicQ(expression(model, cond.cond))
    const connector = ['and', 'or', 'xor'].find((name) => name in cond)
    if (connector === undefined) throw new Error(`unknown condition ${JSON.stringify(cond)}`)
    const parts: Any[] = cond[connector].map((part: Any) => condition(model, part))
    return parts.length === 0 ? dynamicQ({}) : parts.reduce((left, right) => left[connector](right))
  }

  function expression(model: string, expr: Any): Any {
    const inner = (each: Any): Any => expression(model, each)
    if ('f' in expr) return db.F(path(model, expr.f))
    if ('v' in expr) return db.Value(literal(expr.v), TYPES[expr.as])
    if ('outer' in expr) return db.OuterRef(expr.outer.replace(/_id\b/, 'Id'))
    if ('op' in expr) {
      const [left, right] = expr.args.map(inner)
      return left[OPERATORS[expr.op]](right)
    }
    if ('agg' in expr) {
      const filter = expr.filter === undefined ? {} : { filter: condition(model, expr.filter) }
      const options = { distinct: expr.distinct === true, ...filter }
      return (db as Any)[expr.agg](expr.arg === '*' ? '*' : inner(expr.arg), options)
    }
    if ('fn' in expr) {
      const make = (functions as Any)[expr.fn]
      if (make === undefined) throw new Error(`there is no function ${expr.fn}`)
      if (expr.fields !== undefined) return make(expressions(model, expr.fields))
      const arg = (each: Any): Any => (NUMBERED.has(expr.fn) && 'v' in each ? each.v : inner(each))
      return make(...(expr.args ?? []).map(arg))
    }
    if ('case' in expr) {
      const branches = expr.case.map((item: Any) => db.When(condition(model, item.when), inner(item.then)))
      return db.Case(branches, expr.default === undefined ? null : inner(expr.default))
    }
    if ('exists' in expr) return db.Exists(build(expr.exists))
    if ('subquery' in expr) return db.Subquery(build(expr.subquery) as Any)
    if ('cast' in expr) return db.Cast(inner(expr.cast), TYPES[expr.as])
    if ('wrap' in expr) return db.ExpressionWrapper(inner(expr.wrap), TYPES[expr.as])
    if ('trunc' in expr) {
      const day = expr.trunc === 'date' || expr.trunc === 'time'
      return day ? functions.Extract(inner(expr.arg), expr.trunc) : functions.Trunc(inner(expr.arg), expr.trunc)
    }
    if ('extract' in expr) return functions.Extract(inner(expr.arg), (SPELLED[expr.extract] ?? expr.extract) as Any)
    if ('q' in expr) return db.Is(condition(model, expr.q))
    if ('window' in expr) {
      return db.Window(inner(expr.window), {
        partitionBy: (expr.partition_by ?? []).map(inner),
        orderBy: orders(model, expr.order_by ?? []),
        ...(expr.rows === undefined ? {} : { frame: { rows: expr.rows } }),
      } as Any)
    }
    throw new Error(`unknown expression ${JSON.stringify(expr)}`)
  }

  const expressions = (model: string, items: Any): Any =>
    Object.fromEntries(Object.entries(items).map(([name, expr]) => [name, expression(model, expr)]))

  const orders = (model: string, items: Any[]): Any[] =>
    items.map((item) => {
      if (typeof item === 'string') return order(model, item)
      const options = item.nulls === undefined ? {} : { nulls: item.nulls }
      return expression(model, item.expr)[item.desc ? 'desc' : 'asc'](options)
    })

  // ------------------------------------------------------------------ queries

  const build = (query: Any): DynamicQuerySet<Any> =>
    query.ops.reduce((rows: Any, [op, ...args]: Any[]) => apply(query.model, rows, op, args), set(query.model).all())

  function apply(model: string, rows: DynamicQuerySet<Any>, op: string, [first, second, third]: Any[]): Any {
    const paths = (): string[] => first.map((name: string) => path(model, name))
    switch (op) {
      case 'filter':
        return rows.filter(condition(model, first))
      case 'exclude':
        return rows.exclude(condition(model, first))
      case 'annotate':
      case 'alias':
        return rows[op](expressions(model, first))
      case 'order_by':
        return rows.orderBy(...orders(model, first))
      case 'reverse':
      case 'distinct':
      case 'none':
        return rows[op]()
      case 'slice':
        return rows.slice(first, second ?? undefined)
      case 'union':
        return rows.union(first.map(build), { all: second?.all === true })
      case 'intersection':
      case 'difference':
        return rows[op](...first.map(build))
      case 'only':
      case 'defer':
        return rows[op](...paths())
      case 'select_related':
        return rows.selectRelated(...paths())
      case 'prefetch_related':
        return rows.prefetchRelated(...paths())
      case 'values':
        return rows.values(...paths(), ...(second === undefined ? [] : [expressions(model, second)]))
      case 'values_list':
        return second?.flat === true ? rows.valuesList(paths()[0]!, { flat: true }) : rows.valuesList(...paths())
      case 'relation_where': {
        // What FilteredRelation is in Django: rows of the other side for which something holds, joined where there are any.
        const { target, via } = models[model]!.meta.fields.get(first)!.relation!
        const columns = target.meta.columns.filter((field) => field.relation === null)
        const named = columns.map((field) => [`narrowed_${field.name}`, db.F(field.name)])
        const narrowed = set(target.name).filter(condition(target.name, second))
        const others = narrowed.values(via!.attname, Object.fromEntries(named) as Any)
        return (rows as Any).join(others, { pk: via!.attname }, { left: true })
      }
      case 'dates':
      case 'datetimes':
        return rows[op](path(model, first), second, third === 'DESC' ? 'desc' : 'asc')
      default:
        throw new Error(`unknown operation ${op}`)
    }
  }

  async function rowsOf(query: Any): Promise<Any> {
    const rows: Any[] = await build(query)
    if (query.shape !== undefined) return Promise.all(rows.map((row) => shaped(query.model, row, query.shape)))
    const named = query.ops.flatMap(([op, first, second]: Any[]) =>
      op === 'annotate' ? Object.keys(first) : op === 'values' ? [...first, ...Object.keys(second ?? {})] : [],
    )
    const names = [...new Set<string>(named)]
    const last = query.ops.findLast(([op]: Any[]) => /^(values|values_list|dates|datetimes)$/.test(op))?.[0]
    if (last === 'values') {
      const asked = new Map(names.map((name) => [path(query.model, name), name]))
      const entries = (row: Any): Any[] =>
        Object.entries(row).map(([key, item]) => [asked.get(key) ?? key, plain(item)])
      return rows.map((row) => Object.fromEntries(entries(row)))
    }
    if (last !== undefined) return plain(rows)
    return rows.map((row) => (names.length === 0 ? row.pk : [row.pk, ...names.map((name) => plain(row[name]))]))
  }

  async function shaped(model: string, row: DynamicInstance | null, shape: Any): Promise<Any> {
    if (row === null) return null
    const result: Any = {}
    const target = (name: string): string => models[model]!.meta.fields.get(name)!.relation!.target.name
    for (const name of shape.fields ?? []) result[name] = plain(await attribute(row, path(model, name)))
    for (const [name, inner] of Object.entries(shape.one ?? {})) {
      result[name] = await shaped(target(name), row[name], inner)
    }
    for (const [name, inner] of Object.entries(shape.many ?? {})) {
      const items: Any[] = [...row[name]].sort((a, b) => a.pk - b.pk)
      result[name] = await Promise.all(items.map((item) => shaped(target(name), item, inner)))
    }
    return result
  }

  /** A column; read now where the query left it out, which Django does behind the reader's back. */
  async function attribute(row: DynamicInstance, name: string): Promise<unknown> {
    try {
      return row[name]
    } catch (error) {
      if (!(error instanceof db.NotLoadedError)) throw error
      await row.refresh({ fields: [name] })
      return row[name]
    }
  }

  const values = (model: string, given: Any): Any =>
    Object.fromEntries(Object.entries(given).map(([name, item]) => [path(model, name), value(model, item)]))

  const deleted = ({ total, perModel }: { total: number; perModel: object }): Any => {
    return { total, per_model: Object.fromEntries(Object.entries(perModel).map(([k, n]) => [k.split('.')[1], n])) }
  }

  return async function run(query: Any): Promise<Any> {
    const { model } = query
    switch (query.do ?? 'rows') {
      case 'rows':
        return rowsOf(query)
      case 'count':
        return build(query).count()
      case 'exists':
        return build(query).exists()
      case 'first':
      case 'last':
        return (await build(query)[query.do as 'first']())?.pk ?? null
      case 'get':
        return (await build(query).get()).pk
      case 'earliest':
      case 'latest':
        return (await build(query)[query.do as 'latest'](...query.fields.map((name: string) => order(model, name)))).pk
      case 'in_bulk':
        return [...(await build(query).inBulk(query.ids)).keys()].sort((a: Any, b: Any) => a - b)
      case 'aggregate':
        return plain(await build(query).aggregate(expressions(model, query.aggregate)))
      case 'update':
        return build(query).update(values(model, query.set))
      case 'delete':
        return deleted(await build(query).delete())
      case 'create':
        return (await set(model).create(values(model, query.values))).pk
      case 'bulk_create': {
        const rows = query.rows.map((row: Any) => values(model, row))
        await set(model).bulkCreate(rows, { ignoreConflicts: query.ignore_conflicts === true })
        return null
      }
      case 'bulk_update': {
        const found = await set(model).inBulk(query.changes.map(([key]: Any[]) => key))
        for (const [key, given] of query.changes) Object.assign(found.get(key)!, values(model, given))
        const fields = query.fields.map((name: string) => path(model, name))
        await set(model).bulkUpdate(
          [...found.values()],
          fields,
          query.batch_size ? { batchSize: query.batch_size } : {},
        )
        return null
      }
      case 'save': {
        const row = Object.assign(await set(model).get({ pk: query.pk }), values(model, query.set))
        const fields = query.update_fields?.map((name: string) => path(model, name))
        await row.save(fields === undefined ? {} : { fields })
        return null
      }
      case 'delete_one':
        return deleted(await set(model).filter({ pk: query.pk }).delete())
      case 'get_or_create':
      case 'update_or_create': {
        const [lookup, defaults] = [values(model, query.lookup), values(model, query.defaults ?? {})]
        const [, created] =
          query.do === 'get_or_create'
            ? await set(model).getOrCreate(lookup, defaults)
            : await set(model).updateOrCreate(lookup, defaults)
        return { created }
      }
      case 'm2m': {
        const row = await set(model).get({ pk: query.pk })
        const related = row[query.field]
        if (query.through_defaults !== undefined) {
          const between = models[model]!.meta.fields.get(query.field)!.relation!.through!.model.name
          await related.addWith(values(between, query.through_defaults), ...query.ids)
        } else if (query.action === 'set') await related.set(query.ids)
        else await related[query.action](...(query.ids ?? []))
        const linked: DynamicInstance[] = await row[query.field]
        return linked.map(({ pk }) => pk).sort((a: Any, b: Any) => a - b)
      }
      default:
        throw new Error(`unknown action ${query.do}`)
    }
  }
}
