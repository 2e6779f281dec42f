/** The models that a `schema.json` describes, made at run time; their tables, and the rows of a `data.json`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineApp } from 'nuages'
import {
  type AnyModel,
  atomic,
  boolean,
  char,
  date,
  dateTime,
  decimal,
  duration,
  dynamicQuery,
  float,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  oneToOne,
  reverse,
  reverseOne,
  text,
  time,
  unique,
} from 'nuages/db'
import type { TableSpec } from '../../../src/db/backends/schema.ts'
import { database } from '../../../src/db/internal.ts'
import { tableSpec } from '../../../src/db/migrations/table-spec.ts'
import { snakeToCamel } from '../../../src/std/text.ts'
import { literal } from './values.ts'

// The neutral form is JSON, read as it is.
type Any = any

/** Models by the names of the schema; fields and relations are called as there. */
export type Models = Readonly<Record<string, AnyModel>>

const read = (folder: string, name: string): Any => JSON.parse(readFileSync(join(folder, name), 'utf8'))

const COLUMNS: Readonly<Record<string, (field: Any, options: Any) => Any>> = {
  char: (field, options) => char({ ...options, maxLength: field.max_length }),
  text: (_, options) => text(options),
  integer: (_, options) => integer(options),
  float: (_, options) => float(options),
  boolean: (_, options) => boolean(options),
  decimal: (field, options) =>
    decimal({ ...options, maxDigits: field.max_digits, decimalPlaces: field.decimal_places }),
  date: (_, options) => date(options),
  datetime: (_, options) => dateTime(options),
  time: (_, options) => time(options),
  duration: (_, options) => duration(options),
  json: (_, options) => json(options),
}

/** Reads `schema.json` of a folder, and makes an app of its models. */
export function loadModels(folder: string): Models {
  const schema = read(folder, 'schema.json')
  const models: Record<string, AnyModel> = {}
  const maps: Record<string, Any> = Object.fromEntries(Object.keys(schema.models).map((name) => [name, {}]))
  for (const [name, { fields }] of Object.entries<Any>(schema.models)) {
    for (const [key, field] of Object.entries<Any>(fields)) {
      maps[name][key] = declared(field, models)
      if (field.to === undefined || field.related_name === '+') continue
      if (field.type === 'm2m' && field.to === name && field.symmetrical !== false) continue
      const back = field.related_name ?? name.toLowerCase()
      const make: Any = field.type === 'one_to_one' ? reverseOne : reverse
      maps[field.to][back] = () => make(models[name], key)
    }
  }
  for (const [name, map] of Object.entries(maps)) {
    const constraints = (schema.models[name].unique_together ?? []).map((names: string[]) => unique(names))
    // A class of the schema's name, over a field map that no compiler has seen.
    models[name] = { [name]: class extends (Model as Any)()(map, { constraints }) {} }[name] as unknown as AnyModel
  }
  defineApp({ name: 'shop', root: import.meta.url, models } as Any)
  return models
}

function declared(field: Any, models: Record<string, AnyModel>): Any {
  if (field.to === undefined) {
    const options: Any = { null: field.null === true, unique: field.unique === true }
    if ('default' in field) {
      const value = literal(field.default)
      options.default = typeof value === 'object' && value !== null ? () => structuredClone(value) : value
    }
    return COLUMNS[field.type]!(field, options)
  }
  if (field.type === 'm2m') {
    const through = () => (field.through === undefined ? {} : { through: models[field.through] })
    return () => (manyToMany as Any)(models[field.to], { ...through(), symmetrical: field.symmetrical !== false })
  }
  const make: Any = field.type === 'one_to_one' ? oneToOne : foreignKey
  return () =>
    make(models[field.to], { null: field.null === true, onDelete: snakeToCamel(field.on_delete.toLowerCase()) })
}

/** Makes the tables in the default database, and loads `data.json` of a folder. */
export async function loadData(models: Models, folder: string): Promise<void> {
  const db = database()
  for (const spec of specsOf(models))
    for (const statement of db.backend.schema.createTable(spec)) await db.exec(statement)
  await loadRows(models, folder)
}

function specsOf(models: Models): TableSpec[] {
  const db = database()
  const specs = new Map<string, ReturnType<typeof tableSpec>>()
  for (const model of Object.values(models)) {
    specs.set(model.meta.table, tableSpec(db.backend, model.meta))
    for (const { relation } of model.meta.manyToMany) {
      const between = relation!.through!.model.meta
      specs.set(between.table, tableSpec(db.backend, between))
    }
  }
  return [...specs.values()]
}

/** Loads `data.json` of a folder into tables that are there. */
export async function loadRows(models: Models, folder: string): Promise<void> {
  const db = database()
  const data = read(folder, 'data.json')
  await atomic(async () => {
    for (const [name, { columns, rows }] of Object.entries<Any>(data.models)) {
      const { byAttname, fields } = models[name]!.meta
      const names: string[] = columns.map((column: string) =>
        fields.has(column) ? column : column.replace(/_id$/, 'Id'),
      )
      const isJson = names.map((attname) => byAttname.get(attname)?.kind === 'json')
      const row = (values: Any[]) =>
        Object.fromEntries(values.map((value, i) => [names[i], isJson[i] ? value : literal(value)]))
      await dynamicQuery(models[name]!).bulkCreate(rows.map(row))
    }
    for (const [key, links] of Object.entries<Any>(data.m2m)) {
      const [name, field] = key.split('.')
      const { model, from, to } = models[name!]!.meta.fields.get(field!)!.relation!.through!
      const rows = links.map(([a, b]: [number, number]) => ({ [from.attname]: a, [to.attname]: b }))
      await dynamicQuery(model).bulkCreate(rows)
    }
  })
  for (const spec of specsOf(models))
    for (const statement of db.backend.schema.resetIdentity(spec)) await db.exec(statement)
}
