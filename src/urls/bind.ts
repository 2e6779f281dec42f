import { currentRequest } from '../http/index.ts'
import { type Inclusion, type RouteDefinition, type RouteReference, type Table, tableOf } from './definitions.ts'
import { LinkError } from './errors.ts'
import { type CompiledPattern, compilePattern, type Part } from './pattern.ts'

/** A route where it is mounted: one definition has as many as there are includes leading to it. */
export interface Mount {
  /** `library:bookDetail` */
  readonly name: string
  readonly definition: RouteDefinition
  /** From the root down to the definition's table. */
  readonly inclusions: readonly Inclusion[]
  readonly pattern: CompiledPattern
  /** Parameters of the prefixes, with the inclusion each comes from. */
  readonly prefixParams: ReadonlyMap<string, Inclusion>
}

/** All routes of a root table, where they are. Made once per root. */
export interface UrlMap {
  readonly root: Table
  /** In the order they are tried. */
  readonly mounts: readonly Mount[]
  readonly byName: ReadonlyMap<string, Mount>
  readonly byDefinition: ReadonlyMap<RouteDefinition, readonly Mount[]>
}

const maps = new WeakMap<Table, UrlMap>()
let active: UrlMap | undefined

/**
 * Makes links work: says which table is the project's root. Called at start, through `createResolver`; the last call
 * counts, except within a request, whose links follow the table that resolved it.
 * @throws UrlPatternError when a pattern cannot be compiled
 */
export function bindRoutes(root: object): UrlMap {
  active = mapOf(root)
  return active
}

/** The map of a root table. */
export function mapOf(root: object): UrlMap {
  const table = tableOf(root)
  let map = maps.get(table)
  if (map === undefined) {
    map = build(table)
    maps.set(table, map)
  }
  return map
}

/** A request's match, as links read it. */
export interface CurrentMatch {
  readonly mount: Mount
  readonly map: UrlMap
  readonly params: Readonly<Record<string, unknown>>
}

/** The match of the current request, when a resolver of ours made it. */
export function currentMatch(): CurrentMatch | undefined {
  const request = currentRequest()
  return request === null ? undefined : matchOf(request)
}

/** The match of a request, when a resolver of ours made it. */
export function matchOf(request: { readonly resolverMatch: object | null }): CurrentMatch | undefined {
  const match = request.resolverMatch
  return match && 'mount' in match && 'map' in match ? (match as CurrentMatch) : undefined
}

/**
 * The map links are looked up in.
 * @throws LinkError urls.not-bound before start
 */
export function currentMap(match: CurrentMatch | undefined): UrlMap {
  const map = match?.map ?? active
  if (map !== undefined) return map
  throw new LinkError('A link was asked for before the project had started.', {
    code: 'urls.not-bound',
    hint: 'Links are known once the project is created: call them in functions, not while modules load. In a script, call bindRoutes(urls) first.',
  })
}

/** The names of all routes, `library:bookDetail`; null before there are any. */
export function routeNames(): readonly string[] | null {
  return active === undefined ? null : [...active.byName.keys()]
}

/**
 * Where a route is mounted, for a link asked for inside `match`: the only place; else the one the current request is
 * under.
 * @throws LinkError urls.not-included, urls.ambiguous-link
 */
export function chooseMount(reference: RouteReference, map: UrlMap, match: CurrentMatch | undefined): Mount {
  const all = map.byDefinition.get(reference.definition)
  if (all?.length === 1 && reference.chain.length === 0) return all[0]!
  const mounts = (all ?? []).filter((mount) => endsWith(mount.inclusions, reference.chain))
  const { key } = reference.definition
  if (mounts.length === 0) {
    throw new LinkError(`The route "${key}" (${reference.definition.pattern}) is not part of the project's URLs.`, {
      code: 'urls.not-included',
      hint: "Its table is not included anywhere: add it to the project's urls.ts with include('prefix/', urls).",
    })
  }
  // The root's own table is mounted once, as itself.
  const home = reference.chain[0]?.owner ?? reference.definition.table
  const here = home === map.root ? mounts.filter((mount) => mount.inclusions.length === reference.chain.length) : mounts
  if (here.length === 1) return here[0]!
  const near = match === undefined ? [] : nearestTo(match.mount, here)
  if (near.length === 1) return near[0]!
  throw new LinkError(`The route "${key}" is mounted at ${list(here.map((mount) => mount.pattern.text))}.`, {
    code: 'urls.ambiguous-link',
    hint: `Outside a request under one of them, name the one you mean: reverse("${here[0]!.name}", ...) or the link of the project's own table.`,
  })
}

/** The mounts that share the most includes with the request's route; none where they share nothing. */
function nearestTo(current: Mount, candidates: readonly Mount[]): readonly Mount[] {
  const shared = candidates.map(({ inclusions }) => {
    const differs = inclusions.findIndex((inclusion, index) => current.inclusions[index] !== inclusion)
    return differs === -1 ? inclusions.length : differs
  })
  const most = Math.max(...shared)
  return most === 0 ? [] : candidates.filter((_, index) => shared[index] === most)
}

function endsWith(inclusions: readonly Inclusion[], chain: readonly Inclusion[]): boolean {
  const start = inclusions.length - chain.length
  return start >= 0 && chain.every((inclusion, index) => inclusions[start + index] === inclusion)
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function build(root: Table): UrlMap {
  const mounts: Mount[] = []
  const byName = new Map<string, Mount>()
  const byDefinition = new Map<RouteDefinition, Mount[]>()
  const walk = (table: Table, inclusions: readonly Inclusion[], prefix: readonly Part[]): void => {
    for (const entry of table.entries.values()) {
      if (entry.kind === 'include') {
        walk(entry.table, [...inclusions, entry], [...prefix, ...entry.parts])
        continue
      }
      const mount: Mount = {
        name: [...inclusions.map((inclusion) => inclusion.key), entry.key].join(':'),
        definition: entry,
        inclusions,
        pattern: compilePattern([...prefix, ...entry.parts]),
        prefixParams: paramsOfPrefixes(inclusions),
      }
      mounts.push(mount)
      byName.set(mount.name, mount)
      byDefinition.set(entry, [...(byDefinition.get(entry) ?? []), mount])
    }
  }
  walk(root, [], [])
  return { root, mounts, byName, byDefinition }
}

function paramsOfPrefixes(inclusions: readonly Inclusion[]): ReadonlyMap<string, Inclusion> {
  const params = new Map<string, Inclusion>()
  for (const inclusion of inclusions) {
    for (const part of inclusion.parts) if (typeof part !== 'string') params.set(part.name, inclusion)
  }
  return params
}
