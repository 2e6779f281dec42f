import { quoteEtag } from '../conditional.ts'
import { MethodNotAllowed, NotFound } from '../errors.ts'
import { sliceResponse } from '../files.ts'
import type { HttpRequest } from '../request.ts'
import type { HttpResponse } from '../response.ts'
import type { Middleware } from '../types.ts'
import { type FoundFile, fileIn, findStatic, isPlainPath, type StaticDirectory } from './find.ts'
import type { StaticManifest } from './manifest.ts'

export interface StaticOptions {
  /** Where files are looked for without a manifest: first wins. */
  readonly dirs: readonly StaticDirectory[]
  /** The setting staticUrl; default `/static/`. With another host in it nothing is served here. */
  readonly url?: string
  /** The directory `collectStatic` filled; used with `manifest`. */
  readonly root?: string
  /** From `readManifest(root)`: only what it lists is served, hashed names for good. */
  readonly manifest?: StaticManifest | null
}

/** Hashed names never change their content. */
const FOREVER = 'public, max-age=31536000, immutable'
/** Ask each time; an ETag makes that cheap. */
const ASK = 'no-cache'

/**
 * Serves static files under their URL, and leaves everything else to the next. During development straight from the
 * directories of the apps; in production from the collected directory, by its manifest.
 */
export function staticFiles(options: StaticOptions): Middleware {
  const { url = '/static/', dirs, root, manifest } = options
  if (!url.startsWith('/') || url.startsWith('//')) return (request, next) => next(request)
  const find = root !== undefined && manifest ? collected(root, manifest) : fromDirectories(dirs)
  return function staticFiles(request, next) {
    if (!request.target.startsWith(url)) return next(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new MethodNotAllowed(['GET', 'HEAD'])
    return answer(request, request.path.slice(url.length), find)
  }
}

interface Served extends FoundFile {
  readonly etag: string
  readonly cacheControl: string
}
type Find = (path: string) => Promise<Served | null>

async function answer(request: HttpRequest, path: string, find: Find): Promise<HttpResponse> {
  const found = isPlainPath(path) ? await find(path) : null
  if (found === null) {
    throw new NotFound(undefined, {
      hint: `No static file ${JSON.stringify(path)}. They lie in the folder static/ of each app; \`nuages collectstatic\` gathers them for production.`,
    })
  }
  const validators = { etag: quoteEtag(found.etag), lastModified: found.modified }
  return sliceResponse(request, found.path, found.size, validators, {
    headers: { 'cache-control': found.cacheControl },
  })
}

function fromDirectories(dirs: readonly StaticDirectory[]): Find {
  return async (path) => {
    const found = await findStatic(dirs, path)
    return found && { ...found, etag: versionOf(found), cacheControl: ASK }
  }
}

/** By the manifest: a path that is not in it is not looked for on disk. */
function collected(root: string, manifest: StaticManifest): Find {
  const hashed = new Set(manifest.paths.values())
  const known = new Map<string, Served>()
  return async (path) => {
    const ready = known.get(path)
    if (ready) return ready
    const isHashed = hashed.has(path)
    if (!isHashed && !manifest.paths.has(path)) return null
    const found = await fileIn(root, path)
    if (found === null) return null
    const served = { ...found, etag: versionOf(found), cacheControl: isHashed ? FOREVER : ASK }
    if (isHashed) known.set(path, served)
    return served
  }
}

function versionOf({ size, modified }: FoundFile): string {
  return `${size.toString(36)}-${modified.getTime().toString(36)}`
}
