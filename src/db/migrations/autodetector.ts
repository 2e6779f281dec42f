/**
 * Finds what changed between two states and says it as operations, split into migrations that depend on one another.
 * Renames are asked for first and applied to the old state; the rest is a plain difference.
 * After django/db/migrations/autodetector.py; sorting and splitting into files are in drafts.ts.
 */
import type { ModelConstraint, ModelIndex, ModelTrigger } from '../models/meta.ts'
import { type DraftMigration, draftMigrations } from './drafts.ts'
import { pathsIn } from './expressions.ts'
import type { MigrationGraph } from './graph.ts'
import { addField, alterField, removeField, renameField } from './operations/fields.ts'
import { addConstraint, addIndex, removeConstraint, removeIndex, renameIndex } from './operations/indexes.ts'
import { alterModelOptions, alterModelTable, createModel, deleteModel, renameModel } from './operations/models.ts'
import type { Operation } from './operations/operation.ts'
import { addTrigger, removeTrigger } from './operations/triggers.ts'
import type { Questioner } from './questioner.ts'
import { type FieldState, fieldOptions, isRelation, labelOf, type ModelState, type ProjectState } from './state.ts'
import { markerName, now, sameValue } from './values.ts'
import { type Draft, field, model, removedField, removedModel } from './words.ts'

export interface DetectOptions {
  /** Where the migrations end, and what the models say. */
  readonly from: ProjectState
  readonly to: ProjectState
  readonly graph: MigrationGraph
  readonly questioner: Questioner
  /** Only these apps, and what they need of others. */
  readonly apps?: readonly string[]
  /** A value from a default computed in code (`default: () => …`), which a state does not hold; undefined for none. */
  readonly computedDefault?: (label: string, name: string) => unknown
  /** File name without number, instead of one made from the operations. */
  readonly name?: string
  /** The moment, for names that have nothing better. */
  readonly at: Date
}

/** Migrations that make `from` into `to`, in an order in which they can be applied. Empty when nothing changed. */
export async function detectChanges(options: DetectOptions): Promise<DraftMigration[]> {
  const detector = new Detector(options)
  await detector.renameModels()
  await detector.renameFields()
  detector.createModels()
  for (const [before, after] of detector.kept()) {
    detector.dropIndexes(before, after)
    await detector.changeFields(before, after)
    detector.changeOptions(before, after)
    detector.addIndexes(before, after)
  }
  detector.deleteModels()
  return draftMigrations(detector.drafts, options)
}

/** Same builder; a relation also to the same model: what a rename may connect without changing what is stored. */
function alike(a: FieldState, b: FieldState): boolean {
  return a.builder === b.builder && (!isRelation(a) || sameValue(a.args[0], b.args[0]))
}

/** Share of fields two models have in common, 0 to 1, by name and type; the key counts only when there is nothing else. */
function resemblance(a: ModelState, b: ModelState): number {
  const names = (state: ModelState) => {
    const own = Object.keys(state.fields).filter((name) => name !== 'id')
    return own.length > 0 ? own : Object.keys(state.fields)
  }
  const all = new Set([...names(a), ...names(b)])
  const common = [...all].filter((name) => {
    const [left, right] = [a.fields[name], b.fields[name]]
    return left !== undefined && right !== undefined && left.builder === right.builder
  })
  return all.size === 0 ? 1 : common.length / all.size
}

const isGenerated = (state: FieldState) => state.builder === 'generated'
/** Names of the fields that a column is computed from. */
function computedFrom(state: FieldState): string[] {
  return isGenerated(state) ? pathsIn(state.args[0]).map((path) => path.split('__')[0]!) : []
}

const isThrough = (state: FieldState) => state.builder === 'manyToMany'

class Detector {
  readonly drafts: Draft[] = []
  readonly #to: ProjectState
  readonly #options: DetectOptions
  #from: ProjectState

  constructor(options: DetectOptions) {
    this.#options = options
    this.#from = options.from
    this.#to = options.to
  }

  #add(app: string, operation: Operation, provides: readonly string[] = [], requires: readonly string[] = []): void {
    this.drafts.push({ app, operation, provides, requires, user: false })
  }

  #added(): ModelState[] {
    return [...this.#to.models].filter(([label]) => this.#from.find(label) === null).map(([, state]) => state)
  }

  #removed(): ModelState[] {
    return [...this.#from.models].filter(([label]) => this.#to.find(label) === null).map(([, state]) => state)
  }

  *kept(): Iterable<[before: ModelState, after: ModelState]> {
    for (const [label, after] of this.#to.models) {
      const before = this.#from.find(label)
      if (before !== null) yield [before, after]
    }
  }

  async renameModels(): Promise<void> {
    for (const added of this.#added()) {
      const gone = this.#removed().filter((state) => state.app === added.app)
      if (gone.length === 0) continue
      const similar = gone.filter((state) => resemblance(state, added) >= 0.5).map(labelOf)
      const old = await this.#options.questioner.renamedModel(labelOf(added), gone.map(labelOf), similar)
      if (old === null) continue
      const operation = renameModel(old.split('.')[1]!, added.name)
      // Migrations of other apps that name the old model must come first.
      const holders = this.#from.incoming(old).filter(([holder]) => !holder.startsWith(`${added.app}.`))
      const requires = holders.map(([holder, name]) => field(holder, name))
      this.#add(added.app, operation, [model(labelOf(added)), removedModel(old)], requires)
      this.#from = operation.toState(this.#from, added.app)
    }
  }

  async renameFields(): Promise<void> {
    for (const [{ app, name }, after] of this.kept()) {
      const label = `${app}.${name}`
      for (const [added, state] of Object.entries(after.fields)) {
        const before = this.#from.get(label)
        if (before.fields[added] !== undefined) continue
        const gone = Object.keys(before.fields).filter((key) => after.fields[key] === undefined)
        const similar = gone.filter((key) => alike(before.fields[key]!, state))
        if (gone.length === 0) continue
        const old = await this.#options.questioner.renamedField(label, added, gone, similar)
        if (old === null) continue
        // A column named by hand now stays where it is: say so first, and the rename touches no table.
        const { dbColumn } = fieldOptions(state)
        const was = before.fields[old]!
        if (dbColumn !== undefined && fieldOptions(was).dbColumn === undefined && alike(was, state)) {
          const pinned = {
            ...was,
            args: [...was.args.slice(0, isRelation(was) ? 1 : 0), { ...fieldOptions(was), dbColumn }],
          }
          this.#apply(app, alterField(name, old, pinned), [], [])
        }
        this.#apply(app, renameField(name, old, added), [field(label, added), removedField(label, old)], [])
      }
    }
  }

  /** Adds an operation and moves the old state over it: what follows sees the model as renamed. */
  #apply(app: string, operation: Operation, provides: readonly string[], requires: readonly string[]): void {
    this.#add(app, operation, provides, requires)
    this.#from = operation.toState(this.#from, app)
  }

  /** Targets before those that point at them; relations follow as fields of their own, and are folded in where they can. */
  createModels(): void {
    const added = this.#added()
    for (const state of this.#inOrder(added, this.#to)) {
      const label = labelOf(state)
      const keys = new Set(state.options.primaryKey)
      const later = Object.entries(state.fields).filter(
        ([name, own]) => isRelation(own) && !keys.has(name) && fieldOptions(own).primaryKey !== true,
      )
      const laterRelations = new Set(later.map(([name]) => name))
      for (const [name, own] of Object.entries(state.fields)) {
        if (computedFrom(own).some((each) => laterRelations.has(each.replace(/Id$/, '')))) later.push([name, own])
      }
      const laterNames = new Set(later.map(([name]) => name))
      const now = Object.entries(state.fields).filter(([name]) => !laterNames.has(name))
      const needs = now.flatMap(([, own]) => this.#to.relatedLabels(own).filter((target) => target !== label))
      const { indexes = [], constraints = [], triggers = [], ...options } = state.options
      const [indexesNow, indexesLater] = split(indexes, (item) => mentions(item, laterNames))
      const [constraintsNow, constraintsLater] = split(constraints, (item) => mentions(item, laterNames))
      this.drafts.push({
        app: state.app,
        operation: createModel(state.name, Object.fromEntries(now), {
          ...options,
          ...(indexesNow.length > 0 ? { indexes: indexesNow } : {}),
          ...(constraintsNow.length > 0 ? { constraints: constraintsNow } : {}),
        }),
        provides: [model(label), ...now.map(([name]) => field(label, name))],
        requires: needs.map(model),
        user: now.some(([, own]) => namesUser(own)),
      })
      for (const [name, own] of later) this.#addField(state, name, own)
      for (const item of indexesLater) this.#add(state.app, addIndex(state.name, item), [], requiresOf(label, item))
      for (const item of triggers) this.#addTrigger(state, item)
      for (const item of constraintsLater)
        this.#add(state.app, addConstraint(state.name, item), [], requiresOf(label, item))
    }
  }

  /** After everything it names. */
  #addTrigger(state: ModelState, item: ModelTrigger): void {
    const label = labelOf(state)
    const { do: action } = item
    const target =
      action.t === 'copy'
        ? [
            model(String(action.target)),
            ...Object.values(action.fields).map((each) => field(String(action.target), each)),
          ]
        : []
    const own = Object.keys(state.fields).map((name) => field(label, name))
    this.#add(state.app, addTrigger(state.name, item), [], [model(label), ...own, ...target])
  }

  #addField(state: ModelState, name: string, own: FieldState, fill?: unknown, after: readonly string[] = []): void {
    const label = labelOf(state)
    this.drafts.push({
      app: state.app,
      operation: addField(state.name, name, own, fill === undefined ? {} : { fill }),
      provides: [field(label, name)],
      requires: [
        model(label),
        ...this.#to.relatedLabels(own).map(model),
        ...this.#keysBetween(own),
        ...computedFrom(own).map((each) => field(label, each)),
        ...after,
      ],
      user: namesUser(own),
    })
  }

  /** The foreign keys of the model between: without them it does not stand between anything. */
  #keysBetween(own: FieldState): string[] {
    const through = isRelation(own) ? fieldOptions(own).through : undefined
    if (through === undefined) return []
    const label = this.#to.resolve(through)
    const fields = Object.entries(this.#to.models.get(label)?.fields ?? {})
    return fields.filter(([, each]) => each.builder === 'foreignKey').map(([name]) => field(label, name))
  }

  async changeFields(before: ModelState, after: ModelState): Promise<void> {
    const label = labelOf(after)
    // What a column is computed from goes after that column changed, and comes before it.
    const late = new Set(Object.values(before.fields).flatMap(computedFrom))
    const remove = (which: (name: string) => boolean) => {
      for (const [name, was] of Object.entries(before.fields)) {
        const own = after.fields[name]
        if (which(name) && (own === undefined || replaces(was, own))) {
          this.#add(after.app, removeField(after.name, name), [removedField(label, name)])
        }
      }
    }
    remove((name) => !late.has(name))
    const inOrder = Object.entries(after.fields).sort(([, a], [, b]) => Number(isGenerated(a)) - Number(isGenerated(b)))
    for (const [name, own] of inOrder) {
      const was = before.fields[name]
      if (was === undefined || replaces(was, own)) {
        this.#addField(
          after,
          name,
          own,
          await this.#fill(label, name, own, 'added'),
          was ? [removedField(label, name)] : [],
        )
      } else if (!sameValue(was, own)) {
        const narrows = fieldOptions(was).null === true && fieldOptions(own).null !== true
        const fill = narrows ? await this.#fill(label, name, own, 'not-null') : undefined
        this.drafts.push({
          app: after.app,
          operation: alterField(after.name, name, own, fill === undefined ? {} : { fill }),
          provides: [field(label, name)],
          requires: this.#to
            .relatedLabels(own)
            .filter((target) => target !== label)
            .map(model),
          user: namesUser(own),
        })
      }
    }
    remove((name) => late.has(name))
  }

  /** What rows that exist get; undefined when the field or the database knows. */
  async #fill(label: string, name: string, own: FieldState, reason: 'added' | 'not-null'): Promise<unknown> {
    const options = fieldOptions(own)
    if (isThrough(own) || isGenerated(own) || options.null === true || own.builder === 'autoId') return undefined
    if (options.default !== undefined || options.dbDefault !== undefined) return undefined
    if (options.autoNow === true || options.autoNowAdd === true) return now
    // Rows that were there before anybody ordered them.
    if (name === '_order' && this.#to.find(label)?.options.orderWithRespectTo !== undefined) return 0
    const computed = this.#options.computedDefault?.(label, name)
    if (computed !== undefined && computed !== null) return computed
    return this.#options.questioner.fill({ label, name, field: own, reason })
  }

  changeOptions(before: ModelState, after: ModelState): void {
    const pick = ({ ordering, orderWithRespectTo, managed, primaryKey, comment }: ModelState['options']) => ({
      ...(ordering ? { ordering } : {}),
      ...(orderWithRespectTo ? { orderWithRespectTo } : {}),
      ...(managed === false ? { managed } : {}),
      ...(primaryKey ? { primaryKey } : {}),
      ...(comment === undefined ? {} : { comment }),
    })
    const label = labelOf(after)
    const [was, is] = [pick(before.options), pick(after.options)]
    if (!sameValue(was, is)) {
      const named = [...(is.primaryKey ?? []), ...(is.orderWithRespectTo ? [is.orderWithRespectTo, '_order'] : [])]
      const requires = named.map((name) => field(label, name))
      this.#add(after.app, alterModelOptions(after.name, is), [], requires)
    }
    if (before.options.dbTable !== after.options.dbTable) {
      this.#add(after.app, alterModelTable(after.name, after.options.dbTable ?? null))
    }
  }

  dropIndexes(before: ModelState, after: ModelState): void {
    const renamed = renamedIndexes(before, after)
    const kept = new Set(renamed.map(([old]) => old.name))
    for (const item of missing(before.options.indexes, after.options.indexes)) {
      if (!kept.has(item.name)) this.#add(after.app, removeIndex(after.name, item.name))
    }
    for (const item of missing(before.options.constraints, after.options.constraints)) {
      this.#add(after.app, removeConstraint(after.name, item.name))
    }
    for (const item of missing(before.options.triggers, after.options.triggers)) {
      this.#add(after.app, removeTrigger(after.name, item.name))
    }
    for (const [old, item] of renamed) this.#add(after.app, renameIndex(after.name, old.name, item.name))
  }

  addIndexes(before: ModelState, after: ModelState): void {
    const label = labelOf(after)
    const renamed = new Set(renamedIndexes(before, after).map(([, item]) => item.name))
    for (const item of missing(after.options.indexes, before.options.indexes)) {
      if (!renamed.has(item.name)) this.#add(after.app, addIndex(after.name, item), [], requiresOf(label, item))
    }
    for (const item of missing(after.options.constraints, before.options.constraints)) {
      this.#add(after.app, addConstraint(after.name, item), [], requiresOf(label, item))
    }
    for (const item of missing(after.options.triggers, before.options.triggers)) this.#addTrigger(after, item)
  }

  /** Those that point before their targets; relations go first, and are folded away where the order allows. */
  deleteModels(): void {
    const removed = this.#removed()
    for (const state of this.#inOrder(removed, this.#from).reverse()) {
      const label = labelOf(state)
      const requires: string[] = []
      for (const [name, own] of Object.entries(state.fields)) {
        const targets = this.#from.relatedLabels(own).filter((target) => target !== label)
        if (targets.length === 0) continue
        this.#add(state.app, removeField(state.name, name), [removedField(label, name)])
        requires.push(removedField(label, name))
      }
      for (const [holder, name] of this.#from.incoming(label)) {
        if (holder === label) continue
        requires.push(this.#to.find(holder)?.fields[name] ? field(holder, name) : removedField(holder, name))
      }
      this.#add(state.app, deleteModel(state.name), [removedModel(label)], requires)
    }
  }

  /** Models after those they point at, otherwise as given. A circle is entered at its first model. */
  #inOrder(models: readonly ModelState[], state: ProjectState): ModelState[] {
    const byLabel = new Map(models.map((item) => [labelOf(item), item]))
    const order = new Set<ModelState>()
    const open = new Set<ModelState>()
    const visit = (item: ModelState) => {
      if (order.has(item) || open.has(item)) return
      open.add(item)
      for (const own of Object.values(item.fields)) {
        // Not the model between: it points at both sides, and goes after them.
        const next = isRelation(own) ? byLabel.get(state.resolve(own.args[0])) : undefined
        if (next !== undefined) visit(next)
      }
      order.add(item)
    }
    for (const item of models) visit(item)
    return [...order]
  }
}

/** Plain fields whose values may be keys of rows: a foreign key can take their column over. */
const KEYS = new Set(['integer', 'bigInteger', 'smallInteger', 'char', 'uuid'])

/** A change no alteration can make: to or from a table between, to another one, or from a text to a row. */
function replaces(was: FieldState, is: FieldState): boolean {
  if (isThrough(was) !== isThrough(is)) return true
  if (isThrough(was)) {
    return !sameValue(was.args[0], is.args[0]) || !sameValue(fieldOptions(was).through, fieldOptions(is).through)
  }
  if (isRelation(was) === isRelation(is)) return false
  return !KEYS.has((isRelation(was) ? is : was).builder)
}

function split<T>(items: readonly T[], second: (item: T) => boolean): [T[], T[]] {
  return [items.filter((item) => !second(item)), items.filter(second)]
}

/** Names of the fields an index or constraint speaks of. */
function fieldsOf(item: ModelIndex | ModelConstraint): string[] {
  // An index or one of the constraints: each has some of these.
  const parts: Readonly<Record<string, unknown>> = { ...item }
  const lists = [parts.fields, parts.expressions, parts.include].flatMap((list) => (Array.isArray(list) ? list : []))
  const plain = lists.filter((part): part is string => typeof part === 'string')
  const inside = pathsIn([parts.expressions, parts.where, parts.condition, Object.values(parts.sql ?? {})])
  return [...plain, ...inside].map((path) => path.replace(/^-/, '').split('__')[0]!)
}

function mentions(item: ModelIndex | ModelConstraint, names: ReadonlySet<string>): boolean {
  return fieldsOf(item).some((name) => names.has(name))
}

function requiresOf(label: string, item: ModelIndex | ModelConstraint): string[] {
  return [model(label), ...fieldsOf(item).map((name) => field(label, name))]
}

/** Items of `list` that `other` does not have the same. */
function missing<T extends { readonly name: string }>(list: readonly T[] = [], other: readonly T[] = []): T[] {
  return list.filter((item) => !other.some((candidate) => sameValue(candidate, item)))
}

/** Indexes that differ in nothing but the name. */
function renamedIndexes(before: ModelState, after: ModelState): [ModelIndex, ModelIndex][] {
  const fresh = missing(after.options.indexes, before.options.indexes)
  const pairs: [ModelIndex, ModelIndex][] = []
  for (const old of missing(before.options.indexes, after.options.indexes)) {
    const at = fresh.findIndex((item) => sameValue({ ...item, name: old.name }, old))
    if (at >= 0) pairs.push([old, fresh.splice(at, 1)[0]!])
  }
  return pairs
}

/** A relation to the user model by its marker. */
function namesUser(own: FieldState): boolean {
  return isRelation(own) && markerName(own.args[0]) === 'userModel'
}
