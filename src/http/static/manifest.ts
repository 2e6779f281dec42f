import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nearest } from '../../std/text.ts'
import { ServerError } from '../errors.ts'

/** Name of the manifest in the collected directory, and its format: Django's, version 1.1. */
export const MANIFEST = 'staticfiles.json'

/** Which hashed name each static file has. */
export interface StaticManifest {
  /** `geo/atlas.css` to `geo/atlas.1f3a9c0d2b4e.css` */
  readonly paths: ReadonlyMap<string, string>
}

/**
 * The manifest of a directory filled by `collectStatic`; null when there is none.
 * @throws ServerError http.static-bad-manifest
 */
export async function readManifest(root: string): Promise<StaticManifest | null> {
  let text: string
  try {
    text = await readFile(join(root, MANIFEST), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { paths } = JSON.parse(text) as { paths: Record<string, string> }
    return { paths: new Map(Object.entries(paths)) }
  } catch (cause) {
    throw new ServerError(`${join(root, MANIFEST)} cannot be read.`, {
      code: 'http.static-bad-manifest',
      hint: 'Run `nuages collectstatic` again; it writes the file anew.',
      cause,
    })
  }
}

/**
 * The function behind `{% static %}`: the URL of a static file by its path, hashed where there is a manifest.
 * @param url the setting staticUrl, such as `/static/` or `https://cdn.example.com/`
 */
export function staticUrls(url: string, manifest: StaticManifest | null): (path: string) => string {
  const known = new Map<string, string>()
  return (path) => {
    let found = known.get(path)
    if (found === undefined) {
      found = lookup(url, manifest, path)
      if (known.size < 10_000) known.set(path, found)
    }
    return found
  }
}

function lookup(url: string, manifest: StaticManifest | null, path: string): string {
  if (/^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(path)) return path
  const cut = path.search(/[?#]/)
  const name = (cut === -1 ? path : path.slice(0, cut)).replace(/^\/+/, '')
  const rest = cut === -1 ? '' : path.slice(cut)
  const hashed = manifest === null ? name : manifest.paths.get(name)
  if (hashed !== undefined) return url + encodeURI(hashed).replace(/[?#]/g, encodeURIComponent) + rest
  const near = nearest(name, manifest!.paths.keys())
  throw new ServerError(`There is no static file "${name}".`, {
    code: 'http.static-unknown',
    hint: `${near ? `Did you mean "${near}"? ` : ''}If it is new, run \`nuages collectstatic\`.`,
  })
}
