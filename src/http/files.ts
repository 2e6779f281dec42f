import { stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve, sep } from 'node:path'
import { lookup } from 'mrmime'
import { checkPreconditions, quoteEtag, readRange, type Validators } from './conditional.ts'
import { BadRequest, NotFound } from './errors.ts'
import type { HttpRequest } from './request.ts'
import { HttpResponse, type ResponseContent } from './response.ts'

export interface FileOptions {
  /** Default: by the name's ending, else `application/octet-stream`. */
  contentType?: string
  /** Quoted or not; default: made of size and time of change. */
  etag?: string
  /** Offers to save it, under this name; `true` for its own. */
  download?: string | boolean
  headers?: Readonly<Record<string, string>>
}

/**
 * A file from disk, as it is read: with type, size, ETag and Last-Modified; 304 where the client has it, 206 for a range.
 * The path is yours: for one that came with a request, use {@link safeJoin}.
 *
 *     return fileResponse(request, invoice.path, { download: `${invoice.number}.pdf` })
 *
 * @throws NotFound when it is not there, or not a file
 */
export async function fileResponse(
  request: HttpRequest,
  path: string,
  options: FileOptions = {},
): Promise<HttpResponse> {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw new NotFound()
  const etag = quoteEtag(options.etag ?? `${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}`)
  return sliceResponse(request, path, found.size, { etag, lastModified: found.mtime }, options)
}

/** The response for a file on disk whose size and validators are known. */
export function sliceResponse(
  request: HttpRequest,
  path: string,
  size: number,
  validators: Validators,
  options: FileOptions,
): HttpResponse {
  const content = (start: number, length: number) => ({ path, start, length })
  return rangeResponse(request, { name: path, size, validators, content }, options)
}

/** Something with a size, of which a part can be asked for. */
export interface Ranged {
  /** Says its type, and what it is saved under. */
  readonly name: string
  readonly size: number
  readonly validators: Validators
  readonly content: (start: number, length: number) => ResponseContent
}

/** The response for it: 304 where the client has it, 206 for a range. */
export function rangeResponse(
  request: HttpRequest,
  { name, size, validators, content }: Ranged,
  options: FileOptions,
): HttpResponse {
  const response = new HttpResponse(null, options.headers ? { headers: { ...options.headers } } : undefined)
  const { headers } = response
  if (validators.etag) headers.set('etag', validators.etag)
  if (validators.lastModified) headers.put('last-modified', validators.lastModified.toUTCString())
  headers.put('accept-ranges', 'bytes')
  const status = checkPreconditions(request, validators)
  if (status !== null) {
    response.status = status
    return response
  }
  if (!headers.has('content-type')) headers.set('content-type', options.contentType ?? contentTypeOf(name))
  if (options.download) {
    headers.set('content-disposition', attachment(options.download === true ? basename(name) : options.download))
  }
  const range = readRange(request, size, validators)
  if (range === 'unsatisfiable') {
    response.status = 416
    headers.put('content-range', `bytes */${size}`)
    return response
  }
  const start = range?.start ?? 0
  const length = range ? range.end - range.start + 1 : size
  if (range) {
    response.status = 206
    headers.put('content-range', `bytes ${range.start}-${range.end}/${size}`)
  }
  response.source = content(start, length)
  return response
}

/** The media type of a name: `text/css; charset=utf-8`. Unknown endings are bytes, which no browser runs. */
export function contentTypeOf(name: string): string {
  const type = lookup(name) ?? 'application/octet-stream'
  const text =
    type.startsWith('text/') || /^application\/(?:javascript|json|xml|.*\+json|.*\+xml)$|^image\/svg/.test(type)
  return text && !type.includes('charset') ? `${type}; charset=utf-8` : type
}

/**
 * The value of Content-Disposition that saves a file under a name, whatever is in the name: quotes, semicolons and line
 * breaks cannot end it (CVE-2022-36359), other alphabets go into the extended form.
 */
export function attachment(name: string, disposition: 'attachment' | 'inline' = 'attachment'): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are to go
  const clean = name.toWellFormed().replace(/[\x00-\x1f\x7f]/g, '')
  const plain = clean.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  if (plain === clean) return `${disposition}; filename="${plain}"`
  const escaped = encodeURIComponent(clean).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${disposition}; filename="${plain}"; filename*=UTF-8''${escaped}`
}

/**
 * Joins parts below a directory, and refuses to leave it. For names that came with a request.
 * @throws BadRequest http.suspicious-path for `..` out of it, absolute parts, NUL and backslashes
 */
export function safeJoin(base: string, ...parts: string[]): string {
  const root = resolve(base)
  const bad = parts.find((part) => part.includes('\0') || part.includes('\\') || isAbsolute(part))
  const path = bad === undefined ? resolve(root, join('.', ...parts)) : ''
  if (path === root || path.startsWith(root === sep ? sep : root + sep)) return path
  throw new BadRequest('The name leads out of the directory it belongs to.', { code: 'http.suspicious-path' })
}
