/** What to write instead of a loop of queries. */
import { allModels } from '../models/lookup.ts'
import type { AnyModel, FieldMeta } from '../models/meta.ts'
import type { Question } from './question.ts'

/** What to write, and for rows of which model. */
export interface Advice {
  /** `Book.author`, `Book`: what the statement is about, in the words of models; null for a table without a model. */
  readonly about: string | null
  /** `.selectRelated('author')` and why, a sentence. */
  readonly text: string
  /** The model whose rows are looped over: its query set is where to write it; null where that is not known. */
  readonly rows: AnyModel | null
}

const GENERIC = 'Ask once, before the loop, for all the values it needs.'

/** @param relation   what was awaited, where the statement is one of an await */
export function adviceFor(question: Question, relation: FieldMeta | null): Advice {
  if (relation !== null) return ofRelation(relation)
  const model = modelOf(question.table)
  if (model === null) return { about: null, text: GENERIC, rows: null }
  const { verb } = question
  if (verb === 'insert') return ofInsert(model)
  if (verb === 'update' || verb === 'delete') return ofChange(model, question)
  const side = sideOf(model, question.by)
  if (side !== null) return ofSide(side, model, question)
  const { name } = model.meta
  const field = question.by === null ? null : fieldOf(model, question.by.column)
  if (field === null) {
    const text = 'It has no condition that differs: ask once, before the loop, and keep the answer.'
    return { about: name, text: question.by === null && !question.more ? text : GENERIC, rows: null }
  }
  return { about: name, text: ofValues(model, field, question), rows: null }
}

function ofRelation(field: FieldMeta): Advice {
  const { model, name } = field
  return {
    about: `${model.meta.name}.${name}`,
    text: `Read it with the rows: .selectRelated('${name}')`,
    rows: model,
  }
}

function ofInsert(model: AnyModel): Advice {
  const { name, autoCreated } = model.meta
  if (autoCreated)
    return { about: throughName(model), text: 'Give add() all rows at once, or set() all there are to be.', rows: null }
  return { about: name, text: `Insert all at once: ${name}.objects.bulkCreate([…])`, rows: null }
}

/** `Book.tags`, of the table between. */
function throughName(model: AnyModel): string {
  for (const { meta } of allModels())
    for (const { name, relation } of meta.manyToMany)
      if (relation?.through?.model === model) return `${meta.name}.${name}`
  return model.meta.name
}

function ofChange(model: AnyModel, { verb, set }: Question): Advice {
  const { name } = model.meta
  const key = model.meta.pk.length === 1 ? model.meta.pk[0]!.attname : 'pk'
  if (verb === 'delete') {
    const text = `Delete all at once: ${name}.objects.filter({ ${key}__in: […] }).delete()`
    return { about: name, text, rows: null }
  }
  const fields = set.map((column) => `'${fieldOf(model, column)?.name ?? column}'`).join(', ')
  const text = `Write all at once: ${name}.objects.bulkUpdate(rows, [${fields}]), or one .update({ … }) where the value is the same`
  return { about: name, text, rows: null }
}

/** By a column that is no relation of the rows: a key, or any other. */
function ofValues({ meta }: AnyModel, field: FieldMeta, { verb, cut }: Question): string {
  const { name } = meta
  const isKey = meta.pk.length === 1 && meta.pk[0] === field
  if (verb !== 'read')
    return `Ask once for all: ${name}.objects.filter({ ${field.attname}__in: values }).values('${field.attname}')`
  if (isKey || field.unique) {
    const by = isKey ? '' : `, { by: '${field.name}' }`
    return `Ask once for all: ${name}.objects.inBulk(${isKey ? 'keys' : 'values'}${by}); or read them with the rows that have their keys, by selectRelated()`
  }
  const all = `${name}.objects.filter({ ${field.attname}__in: values })`
  return `Ask once for all: ${all}${cut === null ? '' : ', and choose among the rows'}`
}

/** The rows of another model that the statement's rows belong to. */
interface Side {
  readonly owner: AnyModel
  /** The field of the owner that leads to them; null where it declares none. */
  readonly name: string | null
  /** The field that leads back; null where the model asked for declares none. */
  readonly back: string | null
}

function sideOf(model: AnyModel, by: Question['by']): Side | null {
  if (by === null) return null
  const holder = by.table === model.meta.table ? model : modelOf(by.table)
  const key = holder === null ? null : fieldOf(holder, by.column)
  if (holder === null || key === null || key.relation === null) return null
  const owner = key.relation.target
  const fields = [...owner.meta.fields.values()]
  if (holder === model) {
    const name = fields.find(({ relation }) => relation?.via === key)?.name ?? null
    return { owner, name, back: key.name }
  }
  // A table between: the field that goes through it to the model asked for.
  const through = (each: FieldMeta): boolean =>
    each.relation?.target === model &&
    (each.relation.through?.model === holder || each.relation.via?.relation?.through?.model === holder)
  const there = fields.find(through)
  return there === undefined ? null : { owner, name: there.name, back: backOf(there) }
}

/** The field by which rows behind a many-to-many relation lead back; null where their model declares none. */
function backOf(field: FieldMeta): string | null {
  const { via, target } = field.relation!
  if (via) return via.name
  if (target === field.model && field.relation!.symmetrical) return field.name
  return [...target.meta.fields.values()].find(({ relation }) => relation?.via === field)?.name ?? null
}

function ofSide({ owner, name, back }: Side, model: AnyModel, question: Question): Advice {
  const own = owner.meta.name
  const { name: target } = model.meta
  const about = name === null ? target : `${own}.${name}`
  if (name === null) {
    const text = `Ask once for all: ${target}.objects.filter({ ${back}__in: rows })`
    return { about, text, rows: owner }
  }
  if (question.verb === 'count') {
    const text = question.more
      ? `Count with the rows: .annotate({ n: Count('${name}', { filter: ${own}.Q({ ${name}__…: … }) }) })`
      : `Count with the rows: .annotate({ n: Count('${name}') })`
    return { about, text, rows: owner }
  }
  if (question.verb === 'exists' && back !== null) {
    const key = owner.meta.pk[0]!.attname
    const text = `Ask with the rows: .annotate({ has: Exists(${target}.objects.filter({ ${back}: ${own}.OuterRef('${key}') })) })`
    return { about, text, rows: owner }
  }
  const own1 = `.prefetchRelated('${name}')`
  const some = question.cut !== null ? `${target}.objects.orderBy(…).slice(0, n)` : `${target}.objects.filter({ … })`
  const text =
    question.more || question.cut !== null
      ? `Read them with the rows: .prefetchRelated(new Prefetch('${name}', ${some}))`
      : `Read them with the rows: ${own1}`
  return { about, text, rows: owner }
}

let byTable = new Map<string, AnyModel>()
let known = 0

function modelOf(table: string | null): AnyModel | null {
  if (table === null) return null
  const found = byTable.get(table)
  if (found !== undefined) return found
  const models = allModels({ autoCreated: true })
  if (models.length === known) return null
  known = models.length
  byTable = new Map(models.filter((model) => model.meta.concrete === model).map((model) => [model.meta.table, model]))
  return byTable.get(table) ?? null
}

/** The field of a column; of a foreign key over several columns that one. */
function fieldOf(model: AnyModel, column: string): FieldMeta | null {
  const field = model.meta.columns.find((each) => each.column === column)
  return field?.whole ?? field ?? null
}
