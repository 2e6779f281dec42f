/** `nuages/middleware`: what stands around every view. */
export { conditionalGet } from './conditional-get.ts'
export { CSRF_FIELD, csrfExempt, csrfMiddleware, csrfToken, rotateCsrfToken } from './csrf/csrf.ts'
export type { CsrfReason } from './csrf/rules.ts'
export { defaultMiddleware, type MiddlewareContext, resolveMiddleware } from './defaults.ts'
export { type GzipOptions, gzip } from './gzip.ts'
export { type HttpsRedirectOptions, httpsRedirect } from './https-redirect.ts'
export { LANGUAGE_COOKIE, localeMiddleware } from './locale.ts'
export { nonAtomicRequests } from './non-atomic.ts'
export {
  type ContentSecurityPolicy,
  type CsrfOptions,
  configureMiddleware,
  type MiddlewareOptions,
  type SecurityHeaderOptions,
} from './options.ts'
export { cspNonce, securityHeaders, strictPolicy } from './security-headers.ts'
