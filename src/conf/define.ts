import type { AppSettings, ResolvedSettings, Settings } from './settings.ts'

const SETTINGS: symbol = Symbol.for('nuages.settings')

/** The compile error for a key that is no setting. */
export interface UnknownSetting<Name> {
  readonly '~unknown setting': Name
}
type OnlyKnown<S> = { readonly [K in Exclude<keyof S, keyof Settings>]: UnknownSetting<K> } & {
  readonly [K in keyof S & (Group | keyof AppSettings)]?: OnlyNames<S[K], ResolvedSettings[K]>
}
/** Settings of the framework that are objects with names of their own. */
type Group = 'sessions' | 'csrf' | 'security' | 'limits' | 'auth'
/** Unknown names of a group are errors; an inferred type has no excess properties that TypeScript would see by itself. */
type OnlyNames<Given, Known> = { readonly [N in Exclude<keyof Given, keyof Known>]: UnknownSetting<N> }

/**
 * Declares settings: the default export of `settings.ts`. Gives them back as they are, with their precise type, so
 * that an overlay can spread them:
 *
 *     // settings/production.ts
 *     import base from './base.ts'
 *     export default defineSettings({ ...base, debug: false, allowedHosts: ['example.com'] })
 *
 * Nothing is read or checked yet; `boot` does that, once, at start.
 */
export function defineSettings<const S extends Settings>(settings: S & OnlyKnown<S>): S {
  // Hidden, so that a spread does not copy it: an overlay is declared by its own call.
  return Object.freeze(Object.defineProperty({ ...settings }, SETTINGS, { value: true }))
}

/** True for what {@link defineSettings} made, by any copy of the package. */
export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && SETTINGS in value
}
