/**
 * Rows to instances, plain objects or lists. One function is generated for each shape; where evaluation is forbidden,
 * closures do the same. A model's constructor is not called: rows were checked when they were written.
 */
import { compileFunction } from '../../std/codegen.ts'
import type { Backend, Decoder, SqlRow } from '../backends/backend.ts'
import { ALIAS, type AnyInstance, CACHE, keepsNothing, PEERS, ROW, setCached } from '../models/instance.ts'
import type { FieldMeta, ModelMeta } from '../models/meta.ts'
import type { ExtraColumn, RelatedBlock, RowLayout } from './build.ts'
import { columnDecoder } from './column-values.ts'
import { NotLoadedError } from './errors.ts'
import { Result } from './result.ts'
import type { RowMode } from './state.ts'

/** Rows as what the query set gives. `result`: what they came with, where it is known already. */
export type Hydrate = (rows: readonly SqlRow[], alias: string, result?: Result) => unknown[]

type Make = (row: SqlRow, alias: string, result: Result) => AnyInstance
type Constructor = new (row: SqlRow, alias: string, result: Result) => AnyInstance

/** Makes what turns rows of a layout into what the mode asks for. */
export function makeHydrate(layout: RowLayout, mode: RowMode, backend: Backend): Hydrate {
  if (layout.instances) return instances(layout, backend)
  const one = plainRow(layout.extras, mode, backend)
  return one === null ? (rows) => rows as unknown[] : (rows) => rows.map(one)
}

function decoderOf(backend: Backend, column: ExtraColumn): Decoder {
  return columnDecoder(backend, column.kind, column.type)
}

/** `r[3]`, or `r[3] === null ? null : d3(r[3])`. */
function reading(index: number, decoder: Decoder): string {
  return decoder === null ? `r[${index}]` : `r[${index}] === null ? null : d${index}(r[${index}])`
}

/** The value of a column that is not a model's; a key of several columns is a list, or null. */
function columnText(column: ExtraColumn, backend: Backend): string {
  const { parts } = column
  if (parts === undefined) return reading(column.index, decoderOf(backend, column))
  const missing = parts.map(({ index }) => `r[${index}] === null`).join(' || ')
  return `${missing} ? null : [${parts.map((part) => columnText(part, backend)).join(', ')}]`
}
function readValue(column: ExtraColumn, row: SqlRow, backend: Backend): unknown {
  const { parts } = column
  if (parts !== undefined) {
    if (parts.some(({ index }) => row[index] === null)) return null
    return parts.map((part) => readValue(part, row, backend))
  }
  const value = row[column.index]
  const decoder = decoderOf(backend, column)
  return decoder === null || value === null ? value : decoder(value)
}
/** Columns with the parts of those that have several, for what generated code names. */
function singles(columns: readonly ExtraColumn[]): readonly ExtraColumn[] {
  return columns.flatMap((column) => column.parts ?? [column])
}

/** Passes what generated code names: arguments in order, by name. */
function generate(names: Readonly<Record<string, unknown>>, body: string, label: string): unknown {
  const make = compileFunction(Object.keys(names), body, label)
  return make === null ? null : make(...Object.values(names))
}

// -------------------------------------------------------------------- plain rows

function plainRow(columns: readonly ExtraColumn[], mode: RowMode, backend: Backend): ((row: SqlRow) => unknown) | null {
  if (mode === 'flat' && columns[0]!.parts !== undefined) return (row) => readValue(columns[0]!, row, backend)
  const decoders = columns.map((column) => decoderOf(backend, column))
  if (mode === 'flat') {
    const index = columns[0]!.index
    const decoder = decoders[0]!
    return (row) => (decoder === null || row[index] === null ? row[index] : decoder(row[index]))
  }
  const names: Record<string, unknown> = {}
  for (const column of singles(columns)) {
    const decoder = decoderOf(backend, column)
    if (decoder !== null) names[`d${column.index}`] = decoder
  }
  const values = columns.map((column) => columnText(column, backend))
  const body =
    mode === 'lists'
      ? `return (r) => [${values.join(', ')}]`
      : `return (r) => ({ ${columns.map((column, i) => `${JSON.stringify(column.name)}: ${values[i]}`).join(', ')} })`
  // Compiled from our own nodes; what it gives is what the closures below give.
  const compiled = generate(names, body, `row of ${mode}`) as ((row: SqlRow) => unknown) | null
  if (compiled !== null) return compiled
  const read = (row: SqlRow, i: number): unknown => readValue(columns[i]!, row, backend)
  if (mode === 'lists') return (row) => columns.map((_, i) => read(row, i))
  return (row) => Object.fromEntries(columns.map((column, i) => [column.name, read(row, i)]))
}

// -------------------------------------------------------------------- instances

function instances(layout: RowLayout, backend: Backend): Hydrate {
  const make = constructorOf(layout.meta, 0, layout.columns, layout.extras, backend)
  const blocks = layout.related.map((block) => relatedReader(block, backend))
  if (blocks.length === 0) {
    return (rows, alias, given) => {
      const result = given ?? new Result()
      const list = new Array<AnyInstance>(rows.length)
      for (let i = 0; i < rows.length; i++) list[i] = make(rows[i]!, alias, result)
      if (given === undefined) result.holds(list)
      return list
    }
  }
  return (rows, alias, given) => {
    const result = given ?? new Result()
    const readers = blocks.map((block) => block(alias, result))
    const list = new Array<AnyInstance>(rows.length)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      const instance = make(row, alias, result)
      for (const read of readers) read(row, instance)
      list[i] = instance
    }
    if (given === undefined) result.holds(list)
    return list
  }
}

/** For each result, a function that puts the related row's instance on its owner. */
type RelatedReader = (alias: string, parent: Result) => (row: SqlRow, owner: AnyInstance) => void

function relatedReader({ field, meta, start, columns, children }: RelatedBlock, backend: Backend): RelatedReader {
  const make = constructorOf(meta, start, columns, [], backend)
  const key = start + columns.indexOf(meta.pk[0]!)
  const end = start + columns.length
  const whole = columns.length === meta.columns.length
  const { name } = field
  // The other end of a one-to-one relation is known as well.
  const back =
    field.relation!.type === 'reverseOne' ? field.relation!.via!.name : backName(field.relation!.type, field.name, meta)
  const inner = children.map((child) => relatedReader(child, backend))
  return (alias, parent) => {
    const result = new Result(parent, name)
    const readers = inner.map((child) => child(alias, result))
    return (row, owner) => {
      if (row[key] === null) {
        setCached(owner, name, null)
        return
      }
      const instance = make(row, alias, result)
      if (whole) instance[ROW] = row.slice(start, end)
      setCached(owner, name, instance)
      if (back !== null) setCached(instance, back, owner)
      for (const read of readers) read(row, instance)
    }
  }
}

/** The reverseOne field on the target that a oneToOne field answers to, if it declares one. */
function backName(type: string, name: string, target: ModelMeta): string | null {
  if (type !== 'oneToOne') return null
  for (const field of target.fields.values()) {
    if (field.relation?.type === 'reverseOne' && field.relation.via?.name === name) return field.name
  }
  return null
}

const constructors = new WeakMap<Backend, WeakMap<ModelMeta, Make>>()

/** Makes instances from rows, reading from `start` on. Kept for whole models. */
function constructorOf(
  meta: ModelMeta,
  start: number,
  columns: readonly FieldMeta[],
  extras: readonly ExtraColumn[],
  backend: Backend,
): Make {
  if (start !== 0 || extras.length > 0 || columns.length < meta.columns.length)
    return makeConstructor(meta, start, columns, extras, backend)
  let known = constructors.get(backend)
  if (known === undefined) {
    known = new WeakMap()
    constructors.set(backend, known)
  }
  let make = known.get(meta)
  if (make === undefined) {
    make = makeConstructor(meta, start, columns, extras, backend)
    known.set(meta, make)
  }
  return make
}

/** With the class's own `fromDb()` called; a class that has none pays nothing. */
function makeConstructor(
  meta: ModelMeta,
  start: number,
  read: readonly FieldMeta[],
  extras: readonly ExtraColumn[],
  backend: Backend,
): Make {
  const make = plainConstructor(meta, start, read, extras, backend)
  const { fromDb } = meta.model.prototype as { fromDb?: () => void } // of every class of a model; not of states' models
  if (fromDb === undefined || fromDb === keepsNothing) return make
  return (row, alias, result) => {
    const instance = make(row, alias, result)
    fromDb.call(instance)
    return instance
  }
}

function plainConstructor(
  meta: ModelMeta,
  start: number,
  read: readonly FieldMeta[],
  extras: readonly ExtraColumn[],
  backend: Backend,
): Make {
  const columns = [
    ...read.map((field, i) => ({
      name: field.attname,
      index: start + i,
      decoder: columnDecoder(backend, field.kind!, field.type ?? undefined),
    })),
    ...extras.map((extra) => ({ name: extra.name, index: extra.index, decoder: decoderOf(backend, extra) })),
  ]
  const partial = read.length < meta.columns.length
  const prototype = partial ? partialPrototype(meta, read) : meta.model.prototype
  // Where in the driver's row each of the model's columns is; -1 for those that were left out.
  const places = partial ? meta.columns.map((field) => (read.includes(field) ? start + read.indexOf(field) : -1)) : null
  const rowOf = (row: SqlRow): SqlRow => places!.map((place) => (place === -1 ? undefined : row[place]))
  const names: Record<string, unknown> = { ROW, ALIAS, CACHE, PEERS, prototype, rowOf }
  for (const { index, decoder } of columns) if (decoder !== null) names[`d${index}`] = decoder
  const body = [
    'function Row(r, alias, result) {',
    `  this[ROW] = ${partial ? 'rowOf(r)' : 'r'}; this[ALIAS] = alias; this[CACHE] = null; this[PEERS] = result`,
    ...columns.map(({ name, index, decoder }) => `  this[${JSON.stringify(name)}] = ${reading(index, decoder)}`),
    '}',
    'Row.prototype = prototype',
    'return Row',
  ].join('\n')
  const Row = generate(names, body, `row constructor of ${meta.label}`) as Constructor | null // as generated above
  if (Row !== null) return (row, alias, result) => new Row(row, alias, result)
  return (row, alias, result) => {
    const instance = Object.create(prototype) as AnyInstance
    instance[ROW] = partial ? rowOf(row) : row
    instance[ALIAS] = alias
    instance[CACHE] = null
    instance[PEERS] = result
    for (const { name, index, decoder } of columns) {
      const value = row[index]
      instance[name] = decoder === null || value === null ? value : decoder(value)
    }
    return instance
  }
}

/** The model's prototype for instances without some columns: reading one of these is an error, writing gives it. */
function partialPrototype(meta: ModelMeta, read: readonly FieldMeta[]): object {
  const prototype: object = Object.create(meta.model.prototype)
  for (const { name, attname } of meta.columns.filter((field) => !read.includes(field))) {
    Object.defineProperty(prototype, attname, {
      configurable: true,
      get() {
        throw new NotLoadedError(`${meta.label}.${name} was not read: the query has only() or defer().`, {
          code: 'db.not-loaded',
          hint: `Read it with the row, or later: await row.refresh({ fields: ['${name}'] }).`,
        })
      },
      set(value: unknown) {
        Object.defineProperty(this, attname, { value, writable: true, enumerable: true, configurable: true })
      },
    })
  }
  return prototype
}
