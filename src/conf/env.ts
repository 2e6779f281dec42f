/**
 * `env.*`: settings that come from environment variables. What they give are plain frozen descriptions; nothing is
 * read until `boot`, so a settings file can be imported anywhere.
 */
import { resolve } from 'node:path'
import type { DatabaseConfig } from '../db/backends/backend.ts'
import { parseDatabaseUrl } from './database-url.ts'

const ENV: unique symbol = Symbol.for('nuages.env') as any // a registered symbol cannot be declared unique

/** A value to be read from the environment. Made by {@link env}, resolved by `boot`. */
export interface EnvDescriptor<T> {
  readonly [ENV]: true
  /** The variable: `DATABASE_URL`. */
  readonly name: string
  /** What it holds, for messages: `a database URL`. */
  readonly expects: string
  /** The value to use when the variable is not set; undefined when it must be set. */
  readonly fallback: T | undefined
  /** Hidden wherever settings are printed. */
  readonly secret: boolean
  /** A default written as the variable would be, and read like it. */
  readonly fallbackText: string | undefined
  /** The fallback counts only with `debug: true`. */
  readonly developmentOnly: boolean
  /** An empty variable is a value, not an absent one. */
  readonly allowEmpty: boolean
  /** Reads the text, or throws an Error whose message completes "…: must be". */
  readonly read: (text: string, context: EnvContext) => T
}

/** What reading may depend on. */
export interface EnvContext {
  /** The project's directory: relative paths start there. */
  readonly root: string
}

interface Options<T> {
  readonly fallback?: T | undefined
  readonly fallbackText?: string | undefined
  readonly secret?: boolean
  readonly developmentOnly?: boolean
  readonly allowEmpty?: boolean
}

function describe<T>(
  name: string,
  expects: string,
  read: EnvDescriptor<T>['read'],
  options: Options<T>,
): EnvDescriptor<T> {
  return Object.freeze({
    [ENV]: true,
    name,
    expects,
    fallback: options.fallback,
    fallbackText: options.fallbackText,
    secret: options.secret ?? false,
    developmentOnly: options.developmentOnly ?? false,
    allowEmpty: options.allowEmpty ?? false,
    read,
  } as const)
}

/** True for what {@link env} made. */
export function isEnvDescriptor(value: unknown): value is EnvDescriptor<unknown> {
  return typeof value === 'object' && value !== null && ENV in value
}

function fail(message: string): never {
  throw new RangeError(message)
}

const TRUE = new Set(['true', '1', 'yes', 'on'])
const FALSE = new Set(['false', '0', 'no', 'off'])

/**
 * Settings from the environment: `env.integer('PORT', 8000)`. Each takes the variable's name and a default; without
 * a default the variable must be set. An empty variable counts as not set, except for string and list.
 */
export const env = {
  /** Text as it is. */
  string(name: string, fallback?: string): EnvDescriptor<string> {
    return describe(name, 'text', (text) => text, { fallback, allowEmpty: true })
  },

  /**
   * Text that is never printed. The second argument is used with `debug: true` only: a key in the source is no secret.
   */
  secret(name: string, developmentValue?: string): EnvDescriptor<string> {
    return describe(name, 'a secret', (text) => text, {
      fallback: developmentValue,
      secret: true,
      developmentOnly: true,
    })
  },

  /** `true 1 yes on` or `false 0 no off`, in any case. */
  boolean(name: string, fallback?: boolean): EnvDescriptor<boolean> {
    const read = (text: string): boolean => {
      const word = text.trim().toLowerCase()
      return TRUE.has(word) ? true : FALSE.has(word) ? false : fail('true or false (also 1/0, yes/no, on/off)')
    }
    return describe(name, 'true or false', read, { fallback })
  },

  /** A whole number, optionally between `min` and `max`. */
  integer(
    name: string,
    fallback?: number,
    limits: { readonly min?: number; readonly max?: number } = {},
  ): EnvDescriptor<number> {
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = limits
    const read = (text: string): number => {
      if (!/^[+-]?\d{1,16}$/.test(text.trim())) fail('a whole number')
      const number = Number(text)
      return number >= min && number <= max ? number : fail(`a whole number between ${min} and ${max}`)
    }
    return describe(name, 'a whole number', read, { fallback })
  },

  /** A number. */
  number(name: string, fallback?: number): EnvDescriptor<number> {
    const read = (text: string): number => {
      const number = Number(text)
      return text.trim() !== '' && Number.isFinite(number) ? number : fail('a number')
    }
    return describe(name, 'a number', read, { fallback })
  },

  /** Items between commas, spaces around them dropped: `a.com, b.com`. An empty variable is an empty list. */
  list(name: string, fallback?: readonly string[]): EnvDescriptor<readonly string[]> {
    const read = (text: string): readonly string[] =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
    return describe(name, 'a list between commas', read, { fallback, allowEmpty: true })
  },

  /** One of a few words. */
  choice<const T extends string>(name: string, choices: readonly T[], fallback?: NoInfer<T>): EnvDescriptor<T> {
    const expects = `one of ${choices.join(', ')}`
    return describe(name, expects, (text) => choices.find((choice) => choice === text) ?? fail(expects), { fallback })
  },

  /** An absolute URL with a host: `https://example.com`. A password in it is hidden when printed. */
  url(name: string, fallback?: string): EnvDescriptor<string> {
    const read = (text: string): string => (URL.parse(text)?.host ? text : fail('a URL such as https://example.com'))
    return describe(name, 'a URL', read, { fallback })
  },

  /** An e-mail address, with or without a name: `Shop <shop@example.com>`. */
  email(name: string, fallback?: string): EnvDescriptor<string> {
    const read = (text: string): string => {
      const address = /<([^<>]*)>$/.exec(text.trim())?.[1] ?? text.trim()
      return /^[^\s@<>,]+@[^\s@<>,]+$/.test(address) && text.length <= 500 ? text.trim() : fail('an e-mail address')
    }
    return describe(name, 'an e-mail address', read, { fallback })
  },

  /** A file or directory; relative ones start at the project's root. */
  path(name: string, fallback?: string): EnvDescriptor<string> {
    return describe(name, 'a path', (text, { root }) => resolve(root, text), { fallbackText: fallback })
  },

  /** JSON. The type is believed. */
  json<T = unknown>(name: string, fallback?: T): EnvDescriptor<T> {
    const read = (text: string): T => {
      try {
        return JSON.parse(text) as T // the caller says what it holds
      } catch {
        return fail('JSON')
      }
    }
    return describe(name, 'JSON', read, { fallback })
  },

  /** A database URL: `sqlite:./db.sqlite3`, `postgres://user:password@host/name`. A password in it is hidden when printed. */
  database(name: string, fallback?: string): EnvDescriptor<DatabaseConfig> {
    const read = (text: string, { root }: EnvContext): DatabaseConfig => parseDatabaseUrl(text, root)
    return describe(name, 'a database URL', read, { fallbackText: fallback })
  },
}
Object.freeze(env)
