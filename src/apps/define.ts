/** `defineApp`: what an app adds to a project, in one place. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Check } from '../checks/index.ts'
import type { AppSettings } from '../conf/index.ts'
import type { CheckModel } from '../db/models/check-model.ts'
import type { AnyModel } from '../db/models/meta.ts'
import type { ViewsFor } from '../urls/types.ts'
import { AppError } from './errors.ts'

/** The brand of an app; registered, so that it is known across copies of the package. */
export const APP: symbol = Symbol.for('nuages.app')
/** Under this key a model class says whether an app that finds it in its module may have it: it is not abstract, and no other app's. */
export const MAY_BIND: symbol = Symbol.for('nuages.mayBind')
/** Under this key a model class takes its app's name and its own: `model[BIND](app, name)`. */
export const BIND: symbol = Symbol.for('nuages.bind')

/** What {@link defineApp} takes. `M`: the models, `U`: the table of routes, `N`: the name. */
export interface AppOptions<M, U, N extends string = string> {
  /** A short name, unique in the project: part of labels (`library.Book`), tables (`library_book`), permissions. */
  readonly name: N
  /** `import.meta.url` of the file: beside it lie `templates/`, `static/`, `migrations/`, `commands/` and `locale/`. */
  readonly root: string
  /** For people, in the language of the moment with `tLazy`; default: the name. */
  readonly verboseName?: string | { toString(): string }
  /** Apps this one cannot do without: put before it where the settings do not list them. */
  readonly requires?: readonly App[]
  /**
   * Model classes; the keys are their names. Or a whole module, `import * as models from './models.ts'`: every model it
   * exports, so that a new one needs no second line; whatever else it exports is left alone.
   */
  readonly models?: { readonly [K in keyof M]: M[K] & CheckModel<M[K]> }
  /** The app's routes, from its `urls.ts`. */
  readonly urls?: U
  /** Its views, one per route, same names: `() => import('./views.ts')`. */
  readonly views?: () => Promise<ViewsFor<NoInfer<U>>>
  /** Registers the admin of its models when loaded. */
  readonly admin?: () => Promise<unknown>
  /** Declares its tasks when loaded. */
  readonly tasks?: () => Promise<unknown>
  /** Commands besides the files in `commands/`. */
  readonly commands?: () => Promise<Readonly<Record<string, unknown>>>
  readonly checks?: readonly Check[] | (() => Promise<{ readonly default: readonly Check[] }>)
  /** Registers template tags and filters when loaded. */
  readonly templateTags?: () => Promise<unknown>
  /** Called once all apps are loaded, in order. A method, so that the project may be annotated with its type. */
  ready?(project: unknown): void | Promise<void>
  /**
   * Defaults of the app's own settings. A project writes others under the app's name, and the app reads what counts
   * from `project.settings[name]` in `ready()`. Their type is that of `AppSettings[name]`, where the app declares it.
   */
  readonly settings?: N extends keyof AppSettings ? AppSettings[N] : Readonly<Record<string, unknown>>
}

/** An app, as the framework sees it. */
export interface App {
  readonly name: string
  /** Absolute path of the app's directory. */
  readonly root: string
  readonly verboseName: string
  readonly requires: readonly App[]
  readonly models: Readonly<Record<string, AnyModel>>
  readonly urls: unknown
  readonly views: (() => Promise<object>) | null
  readonly admin: (() => Promise<unknown>) | null
  readonly tasks: (() => Promise<unknown>) | null
  readonly commands: (() => Promise<Readonly<Record<string, unknown>>>) | null
  readonly checks: readonly Check[] | (() => Promise<{ readonly default: readonly Check[] }>)
  readonly templateTags: (() => Promise<unknown>) | null
  readonly ready: ((project: unknown) => void | Promise<void>) | null
  readonly settings: Readonly<Record<string, unknown>>
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/

/**
 * Declares an app. Views are checked against the routes here, and models against each other:
 *
 *     export const library = defineApp({
 *       name: 'library', root: import.meta.url, models: { Author, Book }, urls,
 *       views: () => import('./views.ts'), admin: () => import('./admin.ts'),
 *     })
 *
 * From here on the models know their app and name. Nothing is imported yet.
 * @throws AppError apps.bad-name, apps.bad-root, apps.bad-model, apps.circular-import
 */
export function defineApp<const M extends object = {}, U = {}, const N extends string = string>(
  options: AppOptions<M, U, N>,
): App {
  const { name } = options
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new AppError(`${JSON.stringify(name)} is not a name for an app.`, {
      code: 'apps.bad-name',
      hint: 'Use lower case letters, digits and underscores, starting with a letter: it becomes part of table names.',
    })
  }
  const models = bindModels(name, options.models ?? {})
  const app: App = {
    name,
    root: directoryOf(name, options.root),
    get verboseName() {
      return String(options.verboseName ?? name)
    },
    requires: options.requires ?? [],
    models,
    urls: options.urls ?? null,
    views: options.views ?? null,
    admin: options.admin ?? null,
    tasks: options.tasks ?? null,
    commands: options.commands ?? null,
    checks: options.checks ?? [],
    templateTags: options.templateTags ?? null,
    ready: options.ready ?? null,
    settings: (options.settings ?? {}) as App['settings'], // an object: which names it has, boot reads
  }
  Object.defineProperty(app, APP, { value: true })
  return Object.freeze(app)
}

/** True for what {@link defineApp} made, by any copy of the package. */
export function isApp(value: unknown): value is App {
  return typeof value === 'object' && value !== null && APP in value
}

function bindModels(app: string, models: object): Readonly<Record<string, AnyModel>> {
  const bound: Record<string, AnyModel> = {}
  const whole = isModule(models)
  // Object.keys() would read the values, which a module that is still loading does not have.
  const keys = whole ? Reflect.ownKeys(models).filter((key) => typeof key === 'string') : Object.keys(models)
  for (const key of keys) {
    const model = exported(app, models, key)
    const bind: unknown = typeof model === 'function' ? Reflect.get(model, BIND) : undefined
    // Of a module the models count: not its query sets, abstract bases and helpers, nor a default export beside
    // the name, nor models of another app that it passes on.
    if (whole && (key === 'default' || typeof bind !== 'function' || !mayBind(model as AnyModel, app))) continue
    if (typeof bind !== 'function') {
      throw new AppError(`models.${key} of the app ${app} is not a model.`, {
        code: 'apps.bad-model',
        hint: `Write class ${key} extends Model<${key}>()({ … }) {}, and list the class itself.`,
      })
    }
    bind.call(model, app, key)
    bound[key] = model as AnyModel // it has the bind method, which only model classes have
  }
  return Object.freeze(bound)
}

function isModule(value: object): boolean {
  return Reflect.get(value, Symbol.toStringTag) === 'Module'
}

function mayBind(model: AnyModel, app: string): boolean {
  const ask: unknown = Reflect.get(model, MAY_BIND)
  return typeof ask !== 'function' || ask.call(model, app) === true
}

/** @throws AppError apps.circular-import: a module that is still being read has names without values */
function exported(app: string, models: object, key: string): unknown {
  try {
    return Reflect.get(models, key)
  } catch (cause) {
    throw new AppError(`models.${key} of the app ${app} is not there yet: its module is still loading.`, {
      code: 'apps.circular-import',
      hint: 'models.ts imports, directly or not, the file that calls defineApp. Move what it needs to a file of its own.',
      cause,
    })
  }
}

function directoryOf(app: string, root: unknown): string {
  if (typeof root === 'string' && root.startsWith('file:')) return dirname(fileURLToPath(root))
  if (typeof root === 'string' && root.startsWith('/')) return root
  throw new AppError(`The app ${app} does not say where it is: root is ${JSON.stringify(root)}.`, {
    code: 'apps.bad-root',
    hint: 'Write root: import.meta.url.',
  })
}
