import type { HttpRequest } from '../http/index.ts'

/** Content-Security-Policy by directive: `{ 'img-src': ["'self'", 'data:'] }`. An empty list is a directive without value. */
export type ContentSecurityPolicy = Readonly<Record<string, readonly string[]>>

/** The headers {@link securityHeaders} sends. */
export interface SecurityHeaderOptions {
  /** X-Frame-Options; false sends none. */
  readonly frameOptions: 'DENY' | 'SAMEORIGIN' | false
  /** X-Content-Type-Options: nosniff. */
  readonly noSniff: boolean
  readonly referrerPolicy: string | false
  readonly crossOriginOpenerPolicy: string | false
  /** Strict-Transport-Security, sent over HTTPS only; maxAge in seconds, 0 sends none. */
  readonly hsts: { readonly maxAge: number; readonly includeSubdomains: boolean; readonly preload: boolean }
  /** Null: {@link strictPolicy}; false sends none. */
  readonly csp: ContentSecurityPolicy | null | false
}

/** How {@link csrfMiddleware} keeps its secret. */
export interface CsrfOptions {
  readonly cookieName: string
  /** Header for requests of scripts. */
  readonly headerName: string
  /** Seconds. */
  readonly maxAge: number
  /** `auto`: over HTTPS only, when it was set over HTTPS. */
  readonly secure: boolean | 'auto'
  /** Domain of the cookie; null: this host only. */
  readonly domain: string | null
  /** `https://shop.example.com`, `https://*.example.com` */
  readonly trustedOrigins: readonly string[]
  /** Whether the view a request leads to is exempt; default: none is. */
  readonly isExempt: (request: HttpRequest) => boolean
}

/** What the middleware of this room needs to know of a project. */
export interface MiddlewareOptions {
  readonly security: SecurityHeaderOptions
  readonly csrf: CsrfOptions
  /** Languages offered to visitors, the default first. */
  readonly languages: readonly string[]
}

const defaults: MiddlewareOptions = {
  security: {
    frameOptions: 'DENY',
    noSniff: true,
    referrerPolicy: 'same-origin',
    crossOriginOpenerPolicy: 'same-origin',
    hsts: { maxAge: 0, includeSubdomains: false, preload: false },
    csp: null,
  },
  csrf: {
    cookieName: 'csrftoken',
    headerName: 'x-csrftoken',
    maxAge: 31_449_600,
    secure: 'auto',
    domain: null,
    trustedOrigins: [],
    isExempt: () => false,
  },
  languages: ['en'],
}

let configured = defaults

/** Called once at start with the project's settings; what is left out has its default. */
export function configureMiddleware(options: Partial<MiddlewareOptions>): void {
  configured = Object.freeze({ ...defaults, ...options })
}

/** What was configured last; middleware reads it when a request first comes by. */
export function middlewareOptions(): MiddlewareOptions {
  return configured
}
