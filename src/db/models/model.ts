/** `Model<Self>()(fields, options)` and `AbstractModel(fields, options)`: the base classes of models. */
import { ModelError } from '../errors.ts'
import { rowOrder } from '../fields/numbers.ts'
import type { ModelTarget } from '../fields/types.ts'
import { runFullClean } from './clean.ts'
import { Meta } from './define.ts'
import { DEFINITION, type DeclaredOptions, type Definition, definitionOf, ROW_ORDER } from './definition.ts'
import { makeFill } from './fill.ts'
import type { AbstractModelClass, Header, ModelOptions, ProxyOptions } from './header.ts'
import { hook } from './hooks.ts'
import { ALIAS, type AnyInstance, CACHE, keepsNothing, LOADED, PEERS, ROW } from './instance.ts'
import type { CleanOptions, DeleteOptions, RefreshOptions, SaveOptions } from './instance-methods.ts'
import { inspectInstance, instanceToJson } from './json.ts'
import { keyValue } from './keys.ts'
import type { AnyModel, ModelMeta } from './meta.ts'
import { ProxyMeta } from './proxy.ts'
import { live, type ModelRegistry } from './registry.ts'
import { type MakeModel, setMakeModel } from './through.ts'
import type { AbstractBase, AnyFields, FIELDS, FieldsOf, ModelClass, ProxyClass } from './types.ts'

/** `defineApp` gives a model its app and name through this. */
const BIND: unique symbol = Symbol.for('nuages.bind')
const MAY_BIND: unique symbol = Symbol.for('nuages.mayBind')
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** The root of every model and abstract base. */
// biome-ignore-start lint/complexity/noThisInStatic: the statics are inherited, and `this` is the model
class ModelRoot {
  declare static readonly [DEFINITION]: Definition
  declare [ROW]: unknown[] | null
  declare [ALIAS]: string | null
  declare [CACHE]: Record<string, unknown> | null
  declare [PEERS]: unknown
  declare readonly [LOADED]: true

  static get meta(): ModelMeta {
    return metaOf(this)
  }

  static get objects(): unknown {
    const model = modelOf(this)
    const definition = definitionOf(model)!
    definition.manager ??= hook('createManager')(model)
    // From now on it is found on the model: every query begins here.
    const { manager: value } = definition
    Object.defineProperty(model, 'objects', { value, writable: true, configurable: true, enumerable: false })
    return value
  }
  // A model's own `static objects` replaces this one.
  static set objects(value: unknown) {
    Object.defineProperty(this, 'objects', { value, writable: true, configurable: true, enumerable: true })
  }

  static F(path: string): unknown {
    return hook('makeF')(modelOf(this), path)
  }

  static OuterRef(path: string): unknown {
    return hook('makeOuterRef')(modelOf(this), path)
  }

  static Q(where: unknown): unknown {
    return hook('makeQ')(modelOf(this), where)
  }

  /** @throws ModelError db.abstract-model, db.model-bound-twice, db.duplicate-model */
  static [BIND](app: string, name: string): void {
    bind(this, app, name)
  }

  /** Whether `app` may have it: it is no abstract base, and no other app's. */
  static [MAY_BIND](app: string): boolean {
    const { abstract, bound } = definitionOf(this)!
    return !abstract && (bound === null || bound.app === app)
  }

  // biome-ignore-end lint/complexity/noThisInStatic: as above

  constructor(values?: Readonly<Record<string, unknown>>) {
    const fill = fillOf(new.target)
    this[ROW] = null
    this[ALIAS] = null
    this[CACHE] = null
    this[PEERS] = null
    fill(rowOf(this), values)
  }

  get pk(): unknown {
    const self = rowOf(this)
    const { pk } = metaOf(this.constructor)
    return keyValue(self, pk)
  }

  async save(options: SaveOptions = {}): Promise<this> {
    await hook('save')(rowOf(this), options)
    return this
  }

  delete(options: DeleteOptions = {}): Promise<number> {
    return hook('delete')(rowOf(this), options)
  }

  async refresh(options: RefreshOptions = {}): Promise<this> {
    await hook('refresh')(rowOf(this), options)
    return this
  }

  clean(): void | Promise<void> {}

  fullClean(options: CleanOptions = {}): Promise<void> {
    return runFullClean(rowOf(this), options)
  }

  toString(): string {
    const { name, pk } = metaOf(this.constructor)
    const self = rowOf(this)
    const keys = pk.map(({ attname, secret }) => (secret && self[attname] ? '…' : (self[attname] ?? 'new')))
    return `${name}(${keys.map(String).join(', ')})`
  }

  toJSON(): Record<string, unknown> {
    return instanceToJson(rowOf(this))
  }

  [INSPECT](_depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspectInstance(rowOf(this), (value) => inspect(value, options))
  }
}
Object.defineProperty(ModelRoot.prototype, LOADED, { value: true })
Object.defineProperty(ModelRoot.prototype, 'fromDb', { value: keepsNothing, writable: true, configurable: true })

type ModelConstructor = typeof ModelRoot

/** The attributes of an instance are its model's own. */
const rowOf = <T extends object>(instance: T): T & AnyInstance => instance as T & AnyInstance

/** The class an app listed, for itself or a base of it. */
function modelOf(model: object): AnyModel {
  return metaOf(model).model
}

/** Gives instances of a model their attributes. */
function fillOf(model: object): ReturnType<typeof makeFill> {
  const definition = definitionOf(model)
  if (definition?.fill) return definition.fill
  const fill = makeFill(metaOf(model))
  definitionOf(model)!.fill = fill
  return fill
}

function metaOf(model: object): ModelMeta {
  const definition = definitionOf(model)
  if (definition?.bound) return definition.bound.meta
  const { name } = model as { name: string }
  if (definition === undefined || definition.abstract) {
    throw new ModelError(`${name || 'This class'} is abstract: it has fields, but no table.`, {
      code: 'db.abstract-model',
      hint: 'Use it as `extends` of a model.',
    })
  }
  throw new ModelError(`The model ${name || 'without a name'} belongs to no app.`, {
    code: 'db.model-not-in-app',
    hint: `List it in an app: defineApp({ name: 'library', root: import.meta.url, models: { ${name || 'Book'} } }), and import that app's file before using the model.`,
  })
}

function bind(model: ModelConstructor, app: string, name: string): void {
  const definition = definitionOf(model)!
  if (definition.abstract) {
    throw new ModelError(`${name} is abstract, and cannot be a model of the app ${app}.`, {
      code: 'db.abstract-model',
      hint: 'List the models that extend it.',
    })
  }
  if (definition.bound !== null) {
    const { app: before, name: nameBefore, model: modelBefore } = definition.bound
    if (before === app && nameBefore === name && modelBefore === (model as unknown)) return
    throw new ModelError(`The model ${before}.${nameBefore} is also listed as ${app}.${name}.`, {
      code: 'db.model-bound-twice',
      hint: 'A model belongs to one app, under one name.',
    })
  }
  const anyModel = model as unknown as AnyModel // every class made below is one
  definition.registry.register(`${app}.${name}`, anyModel)
  const meta =
    definition.proxyOf === null
      ? new Meta(definition, anyModel, app, name)
      : new ProxyMeta(definition, anyModel, app, name)
  definition.bound = { app, name, model: anyModel, meta }
}

function makeBase(definition: Definition): ModelConstructor {
  const parent = (definition.options.extends ?? ModelRoot) as ModelConstructor // AbstractModel() made it, from ModelRoot
  return class extends parent {
    static override readonly [DEFINITION] = definition
  }
}

function newDefinition(
  fields: Readonly<Record<string, unknown>>,
  options: DeclaredOptions,
  more: {
    readonly abstract?: boolean
    readonly autoCreated?: boolean
    readonly registry?: ModelRegistry
    readonly proxyOf?: object
  } = {},
): Definition {
  const { abstract = false, autoCreated = false, registry = live, proxyOf = null } = more
  return { fields, options, abstract, autoCreated, registry, proxyOf, bound: null, manager: undefined, fill: null }
}

/** A header as it is kept: with the field that an option adds. */
function declared(fields: AnyFields, options: object | undefined): [fields: AnyFields, options: DeclaredOptions] {
  const known = (options ?? {}) as DeclaredOptions // seen without its types
  return [known.orderWithRespectTo === undefined ? fields : { ...fields, [ROW_ORDER]: rowOrder() }, known]
}

/**
 * The base class of a model: `class Book extends Model<Book>()({ title: char({ maxLength: 200 }) }, { … }) {}`.
 * `Self` is the class itself, so that `Book.objects`, `Book.F` and `Book.Q` know its methods; `defineApp` refuses
 * another one. Relations are arrows around their builder.
 */
export function Model<Self>(): <
  F extends AnyFields,
  B extends AbstractModelClass = AbstractModelClass,
  const O extends ModelOptions<(keyof F | keyof B[typeof FIELDS] | 'id') & string> = {},
>(
  fields: F,
  options?: Header<F, B, O>,
) => ModelClass<Self, F, O> {
  // The types are computed from the arguments; the class is made when its meta is.
  return (fields, options) => makeBase(newDefinition(...declared(fields, options))) as never
}

/**
 * Fields and behaviour that several models share, without a table: `abstract class Timestamped extends
 * AbstractModel({ createdAt: dateTime({ autoNowAdd: true }) }) {}`, then `extends: Timestamped` in a model's options.
 * Keep it out of modules that import the models using it: `extends` is read while those are evaluated.
 */
export function AbstractModel<
  F extends AnyFields,
  B extends AbstractModelClass = AbstractModelClass,
  const O extends ModelOptions<(keyof F | keyof B[typeof FIELDS] | 'id') & string> = {},
>(fields: F, options?: Header<F, B, O>): AbstractBase<F, O> {
  return makeBase(newDefinition(...declared(fields, options), { abstract: true })) as never // as above
}

/**
 * The base class of a proxy: the rows of another model with other methods, another order, a manager, an entry in the
 * admin and permissions of its own. It has the fields and the table of that model, and nothing to migrate:
 *
 *     class Overdue extends ProxyModel<Overdue>()(Loan, { ordering: ['due'] }) {
 *       static override objects = new QuerySet(Overdue).filter({ returned: false })
 *       remind() { … }
 *     }
 *
 * Without `objects` of its own it has those of the model, which give instances of the proxy. A row of the one is a row of
 * the other: both may be assigned to relations of either, and `isSameRow()` says so.
 * @throws ModelError db.bad-proxy for what is no model, or abstract
 */
export function ProxyModel<Self>(): <M extends ModelTarget>(
  model: M,
  options?: ProxyOptions<keyof FieldsOf<M['prototype']> & string>,
) => ProxyClass<Self, M> {
  return (model, options) => {
    const of = definitionOf(model)
    if (of === undefined || of.abstract) {
      throw new ModelError(
        `A proxy stands for a model, not for ${(model as { name?: string }).name ?? String(model)}.`,
        {
          code: 'db.bad-proxy',
          hint: 'Give the model class: ProxyModel<Overdue>()(Loan). Abstract bases go with extends.',
        },
      )
    }
    const definition = newDefinition(of.fields, (options ?? {}) as DeclaredOptions, {
      registry: of.registry,
      proxyOf: model,
    })
    // Types see the class through ProxyClass; `model` was made by makeBase() or is a class over what it made.
    return proxyBase(model as unknown as ModelConstructor, definition) as never
  }
}

// biome-ignore-start lint/complexity/noThisInStatic: as in ModelRoot
function proxyBase(model: ModelConstructor, definition: Definition): ModelConstructor {
  return class extends model {
    static override readonly [DEFINITION] = definition

    static override get objects(): unknown {
      definition.manager ??= hook('createManager')(modelOf(this), model.objects)
      return definition.manager
    }
    static override set objects(value: unknown) {
      Object.defineProperty(this, 'objects', { value, writable: true, configurable: true, enumerable: true })
    }
  }
}
// biome-ignore-end lint/complexity/noThisInStatic: as in ModelRoot

/** A model as data: for historical models in migrations, and tables between. */
export interface ModelData {
  readonly app: string
  readonly name: string
  /** Declarations from `fieldBuilders`, or arrows that give them; relations may name their target by label. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly options?: DeclaredOptions
  /** Where it is registered; default a registry of its own. Never the live one by accident. */
  readonly registry: ModelRegistry
}

/** Makes a model from data. */
export function defineModel({ app, name, fields, options = {}, registry }: ModelData): AnyModel {
  return make(name, app, newDefinition(fields, options, { registry }))
}

function make(name: string, app: string, definition: Definition): AnyModel {
  const model = class extends makeBase(definition) {}
  Object.defineProperty(model, 'name', { value: name })
  bind(model, app, name)
  return model as unknown as AnyModel // bound just now
}
const makeBetween: MakeModel = ({ app, name, fields, options, like }) =>
  make(
    name,
    app,
    newDefinition(fields, options as DeclaredOptions, { autoCreated: true, registry: definitionOf(like)!.registry }),
  )
setMakeModel(makeBetween)
