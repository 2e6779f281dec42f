/** Models as a case says them in JSON, made at run time: an app of a project for each name before the point. */
import { join } from 'node:path'
import * as doors from 'nuages/db'
import { F, fn, Q } from 'nuages/db/migrations'
import * as postgres from 'nuages/db/postgres'
import type { CommandProject } from '../../../src/db/commands/changes.ts'
import { liveCondition, liveExpression } from '../../../src/db/migrations/expressions.ts'
import type { AnyModel } from '../../../src/db/models/meta.ts'
import { defineModel } from '../../../src/db/models/model.ts'
import { ModelRegistry } from '../../../src/db/models/registry.ts'
import type { FieldCase, ModelCase, StateCase } from './format.ts'

// The neutral form is JSON, read as it is: builders are found by their names.
type Any = any
const BUILDERS: Any = { ...postgres, ...doors }

/** A project in a folder whose apps have these models. */
export function projectOf(root: string, apps: readonly string[], state: StateCase): CommandProject {
  const registry = new ModelRegistry()
  const models: Record<string, AnyModel> = {}
  for (const [label, model] of Object.entries(state)) {
    const [app, name] = label.split('.') as [string, string]
    models[label] = defineModel({
      app,
      name,
      fields: fieldsOf(model, models),
      options: optionsOf(model, models),
      registry,
    })
  }
  const made = apps.map((name) => ({
    name,
    root: join(root, name),
    models: Object.fromEntries(
      Object.entries(models)
        .filter(([label]) => label.startsWith(`${name}.`))
        .map(([label, model]) => [label.slice(name.length + 1), model]),
    ),
  }))
  return { apps: { apps: made }, user: null, root }
}

function fieldsOf({ fields }: ModelCase, models: Readonly<Record<string, AnyModel>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldOf(field, models)]))
}

function fieldOf({ kind, ...options }: FieldCase, models: Readonly<Record<string, AnyModel>>): unknown {
  const build = BUILDERS[kind]
  if (typeof build !== 'function') throw new Error(`There is no kind of field "${kind}".`)
  if ('to' in options) {
    const { to, through, ...rest } = options
    return () => build(found(models, to), { ...rest, ...(through ? { through: found(models, through) } : {}) })
  }
  if (kind === 'choice') {
    const { choices, ...rest } = options
    return build(choices, values(rest))
  }
  if (kind === 'generated') {
    const { expression, output, ...rest } = options
    return build(value(expression), { ...rest, output: fieldOf(output as FieldCase, models) })
  }
  if (kind === 'array') {
    const { of, ...rest } = options
    return build(fieldOf(of as FieldCase, models), values(rest))
  }
  return build(values(options))
}

function found(models: Readonly<Record<string, AnyModel>>, label: unknown): AnyModel {
  const model = models[String(label)]
  if (model === undefined) throw new Error(`The state has no model "${label}".`)
  return model
}

function optionsOf(
  { fields: _, indexes = [], constraints = [], triggers = [], ...options }: ModelCase,
  models: Readonly<Record<string, AnyModel>>,
): object {
  return {
    ...options,
    indexes: indexes.map(({ fields, ...rest }: Any) => doors.index(value(fields) as Any, conditional(rest))),
    constraints: constraints.map(({ kind, fields, check, ...rest }: Any) =>
      kind === 'check'
        ? doors.check(liveCondition(data(check)) as Any, rest)
        : doors.unique(value(fields) as Any, conditional(rest)),
    ),
    triggers: triggers.map((each) => triggerOf(each, models)),
  }
}

function triggerOf({ kind, ...options }: Any, models: Readonly<Record<string, AnyModel>>): unknown {
  if (kind === 'copyTo') {
    const { to, ...rest } = options
    return doors.copyTo(() => found(models, to), rest)
  }
  const { field, fields, ...rest } = options
  return kind === 'refuseDelete' ? doors.refuseDelete(rest) : BUILDERS[kind](field ?? fields, rest)
}

const conditional = ({ where, ...rest }: Any) => (where ? { ...rest, where: liveCondition(data(where)) } : rest)

const values = (options: object) =>
  Object.fromEntries(Object.entries(options).map(([name, given]) => [name, value(given)]))

/** A value of JSON as the builders take it: `{ "$F": "title" }` becomes an expression. */
function value(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(value)
  if (typeof given !== 'object' || given === null) return given
  if ('$F' in given || '$fn' in given) return liveExpression(data(given))
  if ('$date' in given) return new Date(String(given.$date))
  return given
}

/** Markers of JSON as those of migration files. */
function data(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(data)
  if (typeof given !== 'object' || given === null) return given
  const one = given as Any
  if ('$F' in one) return F(one.$F)
  if ('$fn' in one) return fn(one.$fn[0], ...one.$fn.slice(1).map(data))
  if ('$date' in one) return new Date(one.$date)
  for (const connector of ['and', 'or', 'not'] as const) {
    if (`$${connector}` in one) return Q[connector](...[one[`$${connector}`]].flat().map(data))
  }
  return Object.fromEntries(Object.entries(one).map(([key, item]) => [key, data(item)]))
}
