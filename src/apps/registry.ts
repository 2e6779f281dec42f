/** The apps of a project, in order. */
import type { Check } from '../checks/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { nearest } from '../std/text.ts'
import { type App, isApp } from './define.ts'
import { AppError } from './errors.ts'

/** A model, and under which names it is known. */
export interface RegisteredModel {
  readonly app: App
  /** The key in the app's `models`. */
  readonly name: string
  /** `library.Book` */
  readonly label: string
  readonly model: AnyModel
}

/** The apps of a project and their models, in the order of the settings. Never changes. */
export class AppRegistry {
  readonly apps: readonly App[]
  readonly #byName = new Map<string, App>()
  readonly #models = new Map<string, RegisteredModel>()

  /**
   * @param onFault   told of an app that cannot be, which is then left out; without it that is thrown
   * @throws AppError apps.not-an-app, apps.duplicate-name when two apps have one name
   * @throws AppError apps.duplicate-model when one class belongs to two apps, or is listed twice
   */
  constructor(apps: readonly App[], onFault?: (error: AppError) => void) {
    const owners = new Map<AnyModel, string>()
    const kept: App[] = []
    for (const app of withRequired(apps)) {
      try {
        this.#addApp(app)
        kept.push(app)
        for (const [name, model] of Object.entries(app.models)) this.#addModel(app, name, model, owners)
      } catch (error) {
        if (onFault === undefined || !(error instanceof AppError)) throw error
        onFault(error)
      }
    }
    this.apps = Object.freeze(kept)
  }

  #addApp(app: App): void {
    if (!isApp(app)) {
      throw new AppError(`${String(app)} is not an app.`, {
        code: 'apps.not-an-app',
        hint: 'List what defineApp() gave. An undefined one is imported in a circle.',
      })
    }
    const other = this.#byName.get(app.name)
    if (other !== undefined) {
      if (other === app)
        throw new AppError(`The app ${JSON.stringify(app.name)} is listed twice.`, {
          code: 'apps.duplicate-name',
          hint: 'Remove the second from apps in your settings.',
        })
      throw new AppError(`Two apps are named ${JSON.stringify(app.name)}: ${other.root} and ${app.root}.`, {
        code: 'apps.duplicate-name',
        hint: 'Rename one of them: names are part of tables and permissions.',
      })
    }
    this.#byName.set(app.name, app)
  }

  #addModel(app: App, name: string, model: AnyModel, owners: Map<AnyModel, string>): void {
    const label = `${app.name}.${name}`
    const owner = owners.get(model)
    if (owner !== undefined) {
      throw new AppError(`One class is both ${owner} and ${label}.`, {
        code: 'apps.duplicate-model',
        hint: 'List it in one app, under one name.',
      })
    }
    owners.set(model, label)
    this.#models.set(label, Object.freeze({ app, name, label, model }))
  }

  /**
   * The app of that name.
   * @throws AppError apps.unknown-app
   */
  getApp(name: string): App {
    const app = this.#byName.get(name)
    if (app !== undefined) return app
    throw new AppError(`There is no app named ${JSON.stringify(name)}.`, {
      code: 'apps.unknown-app',
      hint: suggestion(name, this.#byName.keys(), 'Apps'),
    })
  }

  hasApp(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Every model, in order of apps and as listed in them. */
  models(): readonly RegisteredModel[] {
    return [...this.#models.values()]
  }

  /**
   * The model class of a label: `model('library.Book')`. Case of the model's name does not matter, as in Django.
   * @throws AppError apps.unknown-model
   */
  model(label: string): AnyModel {
    const exact = this.#models.get(label)
    if (exact !== undefined) return exact.model
    const lower = label.toLowerCase()
    for (const [known, { model }] of this.#models) if (known.toLowerCase() === lower) return model
    throw new AppError(`There is no model ${JSON.stringify(label)}.`, {
      code: 'apps.unknown-model',
      hint: suggestion(label, this.#models.keys(), 'Models'),
    })
  }

  /** The app that lists the model, or null. */
  appOf(model: AnyModel): App | null {
    for (const entry of this.#models.values()) if (entry.model === model) return entry.app
    return null
  }

  /** The checks of all apps, loaded where an app gives a thunk. A class not named as its key is told by db.E009. */
  async checks(): Promise<Check[]> {
    const all: Check[] = []
    for (const app of this.apps) {
      const { checks } = app
      all.push(...(typeof checks === 'function' ? (await checks()).default : checks))
    }
    return all
  }
}

/** The apps listed, each after those it requires and nobody listed. */
function withRequired(apps: readonly App[]): App[] {
  const listed = new Set(apps)
  const ordered: App[] = []
  const add = (app: App): void => {
    for (const each of isApp(app) ? app.requires : []) if (!listed.has(each) && !ordered.includes(each)) add(each)
    ordered.push(app)
  }
  for (const app of apps) add(app)
  return ordered
}

function suggestion(name: string, known: Iterable<string>, what: string): string {
  const names = [...known]
  const near = nearest(name, names)
  const list = names.length > 20 ? `${names.slice(0, 20).join(', ')} …` : names.join(', ') || 'none'
  return `${near === null ? '' : `Did you mean ${JSON.stringify(near)}? `}${what}: ${list}.`
}
