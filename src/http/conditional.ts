/**
 * Conditional requests (RFC 9110, 13) and single byte ranges (14): what a cache asks with If-None-Match and the like.
 */

/** What a client may hold already. */
export interface Validators {
  /** Quoted: `"abc"`, or `W/"abc"` for one that promises less than equal bytes. */
  readonly etag?: string | null
  readonly lastModified?: Date | null
}

/** Where headers of a request are read from: an `HttpRequest`. */
export interface Preconditions {
  readonly method: string
  header(name: string): string | undefined
}

/** The entity tags of an If-Match or If-None-Match header; what is not one is left out. */
export function parseEtags(header: string): readonly string[] {
  if (header.trim() === '*') return ['*']
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}

/** An entity tag as it is sent; one that is already quoted stays. */
export function quoteEtag(tag: string): string {
  return /^(?:W\/)?"[^"]*"$/.test(tag) ? tag : `"${tag}"`
}

/**
 * Whether a request is answered without content: 304 when the client has it already, 412 when it wants to change
 * something else than there is; null to answer as usual. In the order of RFC 9110, 13.2.2.
 */
export function checkPreconditions(request: Preconditions, { etag, lastModified }: Validators): 304 | 412 | null {
  const seconds = lastModified ? Math.floor(lastModified.getTime() / 1000) : null
  const read = request.method === 'GET' || request.method === 'HEAD'
  const ifMatch = request.header('if-match')
  const ifNoneMatch = request.header('if-none-match')
  if (ifMatch !== undefined) {
    if (!matchesStrongly(etag, parseEtags(ifMatch))) return 412
  } else {
    const date = httpDate(request.header('if-unmodified-since'))
    if (date !== null && (seconds === null || seconds > date)) return 412
  }
  if (ifNoneMatch !== undefined) {
    if (matchesWeakly(etag, parseEtags(ifNoneMatch))) return read ? 304 : 412
  } else if (read) {
    const date = httpDate(request.header('if-modified-since'))
    if (date !== null && seconds !== null && seconds <= date) return 304
  }
  return null
}

function matchesStrongly(etag: string | null | undefined, tags: readonly string[]): boolean {
  if (!etag) return false
  return tags[0] === '*' || (!etag.startsWith('W/') && tags.includes(etag))
}

function matchesWeakly(etag: string | null | undefined, tags: readonly string[]): boolean {
  if (!etag) return false
  const bare = (tag: string) => (tag.startsWith('W/') ? tag.slice(2) : tag)
  return tags[0] === '*' || tags.some((tag) => bare(tag) === bare(etag))
}

/** Seconds since 1970 of an HTTP date; null for anything else. */
function httpDate(text: string | undefined): number | null {
  if (text === undefined || !/^[A-Z][a-z]+,? [\w: -]+(?:GMT)?$/.test(text)) return null
  const time = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`)
  return Number.isNaN(time) ? null : Math.floor(time / 1000)
}

/** A range of bytes, both ends included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range a request asks for: null to send everything (no range, several, or one for a version that is gone),
 * `unsatisfiable` to answer 416.
 */
export function readRange(
  request: Preconditions,
  size: number,
  validators: Validators,
): ByteRange | 'unsatisfiable' | null {
  const header = request.header('range')
  if (header === undefined || request.method !== 'GET') return null
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header)
  if (match === null || (match[1] === '' && match[2] === '')) return null
  if (!isCurrent(request.header('if-range'), validators)) return null
  if (match[1] === '') {
    const length = Number(match[2])
    if (length === 0 || size === 0) return 'unsatisfiable'
    return { start: Math.max(0, size - length), end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (match[2] !== '' && Number(match[2]) < start) return null // not a range at all: RFC 9110, 14.1.1
  return start >= size ? 'unsatisfiable' : { start, end }
}

function isCurrent(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  if (ifRange === undefined) return true
  if (ifRange.includes('"')) return !!etag && !etag.startsWith('W/') && ifRange.trim() === etag
  const date = httpDate(ifRange)
  return date !== null && !!lastModified && Math.floor(lastModified.getTime() / 1000) === date
}
