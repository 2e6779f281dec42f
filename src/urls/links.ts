import { nearest } from '../std/text.ts'
import { type CurrentMatch, chooseMount, currentMap, currentMatch, type Mount, matchOf } from './bind.ts'
import type { RouteReference } from './definitions.ts'
import { LinkError } from './errors.ts'
import type { CompiledParam } from './pattern.ts'
import type { ArgsAt, NameArg, UrlExtra } from './types.ts'

type Params = Readonly<Record<string, unknown>>
const noParams: Params = Object.freeze({})

/** The path of a route's link: what `urls.bookDetail({ year, slug })` does. */
export function writeLink(reference: RouteReference, params: Params = noParams, extra?: UrlExtra): string {
  const match = currentMatch()
  const mount = chooseMount(reference, currentMap(match), match)
  return writePath(mount, params, match) + writeExtra(extra)
}

/**
 * The path of a route by its name in the project's table, for templates and apps that do not import one another:
 * `reverse('library:bookDetail', { year: 2026, slug: 'nuages' }, { query: { page: 2 } })`.
 *
 * @throws LinkError urls.unknown-name; urls.missing-parameter, urls.unknown-parameter, urls.wrong-parameter; urls.not-bound
 */
export function reverse<const N extends string>(name: NameArg<N>, ...args: ArgsAt<N>): string {
  const [params, extra] = args as [params?: Params, extra?: UrlExtra] // UrlArgs, whatever the pattern
  return reverseName(name, params, extra)
}

/**
 * `reverse` for names that are not known when the project is compiled, such as those in templates. Accepts
 * parameters in the order of the pattern too, and `book-detail` or `book_detail` for `bookDetail`.
 *
 * @param request   the one being answered, where it is at hand; default: looked for
 */
export function reverseName(
  name: string,
  params: Params | readonly unknown[] = noParams,
  extra?: UrlExtra,
  request?: { readonly resolverMatch: object | null },
): string {
  const match = request === undefined ? currentMatch() : matchOf(request)
  const { byName } = currentMap(match)
  const mount =
    byName.get(name) ?? byName.get(name.replace(/[-_]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
  if (mount === undefined) {
    const near = nearest(name, byName.keys())
    throw new LinkError(`There is no URL named "${name}".`, {
      code: 'urls.unknown-name',
      hint: near
        ? `Did you mean "${near}"?`
        : 'Names are the keys of the tables given to routes(), joined by colons; `nuages listurls` shows them.',
    })
  }
  if (!Array.isArray(params)) return writePath(mount, params as Params, match) + writeExtra(extra)
  const whole = mount.prefixParams.size === 0 && params.length === mount.pattern.params.length
  const path = whole ? writeValues(mount, params) : writePath(mount, nameParams(mount, params, match), match)
  return path + writeExtra(extra)
}

/** Gives names to parameters given in order. Those of prefixes may be left out within a request under them. */
function nameParams(mount: Mount, values: readonly unknown[], match: CurrentMatch | undefined): Params {
  const all = mount.pattern.params
  const own = all.filter(({ name }) => inherited(mount, name, match) === undefined)
  const chosen = values.length === own.length ? own : all
  if (values.length > chosen.length) throw unknownParameter(mount, String(values[chosen.length]))
  return Object.fromEntries(values.map((value, index) => [chosen[index]!.name, value]))
}

/** {@link writePath} where every parameter is given, in order. */
function writeValues(mount: Mount, values: readonly unknown[]): string {
  let path = ''
  let next = 0
  for (const part of mount.pattern.parts) {
    path += typeof part === 'string' ? part : writeParam(mount, mount.pattern.params[next]!, values[next++])
  }
  return fromRoot(path)
}

function writePath(mount: Mount, params: Params, match: CurrentMatch | undefined): string {
  let path = ''
  let next = 0
  for (const part of mount.pattern.parts) {
    if (typeof part === 'string') {
      path += part
      continue
    }
    const param = mount.pattern.params[next++]!
    path += writeParam(mount, param, params[part.name] ?? inherited(mount, part.name, match))
  }
  for (const name in params) {
    if (params[name] === undefined || mount.pattern.params.some((param) => param.name === name)) continue
    throw unknownParameter(mount, name)
  }
  return fromRoot(path)
}

function fromRoot(path: string): string {
  const encoded = encodePath(path)
  // A path of two slashes would be read as another host: Django writes the second one escaped, and so do we.
  return encoded.startsWith('/') ? `/%2F${encoded.slice(1)}` : `/${encoded}`
}

function writeParam(mount: Mount, { name, converter }: CompiledParam, value: unknown): string {
  if (value === undefined || value === null) {
    const prefix = mount.prefixParams.get(name)
    throw new LinkError(`"${name}" is missing in ${place(mount)}.`, {
      code: 'urls.missing-parameter',
      hint: prefix
        ? `It belongs to the prefix "${prefix.prefix}", which is filled in only within a request under it: pass ${name}.`
        : `Pass ${name}.`,
    })
  }
  const text = converter.toUrl(value)
  if (typeof text === 'string' && converter.whole.test(text)) return text
  throw new LinkError(`${JSON.stringify(String(value))} does not fit <${converter.name}:${name}> in ${place(mount)}.`, {
    code: 'urls.wrong-parameter',
    hint: `It has to match ${converter.source} as a whole.`,
  })
}

function place(mount: Mount): string {
  return `the link to "${mount.name}" (${mount.pattern.text})`
}

function unknownParameter(mount: Mount, name: string): LinkError {
  const names = mount.pattern.params.map((param) => param.name)
  return new LinkError(`The link to "${mount.name}" (${mount.pattern.text}) has no parameter "${name}".`, {
    code: 'urls.unknown-parameter',
    hint: names.length ? `Its parameters: ${names.join(', ')}. For ?${name}=… use { query }.` : 'It has none.',
  })
}

/** A prefix's parameter, from the current request when that is under the same prefix. */
function inherited(mount: Mount, name: string, match: CurrentMatch | undefined): unknown {
  const inclusion = mount.prefixParams.get(name)
  return inclusion !== undefined && match?.mount.inclusions.includes(inclusion) ? match.params[name] : undefined
}

/** Keeps what RFC 3986 allows in a path, as Django does: `~!*'();:@$,` stay, `?#[]%` and all else are escaped. */
function encodePath(path: string): string {
  if (/^[\w\-./~]*$/.test(path)) return path
  return encodeURI(path.toWellFormed()).replace(/[?#]/g, (sign) => (sign === '?' ? '%3F' : '%23'))
}

function writeExtra(extra: UrlExtra | undefined): string {
  if (extra === undefined) return ''
  let text = ''
  if (extra.query) {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(extra.query)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, String(one))
    }
    const written = query.toString()
    if (written) text += `?${written}`
  }
  if (extra.hash) text += `#${encodeURI(extra.hash.toWellFormed()).replace(/#/g, '%23')}`
  return text
}
