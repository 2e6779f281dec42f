/** A model's trigger as a backend writes it: fields become columns, models tables. */
import type { Backend } from '../backends/backend.ts'
import type { TriggerAction, TriggerSpec } from '../backends/schema.ts'
import { definitionOf } from '../models/definition.ts'
import type { AnyModel, ModelMeta, ModelTrigger, ModelTriggerAction } from '../models/meta.ts'
import { conditionText, expressionText } from './conditions.ts'
import { liveExpression } from './expressions.ts'

/** The triggers of a model that have statements for this database. */
export function triggerSpecs(backend: Backend, meta: ModelMeta): TriggerSpec[] {
  const all = meta.triggers.flatMap((each) => triggerSpec(backend, meta, each) ?? [])
  const kept = new Set(all.flatMap(({ do: action }) => (action.t === 'setNow' ? [action.column] : [])))
  if (backend.features.triggersSetRow || kept.size === 0) return all
  // keepNow() writes the row once more: whoever follows every update would hear of it twice.
  const columns = meta.columns.filter((field) => field.computed === null).map((field) => field.column!)
  const others = columns.filter((column) => !kept.has(column))
  return all.map((trigger) =>
    trigger.do.t === 'setNow' || others.length === 0
      ? trigger
      : {
          ...trigger,
          on: trigger.on.map((each) => (each.event === 'update' ? { columns: others, ...each } : each)),
        },
  )
}

/** The trigger, or null where it has no statements for this database. */
function triggerSpec(backend: Backend, meta: ModelMeta, trigger: ModelTrigger): TriggerSpec | null {
  const { name, when, condition } = trigger
  const action = actionOf(backend, meta, name, trigger.do)
  if (action === null) return null
  const events = new Map<TriggerSpec['on'][number]['event'], string[]>()
  for (const each of trigger.on) {
    const [event, field] = each.split(' of ') as [TriggerSpec['on'][number]['event'], string | undefined] // by its type
    const columns = events.get(event) ?? []
    events.set(event, field === undefined ? columns : [...columns, columnOf(meta, field)])
  }
  const row = trigger.on.every((each) => each === 'delete') ? 'OLD' : 'NEW'
  return {
    name,
    when,
    on: [...events].map(([event, columns]) => (columns.length > 0 ? { event, columns } : { event })),
    ...(condition === undefined ? {} : { condition: conditionText(backend, meta, condition, { name, row }) }),
    do: action,
  }
}

/** Of texts by database, the one for this: by its name, or by that of whose SQL it speaks. */
export function textOf<T>(backend: Backend, texts: Readonly<Record<string, T>>): T | undefined {
  return texts[backend.name] ?? (backend.dialect === undefined ? undefined : texts[backend.dialect])
}

function actionOf(backend: Backend, meta: ModelMeta, name: string, action: ModelTriggerAction): TriggerAction | null {
  switch (action.t) {
    case 'sql': {
      const text = textOf(backend, action.sql)
      if (text === undefined) return null
      return {
        t: 'sql',
        sql: typeof text === 'string' ? text : expressionText(backend, meta, liveExpression(text), { name }),
      }
    }
    case 'setNow': {
      const field = meta.fields.get(action.field)!
      return { t: 'setNow', column: field.column!, kind: field.kind!, key: meta.pk.map((each) => each.column!) }
    }
    case 'refuse': {
      const { message, fields } = action
      return fields === undefined
        ? { t: 'refuse', message }
        : { t: 'refuse', message, changed: fields.map((each) => columnOf(meta, each)) }
    }
    case 'copy': {
      const target = targetOf(meta, action.target)
      const columns = Object.entries(action.fields)
      return {
        t: 'copy',
        table: target.table,
        columns: columns.map(([from, to]) => [columnOf(meta, from), columnOf(target, to)] as const),
      }
    }
  }
}

/** A model by an arrow, or a historical one by its label, among those of its time. */
function targetOf({ model }: ModelMeta, target: unknown): ModelMeta {
  if (typeof target === 'function') return (target() as AnyModel).meta // an arrow that gives a model, by its type
  return definitionOf(model)!.registry.get(String(target)).meta
}

function columnOf(meta: ModelMeta, name: string): string {
  return (meta.fields.get(name) ?? meta.byAttname.get(name))!.column! // names are looked at where they are declared
}
