import { UrlPatternError } from './errors.ts'
import type { Part } from './pattern.ts'

/** Where a table keeps what it is made of; shared between copies of nuages, which `instanceof` would not be. */
export const TABLE: unique symbol = Symbol.for('nuages.urls.table')
/** Where a route keeps its definition. */
export const ROUTE: unique symbol = Symbol.for('nuages.urls.route')

/** What is behind the object that `routes()` gives. Its identity ties views and mounts to it. */
export interface Table {
  readonly entries: ReadonlyMap<string, RouteDefinition | Inclusion>
}
/** One name and its pattern. */
export interface RouteDefinition {
  readonly kind: 'route'
  readonly key: string
  readonly pattern: string
  readonly parts: readonly Part[]
  readonly table: Table
}
/** One table under a prefix of another. */
export interface Inclusion {
  readonly kind: 'include'
  readonly key: string
  readonly prefix: string
  readonly parts: readonly Part[]
  readonly owner: Table
  readonly table: Table
}
/** A route as one object names it: `root.library.bookDetail` knows that it is the one under `library`. */
export interface RouteReference {
  readonly definition: RouteDefinition
  /** The inclusions walked from the object's own table down to the definition's. */
  readonly chain: readonly Inclusion[]
}

/**
 * What is behind a table object.
 * @throws UrlPatternError urls.not-a-table
 */
export function tableOf(urls: unknown): Table {
  const table = urls !== null && typeof urls === 'object' ? (urls as { [TABLE]?: Table })[TABLE] : undefined
  if (table !== undefined) return table
  throw new UrlPatternError('include() was given something that is not a table of routes.', {
    code: 'urls.not-a-table',
    hint: 'Give it what routes({...}) returned. An app imported before its urls.ts had run is undefined here: import the table itself.',
  })
}

/** What is behind a route, or undefined for anything else. */
export function referenceOf(route: unknown): RouteReference | undefined {
  return typeof route === 'function' ? (route as { [ROUTE]?: RouteReference })[ROUTE] : undefined
}
