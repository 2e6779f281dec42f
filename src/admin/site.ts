/** The registry: which models the admin shows, and how. */
import type { App } from '../apps/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { AdminError } from './errors.ts'
import { type AdminOptions, type ComputedColumn, type ModelAdmin, type RawOptions, resolveOptions } from './options.ts'

const registered = new Map<AnyModel, ModelAdmin>()
const hidden = new Set<AnyModel>()

export const registrar: Admin = {
  register(model, options) {
    const known = model as unknown as AnyModel // the constraint is the typed side of the same class
    if (registered.has(known))
      throw new AdminError(`${known.meta.label} is registered in the admin twice.`, {
        code: 'admin.registered-twice',
        hint: 'Keep one admin.register() call per model; an app may import another app’s registration and unregister it.',
      })
    hidden.delete(known)
    registered.set(known, resolveOptions(known, (options ?? {}) as RawOptions)) // typed for the writer, read by name here
  },
  unregister(model) {
    registered.delete(model as unknown as AnyModel)
    hidden.add(model as unknown as AnyModel)
  },
}

export interface Admin {
  /**
   * Says how a model appears. A project's own models appear without it.
   *
   *     admin.register(Book, { list: ['title', 'author__name'], filters: ['status'], search: ['title'] })
   *
   * @throws AdminError admin.registered-twice
   */
  register<
    M extends { readonly prototype: object },
    const L extends readonly string[] = readonly string[],
    const F extends readonly string[] = readonly string[],
    const S extends readonly string[] = readonly string[],
    const O extends readonly string[] = readonly string[],
    C extends Record<string, ComputedColumn<M['prototype']>> = {},
  >(model: M, options?: AdminOptions<M['prototype'], L, F, S, O, C>): void
  /** Takes a model out of the admin. */
  unregister(model: { readonly prototype: object }): void
}

/** Apps of the framework show only what they register; a project's own apps show everything. */
const ownApps = new Set(['admin', 'auth', 'contenttypes', 'sessions'])

/** The admin of a model, or null when it is not shown. */
export function adminOf(model: AnyModel): ModelAdmin | null {
  const found = registered.get(model)
  if (found) return found
  if (hidden.has(model) || model.meta.autoCreated || ownApps.has(model.meta.app) || model.meta.app === '') return null
  const made = resolveOptions(model, {})
  registered.set(model, made)
  return made
}

/** What the admin shows, app by app, in the order of the settings. */
export function shownModels(apps: Iterable<App>): { app: App; admins: ModelAdmin[] }[] {
  const groups: { app: App; admins: ModelAdmin[] }[] = []
  for (const app of apps) {
    const admins = Object.values(app.models)
      .map(adminOf)
      .filter((found) => found !== null)
    if (admins.length) groups.push({ app, admins })
  }
  return groups
}

/** Models registered by a call, for the checks. */
export function registrations(): readonly ModelAdmin[] {
  return [...registered.values()]
}

/** Where the admin finds the project's apps: set by the project when it starts. */
let apps: Iterable<App> = []
let title = 'Administration'
export function configureAdmin(options: { readonly apps: Iterable<App>; readonly title?: string }): void {
  apps = options.apps
  title = options.title ?? 'Administration'
}
export function projectApps(): Iterable<App> {
  return apps
}
export function siteTitle(): string {
  return title
}
