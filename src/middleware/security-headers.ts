import { after, type HttpRequest, type HttpResponse, type Middleware } from '../http/index.ts'
import { randomString } from '../std/crypto.ts'
import { type ContentSecurityPolicy, middlewareOptions, type SecurityHeaderOptions } from './options.ts'

/**
 * What pages may load when a project says nothing else: its own files, images in data URLs, no inline script or
 * style, no plugins, no frames around it, forms that post to it only.
 */
export const strictPolicy: ContentSecurityPolicy = Object.freeze({
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
})

const nonces = new WeakMap<HttpRequest, string>()

/**
 * A nonce for this response: `<script nonce="…">` then runs although inline. Asking for it puts it into the policy;
 * responses that do not ask carry none.
 */
export function cspNonce(request: HttpRequest): string {
  let nonce = nonces.get(request)
  if (nonce === undefined) {
    nonce = randomString(24)
    nonces.set(request, nonce)
  }
  return nonce
}

/**
 * Headers that tell browsers to be careful: X-Frame-Options, X-Content-Type-Options, Referrer-Policy,
 * Cross-Origin-Opener-Policy, Content-Security-Policy and, over HTTPS, Strict-Transport-Security. A header that a view
 * has set stays as it is.
 *
 * @param options   default: the settings `security` and `csp`
 */
export function securityHeaders(options?: SecurityHeaderOptions): Middleware {
  let set: ((request: HttpRequest, response: HttpResponse) => HttpResponse) | undefined
  return function securityHeaders(request, next) {
    set ??= headerSetter(options ?? middlewareOptions().security)
    const apply = set
    return after(next(request), (response) => apply(request, response))
  }
}

/** Everything is text before the first response: per response there is only the list to walk. */
function headerSetter(options: SecurityHeaderOptions) {
  const always: (readonly [string, string])[] = []
  if (options.noSniff) always.push(['x-content-type-options', 'nosniff'])
  if (options.frameOptions) always.push(['x-frame-options', options.frameOptions])
  if (options.referrerPolicy) always.push(['referrer-policy', options.referrerPolicy])
  if (options.crossOriginOpenerPolicy) always.push(['cross-origin-opener-policy', options.crossOriginOpenerPolicy])
  const policy = policyOf(options)
  const policyText = policy && writePolicy(policy)
  const hsts = hstsText(options)
  return (request: HttpRequest, response: HttpResponse): HttpResponse => {
    const { headers } = response
    for (const [name, value] of always) headers.putDefault(name, value)
    if (hsts !== null && request.isSecure) headers.putDefault('strict-transport-security', hsts)
    if (policyText) {
      const nonce = nonces.get(request)
      const text = nonce === undefined ? policyText : writePolicy(withNonce(policy, nonce))
      headers.putDefault('content-security-policy', text)
    }
    return response
  }
}

function policyOf({ csp, frameOptions }: SecurityHeaderOptions): ContentSecurityPolicy | false {
  if (csp !== null) return csp
  // The two say the same thing; browsers that know frame-ancestors ignore X-Frame-Options.
  const ancestors = { DENY: ["'none'"], SAMEORIGIN: ["'self'"] }
  const { 'frame-ancestors': _, ...rest } = strictPolicy
  return frameOptions ? { ...rest, 'frame-ancestors': ancestors[frameOptions] } : rest
}

function writePolicy(policy: ContentSecurityPolicy): string {
  return Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ')
}

function withNonce(policy: ContentSecurityPolicy, nonce: string): ContentSecurityPolicy {
  const add = (directive: string) => [...(policy[directive] ?? policy['default-src'] ?? []), `'nonce-${nonce}'`]
  return { ...policy, 'script-src': add('script-src'), 'style-src': add('style-src') }
}

function hstsText({ hsts }: SecurityHeaderOptions): string | null {
  if (hsts.maxAge <= 0) return null
  return `max-age=${hsts.maxAge}${hsts.includeSubdomains ? '; includeSubDomains' : ''}${hsts.preload ? '; preload' : ''}`
}
