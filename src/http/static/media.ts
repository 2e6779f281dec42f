/** Files that visitors sent, served during development: nothing of them may run as a page of this site. */
import type { FileRange, FileStat } from '../../storage/backend.ts'
import { quoteEtag } from '../conditional.ts'
import { MethodNotAllowed, NotFound } from '../errors.ts'
import { attachment, contentTypeOf, rangeResponse } from '../files.ts'
import type { HttpRequest } from '../request.ts'
import type { HttpResponse } from '../response.ts'
import type { Middleware } from '../types.ts'
import { isPlainPath } from './find.ts'

/** What serving needs of a storage: a `FileStorage` is one. */
export interface MediaStorage {
  stat(name: string): Promise<FileStat | null>
  open(name: string, range?: FileRange): Promise<ReadableStream<Uint8Array>>
}

export interface MediaOptions {
  /** The setting mediaUrl: `/media/`. With another host in it nothing is served here. */
  readonly url: string
  /** Asked for at the first request. */
  readonly storage: () => MediaStorage | Promise<MediaStorage>
}

/** What a browser may show in a tab: it runs nothing. HTML, SVG, XML and what is not known are saved instead. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp|heic|heif|x-icon|vnd\.microsoft\.icon)|audio\/|video\/|text\/plain|application\/pdf)/

/**
 * Serves stored files under their URL, and leaves everything else to the next. For development: in production a server or
 * a bucket in front does it, better under another host name.
 *
 * Stored XSS: an uploaded page or drawing would run its scripts as this site, with the visitor's session. So what is no
 * plain picture, sound, film, text or PDF is an attachment; `nosniff` keeps its type what the ending says; and the policy
 * `sandbox` takes scripts and the site's origin from whatever is opened all the same.
 */
export function mediaFiles({ url, storage }: MediaOptions): Middleware {
  if (!url.startsWith('/') || url.startsWith('//')) return (request, next) => next(request)
  return function mediaFiles(request, next) {
    if (!request.target.startsWith(url)) return next(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new MethodNotAllowed(['GET', 'HEAD'])
    return answer(request, request.path.slice(url.length), storage)
  }
}

async function answer(request: HttpRequest, name: string, storage: MediaOptions['storage']): Promise<HttpResponse> {
  const files = isPlainPath(name) ? await storage() : null
  // A name that storages refuse is not there.
  const found = files && (await files.stat(name).catch(refused))
  if (!files || !found) {
    throw new NotFound(undefined, { hint: `No file ${JSON.stringify(name)} is in the storage behind mediaUrl.` })
  }
  const { size, modifiedAt } = found
  const type = contentTypeOf(name)
  const base = name.slice(name.lastIndexOf('/') + 1)
  const isShown = SHOWN.test(type)
  // A sandbox keeps browsers from showing PDF; what a PDF runs has no page's rights.
  const sandbox = type.startsWith('application/pdf') ? '' : '; sandbox'
  const validators = {
    etag: quoteEtag(`${size.toString(36)}-${modifiedAt.getTime().toString(36)}`),
    lastModified: modifiedAt,
  }
  async function* content(start: number, length: number) {
    yield* await files!.open(name, { start, length })
  }
  return rangeResponse(
    request,
    { name, size, validators, content },
    {
      contentType: type,
      headers: {
        'cache-control': 'no-cache',
        'content-disposition': attachment(base, isShown ? 'inline' : 'attachment'),
        'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'${sandbox}`,
        'x-content-type-options': 'nosniff',
      },
    },
  )
}

function refused(error: { readonly code?: string }): null {
  if (error.code === 'storage.unsafe-name') return null
  throw error
}
