/** Settings made fit for printing. */
import type { ResolvedSettings } from './settings.ts'

export const HIDDEN = '********'
const SECRET_NAME =
  /(?:secret|password|passwd|token|credentials?|signature|api_?key|private_?key|secret_?key|secretKeyFallbacks)$/i

/** Paths of values that came from `env.secret`, by what boot gave. */
const secretPaths = new WeakMap<object, ReadonlySet<string>>()

/** Remembers which values of `settings` are secret whatever their names. */
export function rememberSecrets(settings: object, paths: ReadonlySet<string>): void {
  secretPaths.set(settings, paths)
}

/** True for names and paths of things not to be shown: `secretKey`, `shop.stripeApiKey`, `secretKeyFallbacks.0`. */
export function isSecretName(path: string): boolean {
  return SECRET_NAME.test(path.replace(/(?:\.\d+)+$/, ''))
}

/** `text` with the password of a URL in it hidden, to the last `@`: one that was not escaped may hold `@` and `/` itself. */
export function hidePassword(text: string): string {
  return text.replace(/(:\/\/[^\s:@/?#"]*):[^\s"]*@/g, `$1:${HIDDEN}@`)
}

/**
 * A copy of settings to print, log or show on a debug page: secrets are `********` (by name, because they came from
 * `env.secret`, or as the password of a URL), apps are their names, functions their names.
 */
export function redactSettings(
  settings: ResolvedSettings | Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const secrets = secretPaths.get(settings) ?? new Set<string>()
  return redactObject(settings, '', secrets)
}

function redactObject(value: object, at: string, secrets: ReadonlySet<string>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const path = at === '' ? key : `${at}.${key}`
    const hidden = (secrets.has(path) || isSecretName(key)) && !isEmpty(item)
    out[key] = hidden ? HIDDEN : redact(item, path, secrets)
  }
  return out
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

function redact(value: unknown, at: string, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return hidePassword(value)
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  if (Array.isArray(value)) return value.map((item, i) => redact(item, `${at}.${i}`, secrets))
  if (typeof value !== 'object' || value === null) return value
  if (Symbol.for('nuages.app') in value) return (value as { readonly name?: unknown }).name // the brand of an app, which has a name
  const plain = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null
  return plain ? redactObject(value, at, secrets) : String(value)
}
