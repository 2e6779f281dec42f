/** The one place that knows the package PGlite: what we use of it, and how it and its extensions are loaded. */
import { ConfigurationError } from '../../../std/errors.ts'

/** A message of the server. Which fields there are depends on `name`. */
export interface Message {
  readonly name: string
  /** Columns of a `rowDescription`, values of a `dataRow`. */
  readonly fields?: readonly unknown[]
  /** `SELECT 5`, of a `commandComplete`. */
  readonly text?: string
  /** Of a `copyData`. */
  readonly chunk?: Uint8Array
}
/** A server in this process. */
export interface Pglite {
  execProtocolStream(message: Uint8Array, options: { readonly syncToFs: boolean }): Promise<readonly Message[]>
  onNotification(callback: (channel: string, payload: string) => void): () => void
  close(): Promise<void>
}
/** Writes messages of PostgreSQL's protocol. */
export interface Serializer {
  query(text: string): Uint8Array
  parse(query: { readonly text: string; readonly name: string }): Uint8Array
  bind(config: { readonly statement: string; readonly values: readonly (string | null)[] }): Uint8Array
  describe(what: { readonly type: 'P' | 'S' }): Uint8Array
  execute(config: object): Uint8Array
  close(what: { readonly type: 'S'; readonly name: string }): Uint8Array
  sync(): Uint8Array
  copyData(chunk: Uint8Array): Uint8Array
  copyDone(): Uint8Array
}
/** An extension as its module exports it. */
export type PgliteExtension = Readonly<Record<string, unknown>>
/** The package `@electric-sql/pglite`, as far as it is used. */
export interface PgliteModule {
  readonly PGlite: {
    create(options: Readonly<Record<string, unknown>>): Promise<Pglite>
    readonly defaultStartParams: readonly string[]
  }
  readonly protocol: { readonly serialize: Serializer }
}

async function load(name: string): Promise<unknown> {
  return import(name) // by name: an optional peer, which nobody without PGlite installs
}
const isMissing = (error: unknown): boolean =>
  ['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes((error as NodeJS.ErrnoException).code ?? '')

/** @throws ConfigurationError db.driver-missing */
export async function loadPglite(): Promise<PgliteModule> {
  try {
    return (await load('@electric-sql/pglite')) as PgliteModule
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new ConfigurationError('PGlite is not installed.', {
      code: 'db.driver-missing',
      hint: 'Run: npm install @electric-sql/pglite',
      cause,
    })
  }
}

/** Where an extension's module is, and how it calls it: those that come with PGlite, or a package of its own. */
function modulesOf(name: string): readonly (readonly [module: string, exported: string])[] {
  const word = name.replaceAll('-', '_')
  if (word === 'vector') return [['@electric-sql/pglite-pgvector', word]]
  return [
    [`@electric-sql/pglite/contrib/${word}`, word],
    [`@electric-sql/pglite-${name}`, word],
  ]
}

/**
 * Extensions by the names that CREATE EXTENSION knows them by: `pg_trgm`, `vector`.
 * @throws ConfigurationError db.unknown-extension
 */
export async function loadExtensions(names: readonly string[]): Promise<Record<string, PgliteExtension>> {
  const found: Record<string, PgliteExtension> = {}
  for (const name of names) {
    let cause: unknown
    // Letters only: the name becomes part of a module's name, which must not lead elsewhere.
    for (const [module, exported] of /^[a-z][a-z0-9_-]*$/.test(name) ? modulesOf(name) : []) {
      try {
        found[exported] = ((await load(module)) as Record<string, PgliteExtension>)[exported]!
        break
      } catch (error) {
        if (!isMissing(error)) throw error
        cause = error
      }
    }
    if (Object.hasOwn(found, name.replaceAll('-', '_'))) continue
    throw new ConfigurationError(`PGlite has no extension ${JSON.stringify(name)}.`, {
      code: 'db.unknown-extension',
      hint: `Name one of those that come with PGlite, as pg_trgm, or install its package: npm install @electric-sql/pglite-${name === 'vector' ? 'pgvector' : name}`,
      cause,
    })
  }
  return found
}
