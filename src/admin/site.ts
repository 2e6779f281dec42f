/** The registry: which models the admin shows, and how. */
import type { App } from '../apps/index.ts'
import type { AnyModel } from '../db/models/meta.ts'
import { t } from '../i18n/index.ts'
import { AdminError } from './errors.ts'
import { type ModelAdmin, type RawOptions, resolveOptions } from './model-admin.ts'
import type { AdminOptions } from './options.ts'

const registered = new Map<AnyModel, ModelAdmin>()
/** Models that appear without a registration, with the defaults. */
const automatic = new Map<AnyModel, ModelAdmin>()
const hidden = new Set<AnyModel>()

/** The registration side of {@link Admin}. */
export const registrar: Admin = {
  register(model, options) {
    const known = model as unknown as AnyModel // the constraint is the typed side of the same class
    if (registered.has(known))
      throw new AdminError(`${known.meta.label} is registered in the admin twice.`, {
        code: 'admin.registered-twice',
        hint: 'Keep one admin.register() call per model. To replace the registration of another app, call admin.unregister() first.',
      })
    hidden.delete(known)
    registered.set(known, resolveOptions(known, (options ?? {}) as RawOptions)) // typed for the writer, read by name here
  },
  unregister(model) {
    const known = model as unknown as AnyModel // as above
    registered.delete(known)
    hidden.add(known)
  },
}

/** Where models are registered. */
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
    const C extends string = never,
    const X = {},
    const D = undefined,
  >(model: M, options?: AdminOptions<M['prototype'], L, F, S, O, C, X, D>): void
  /** Takes a model out of the admin. */
  unregister(model: { readonly prototype: object }): void
}

/** Apps of the framework show only what they register; a project's own apps show everything. */
const frameworkApps: ReadonlySet<string> = new Set(['admin', 'auth', 'contenttypes', 'sessions'])

/** Whether a model is the framework's or made by it: it has no rules of the project. */
export function isFramework(model: AnyModel): boolean {
  return model.meta.autoCreated || frameworkApps.has(model.meta.app)
}

/** The admin of a model, or null when it is not shown. */
export function adminOf(model: AnyModel): ModelAdmin | null {
  const found = registered.get(model)
  if (found) return found
  if (hidden.has(model) || isFramework(model)) return null
  const made = automatic.get(model) ?? resolveOptions(model, {})
  automatic.set(model, made)
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

/** What the admin is told by the project when it starts. */
export interface AdminSettings {
  readonly apps: Iterable<App>
  /** Shown at the top; default "Administration". */
  readonly title?: string | null
  /** Where "View site" leads; default `/`. */
  readonly siteUrl?: string
}
let configured: AdminSettings = { apps: [] }

/** Called once at start, by the project. */
export function configureAdmin(settings: AdminSettings): void {
  configured = settings
}
/** The project's apps, in order. */
export function projectApps(): Iterable<App> {
  return configured.apps
}
/** The title of the site. */
export function siteTitle(): string {
  return configured.title ?? t('Administration')
}
/** The address of the public site. */
export function siteUrl(): string {
  return configured.siteUrl ?? '/'
}
