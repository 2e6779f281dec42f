/** Reading one settings object: values out of descriptors, problems into one list. */
import { type EnvDescriptor, isEnvDescriptor } from './env.ts'
import type { SettingsProblem } from './errors.ts'
import { HIDDEN, hidePassword, isSecretName } from './redact.ts'

/** What stands for a value that could not be had; its problem is noted already. */
export const FAILED: unique symbol = Symbol('failed')

export class Reader {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly root: string
  readonly problems: SettingsProblem[] = []
  /** Paths of values from `env.secret`. */
  readonly secrets = new Set<string>()
  /** Settled first, as other defaults depend on it. */
  debug = false
  readonly #variables = new Map<string, EnvDescriptor<unknown>>()

  constructor(env: Readonly<Record<string, string | undefined>>, root: string) {
    this.env = env
    this.root = root
  }

  /** The value at `at`: read from the environment if it is a descriptor, else itself. FAILED after noting a problem. */
  resolve(value: unknown, at: string): unknown {
    if (!isEnvDescriptor(value)) return value
    this.#variables.set(at, value)
    if (value.secret) this.secrets.add(at)
    const text = this.env[value.name]
    if (text !== undefined && (text !== '' || value.allowEmpty)) return this.#read(value, text, at)
    if (value.fallback !== undefined || value.fallbackText !== undefined) {
      if (value.developmentOnly && !this.debug) {
        this.problem(at, 'is not set; the value in the settings file counts only with debug: true')
        return FAILED
      }
      return value.fallbackText === undefined ? value.fallback : this.#read(value, value.fallbackText, at)
    }
    this.problem(at, `is not set: expected ${value.expects}`)
    return FAILED
  }

  #read(descriptor: EnvDescriptor<unknown>, text: string, at: string): unknown {
    try {
      return descriptor.read(text, { root: this.root })
    } catch (error) {
      this.problem(at, `must be ${(error as Error).message}`, text)
      return FAILED
    }
  }

  /** Notes what is wrong at a path. `value` is shown, unless it is secret. */
  problem(at: string, message: string, value?: unknown, hint?: string): void {
    const variable = this.#variableOf(at)
    const secret = variable?.secret === true || isSecretName(at)
    this.problems.push({
      setting: at,
      variable: variable?.name ?? null,
      value: value === undefined ? null : secret ? HIDDEN : show(value),
      message: /[.!?]$/.test(message) ? message : `${message}.`,
      hint: hint ?? whereToSet(at, variable),
    })
  }

  /** The variable that the value at a path, or what it is part of, came from. */
  #variableOf(at: string): EnvDescriptor<unknown> | undefined {
    for (let path = at; path !== ''; path = path.slice(0, Math.max(path.lastIndexOf('.'), 0))) {
      const found = this.#variables.get(path)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function whereToSet(at: string, variable: EnvDescriptor<unknown> | undefined): string {
  const here = `${at} in your settings file.`
  return variable === undefined ? `Set ${here}` : `Set the environment variable ${variable.name}, or ${here}`
}

function show(value: unknown): string {
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  let text: string
  try {
    text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value))
  } catch {
    text = String(value)
  }
  const safe = hidePassword(text)
  return safe.length > 100 ? `${safe.slice(0, 100)}…` : safe
}
