import { parseCookie, stringifySetCookie } from 'cookie'
import { ResponseError } from './errors.ts'

/** Attributes of a cookie. */
export interface CookieOptions {
  /** Seconds to live; without it, until the browser closes. */
  maxAge?: number
  /** When it ends; `maxAge` wins. */
  expires?: Date
  /** Default `/`. */
  path?: string
  /** Default: the host that set it, and no other. */
  domain?: string
  /** HTTPS only. Default false: sessions and the like take it from settings. */
  secure?: boolean
  /** Out of reach of scripts; default true. */
  httpOnly?: boolean
  /** Whether other sites' requests carry it; default `lax`. `none` needs `secure`. */
  sameSite?: 'lax' | 'strict' | 'none'
  /** Kept apart for each site that embeds this one; needs `secure`. */
  partitioned?: boolean
}

/** Browsers drop a longer cookie without a word. */
const LONGEST = 4096

/**
 * The value of a Set-Cookie header. HttpOnly and SameSite=Lax unless said otherwise; the value is percent-encoded where
 * it has to be, and read back as it was.
 * @throws ResponseError http.bad-cookie for what browsers would refuse or misread
 */
export function writeCookie(name: string, value: string, options: CookieOptions = {}): string {
  const { path = '/', httpOnly = true, sameSite = 'lax', secure = false } = options
  const bad = (what: string, hint: string) =>
    new ResponseError(`The cookie ${JSON.stringify(name)} ${what}.`, { code: 'http.bad-cookie', hint })
  const noSecure = 'Set secure: true; browsers drop it otherwise.'
  if (sameSite === 'none' && !secure) throw bad('has sameSite "none" but is not secure', noSecure)
  if (options.partitioned && !secure) throw bad('is partitioned but is not secure', noSecure)
  if (/^__(secure|host)-/i.test(name) && !secure) throw bad('has a prefix that needs secure', noSecure)
  if (/^__host-/i.test(name) && (path !== '/' || options.domain !== undefined)) {
    throw bad('has the prefix __Host- with a path or a domain', 'Leave both out, or choose another name.')
  }
  let text: string
  try {
    text = stringifySetCookie({
      ...options,
      name,
      value: String(value).toWellFormed(),
      path,
      httpOnly,
      sameSite,
      secure,
    })
  } catch (cause) {
    throw new ResponseError(`The cookie ${JSON.stringify(name)} cannot be written: ${(cause as Error).message}.`, {
      code: 'http.bad-cookie',
      hint: 'Names are letters, digits and -_.; maxAge is whole seconds; path and domain hold no ; or control characters.',
      cause,
    })
  }
  const pair = text.indexOf(';')
  if ((pair === -1 ? text.length : pair) > LONGEST) {
    throw bad(
      `is longer than ${LONGEST} bytes`,
      'Browsers drop it: keep the value in the session, and a key in the cookie.',
    )
  }
  return text
}

/**
 * The cookies of a request, by name. What cannot be read is left out or kept as it is: cookies of other applications on
 * the same domain must not lock visitors out. Of two with one name the first counts, as browsers send the closest path
 * first.
 */
export function readCookies(header: string | null | undefined): ReadonlyMap<string, string> {
  if (!header) return none
  const cookies = new Map<string, string>()
  const parsed = parseCookie(header, { decode: readValue })
  for (const name in parsed) cookies.set(name, parsed[name]!)
  return cookies
}

const none: ReadonlyMap<string, string> = new Map()

function readValue(text: string): string {
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) return unquote(text)
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `"a b"`: what servers that quote (Django among them) write. */
function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\([0-3][0-7][0-7])|\\(.)/g, (_, octal: string | undefined, sign: string) =>
      octal === undefined ? sign : String.fromCharCode(Number.parseInt(octal, 8)),
    )
}
