/** From settings as written to settings as used. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App } from '../apps/define.ts'
import { assertSingleCopy } from '../std/copies.ts'
import { randomString } from '../std/crypto.ts'
import { SettingsError, type SettingsProblem } from './errors.ts'
import { FAILED, Reader } from './reader.ts'
import { redactSettings, rememberSecrets } from './redact.ts'
import { flag, isPlain, type Rule, readGroup, toPath } from './rules.ts'
import { SCHEMA } from './schema.ts'
import type { ResolvedSettings, Settings } from './settings.ts'

export interface BootOptions {
  /** The environment: `process.env`, or what a test wants. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The project's directory, where the settings do not say; default: where the process was started. */
  readonly root?: string
  /**
   * Told what is wrong, in place of a {@link SettingsError}: what cannot be read gets its default, so that other faults
   * can be looked for. For `nuages check`; nothing may be served from such settings.
   */
  readonly onProblems?: (problems: readonly SettingsProblem[]) => void
}

/**
 * Reads the environment, fills in defaults, checks everything and freezes it. Called once at start.
 * Apps' own settings are merged from their defaults under the app's name.
 *
 * @throws SettingsError conf.invalid-settings with every problem there is, never the first only
 * @throws ConfigurationError std.two-copies when two copies of the package are loaded
 */
export function boot(settings: Settings, options: BootOptions = {}): ResolvedSettings {
  assertSingleCopy()
  if (!isPlain(settings)) {
    throw new SettingsError([
      {
        setting: 'settings',
        variable: null,
        value: null,
        message: `must be an object, not ${settings === null ? 'null' : typeof settings}.`,
        hint: 'Write export default defineSettings({ … }) in your settings file.',
      },
    ])
  }
  const reader = new Reader(options.env ?? {}, rootOf(settings.root, options.root ?? process.cwd()))
  reader.debug = flag(false)(settings.debug, 'debug', reader)
  const resolved = readGroup<object>({ ...SCHEMA, ...appRules(settings) }, settings, '', reader) as ResolvedSettings // a value for each rule of the schema
  const whole: { -readonly [K in keyof ResolvedSettings]: ResolvedSettings[K] } = {
    ...resolved,
    languages: resolved.languages.length > 0 ? resolved.languages : Object.freeze([resolved.language]),
  }
  if (whole.sessions.sameSite === 'none' && whole.sessions.secure === false) {
    reader.problem('sessions.sameSite', 'must not be "none" while sessions.secure is false: browsers drop such cookies')
  }
  if (reader.problems.length > 0) {
    if (options.onProblems === undefined) throw new SettingsError(reader.problems)
    options.onProblems(reader.problems)
    if (whole.secretKey === '') whole.secretKey = randomString(50) // signs nothing that lasts
  }
  rememberSecrets(whole, reader.secrets)
  const shown = { value: () => redactSettings(whole) }
  // A console.log, the shell, a log in JSON: secrets are in none of them.
  Object.defineProperties(whole, { [Symbol.for('nodejs.util.inspect.custom')]: shown, toJSON: shown })
  return Object.freeze(whole)
}

function rootOf(written: unknown, fallback: string): string {
  if (typeof written !== 'string' || written === '') return fallback
  // A file's own URL means its directory.
  return written.startsWith('file:') && /\.[cm]?[jt]s$/.test(written)
    ? dirname(fileURLToPath(written))
    : toPath(written, fallback)
}

/** For each app that has settings, listed or required: a rule for `settings[app.name]` that knows its names and defaults. */
function appRules(settings: Settings): Record<string, Rule> {
  const rules: Record<string, Rule> = {}
  const seen = new Set<App>()
  const add = (apps: unknown): void => {
    for (const app of Array.isArray(apps) ? (apps as App[]) : []) {
      if (!isObject(app) || seen.has(app)) continue // the schema says what is wrong with it
      seen.add(app)
      add(app.requires)
      if (!isPlain(app.settings) || Object.keys(app.settings).length === 0 || Object.hasOwn(SCHEMA, app.name)) continue
      const own: Record<string, Rule> = {}
      for (const key of Object.keys(app.settings)) own[key] = anything(app.settings[key])
      rules[app.name] = (written, at, reader) => readGroup(own, written, at, reader)
    }
  }
  add(settings.apps)
  return rules
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** A value of an app's own setting: nothing is known but its default, whose type it must have. */
function anything(fallback: unknown): Rule {
  const wanted = typeof fallback
  return (written, at, reader) => {
    const found = resolveDeep(written === undefined ? fallback : written, at, reader)
    const simple = wanted === 'string' || wanted === 'number' || wanted === 'boolean'
    if (simple && typeof found !== wanted && found !== FAILED) reader.problem(at, `must be a ${wanted}`, found)
    return found
  }
}

/** Descriptors may stand anywhere in plain objects and lists. */
function resolveDeep(value: unknown, at: string, reader: Reader): unknown {
  const found = reader.resolve(value, at)
  if (Array.isArray(found)) return Object.freeze(found.map((item, i) => resolveDeep(item, `${at}.${i}`, reader)))
  if (!isPlain(found)) return found
  const entries = Object.entries(found).map(([key, item]) => [key, resolveDeep(item, `${at}.${key}`, reader)] as const)
  return Object.freeze(Object.fromEntries(entries))
}
