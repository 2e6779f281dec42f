import type { Resolver, ResolverMatch } from '../http/index.ts'
import { bindRoutes, type Mount, mapOf, type UrlMap } from './bind.ts'
import { type Table, tableOf } from './definitions.ts'
import { type BindingProblem, ViewBindingError } from './errors.ts'
import { MAX_PATH, Matcher } from './matcher.ts'
import { type BoundView, boundTo } from './view.ts'

type Params = Readonly<Record<string, unknown>>
const noParams: Params = Object.freeze({})

/** Which route answers a request, and with which parameters; `request.resolverMatch`. */
export class RouteMatch implements ResolverMatch {
  readonly view: BoundView
  readonly params: Params
  readonly name: string
  readonly pattern: string
  /** @internal what links within the request need */
  readonly mount: Mount
  /** @internal */
  readonly map: UrlMap

  constructor(view: BoundView, params: Params, mount: Mount, map: UrlMap) {
    this.view = view
    this.params = params
    this.name = mount.name
    this.pattern = mount.pattern.text
    this.mount = mount
    this.map = map
  }

  /** The tables walked: `['shop', 'reviews']` for `shop:reviews:detail`. */
  get namespaces(): readonly string[] {
    return this.mount.inclusions.map((inclusion) => inclusion.key)
  }
}

/** The views of each table: `[app.urls, await app.views()]`, as `defineApp` names them. */
export type TableViews = Iterable<readonly [table: object, views: object]>

/**
 * Joins a project's table with its views, once at start: checks that every route has its view, makes links work, and
 * compiles the patterns.
 *
 * @param root what the project's urls.ts exports
 * @param views for each table its views; a table included twice is named once
 * @throws ViewBindingError urls.missing-views listing every route without a view and every view bound elsewhere
 * @throws UrlPatternError
 */
export function createResolver(root: object, views: TableViews): RouteResolver {
  const byTable = new Map<Table, Record<string, unknown>>()
  for (const [table, exported] of views) {
    const key = tableOf(table)
    byTable.set(key, { ...byTable.get(key), ...exported })
  }
  const map = bindRoutes(root)
  const problems = new Map<string, BindingProblem>()
  const bound = map.mounts.map((mount) => viewOf(mount, byTable, problems))
  if (problems.size > 0) {
    throw new ViewBindingError(
      `The URLs do not fit their views:\n${[...problems.values()].map(({ message }) => `  - ${message}`).join('\n')}`,
      {
        code: 'urls.missing-views',
        problems: [...problems.values()],
        hint: 'Each route needs an exported view of the same name: export const bookList = urls.bookList.view(async (request) => ...). Where a whole app has none: its app is missing in `apps` of the settings, or `urls` and `views` in its defineApp().',
      },
    )
  }
  return new RouteResolver(map, bound as BoundView[]) // complete, or the lines above threw
}

function viewOf(
  mount: Mount,
  views: ReadonlyMap<Table, Record<string, unknown>>,
  problems: Map<string, BindingProblem>,
): BoundView | undefined {
  const { key, table, pattern } = mount.definition
  const view = views.get(table)?.[key]
  const route = boundTo(view)
  if (route === mount.definition) return view as BoundView
  const problem = (message: string) => problems.set(message, { route: mount.name, message })
  if (view === undefined) problem(`"${mount.name}" (${mount.pattern.text}) has no view`)
  else if (route === undefined) problem(`the view of "${mount.name}" is not bound to it: write urls.${key}.view(...)`)
  else
    problem(
      `the view exported as "${key}" is bound to another route, "${route.key}" (${route.pattern}, not ${pattern})`,
    )
  return undefined
}

/** Finds views for paths; see {@link createResolver}. */
export class RouteResolver implements Resolver {
  readonly #map: UrlMap
  readonly #views: readonly BoundView[]
  readonly #matcher: Matcher
  /** Routes without parameters always give the same match. */
  readonly #fixed: readonly (RouteMatch | undefined)[]

  constructor(map: UrlMap, views: readonly BoundView[]) {
    this.#map = map
    this.#views = views
    this.#matcher = new Matcher(map.mounts.map((mount) => mount.pattern))
    this.#fixed = map.mounts.map((mount, index) =>
      mount.pattern.literal === undefined ? undefined : new RouteMatch(views[index]!, noParams, mount, map),
    )
  }

  /**
   * The first route that matches a percent-decoded path, such as `/books/2026/nuages/`; null when none does.
   * Paths of more than 4,096 characters match no route with parameters.
   */
  match(path: string): RouteMatch | null {
    const known = this.#matcher.literal(path)
    if (known !== undefined) return this.#fixed[known]!
    if (path.length > MAX_PATH || path.charCodeAt(0) !== 47) return null
    for (const { index, pattern } of this.#matcher.candidates(path)) {
      const found = pattern.regex.exec(path)
      if (found === null) continue
      const fixed = this.#fixed[index]
      if (fixed !== undefined) return fixed
      const params: Record<string, unknown> = {}
      let refused = false
      for (const { name, converter, group } of pattern.params) {
        const text = found[group]!
        const value = converter.toValue === undefined ? text : converter.toValue(text)
        if (value === undefined) refused = true
        params[name] = value
      }
      if (!refused) return new RouteMatch(this.#views[index]!, params, this.#map.mounts[index]!, this.#map)
    }
    return null
  }

  patterns(): readonly string[] {
    return this.#map.mounts.map((mount) => mount.pattern.text)
  }

  /** Every route with its view, for `listurls`. */
  routes(): readonly ListedRoute[] {
    return this.#map.mounts.map((mount, index) => ({ ...listed(mount), view: viewName(this.#views[index]!) }))
  }
}

/** A line of `listurls`. */
export interface ListedRoute {
  /** `library:bookDetail` */
  readonly name: string
  /** `/library/books/<int:id>/` */
  readonly pattern: string
  readonly params: readonly string[]
  /** The view, with its guard: `loginRequired → bookEdit`; undefined where only the table is known. */
  readonly view: string | undefined
}

/** All routes of a root table, in the order they are tried. */
export function listRoutes(root: object): readonly ListedRoute[] {
  return mapOf(root).mounts.map(listed)
}

function listed(mount: Mount): ListedRoute {
  const params = mount.pattern.params.map((param) => param.name)
  return { name: mount.name, pattern: mount.pattern.text, params, view: undefined }
}

function viewName(view: BoundView): string {
  return view.guard ? `${view.guard.name || 'guard'} → ${view.name}` : view.name
}
