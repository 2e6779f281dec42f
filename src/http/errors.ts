import { ConfigurationError, NuagesError } from '../std/errors.ts'

/** Options of an HTTP error of yours. */
export interface HttpErrorOptions {
  /** Stable code for API clients; default `http.` and the status's name. */
  code?: string
  /** For developers: shown on the debug page and in logs, never to visitors. */
  hint?: string
  /** Headers of the answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

/**
 * An answer with an error status, thrown. The message is shown to the client; the hint only to developers.
 *
 *     throw new HttpError(409, 'Somebody else is editing this page.')
 */
export class HttpError extends NuagesError {
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    super(message ?? statusText(status), {
      code:
        options.code ??
        `http.${statusText(status)
          .toLowerCase()
          .replace(/[^a-z]+/g, '-')}`,
      status,
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    })
    this.headers = options.headers ?? {}
  }
}

/** 400: what was sent cannot be understood. Codes `http.malformed-json`, `http.malformed-form`, `http.malformed-multipart`, `http.malformed-path`. */
export class BadRequest extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(400, message, options)
  }
}

/** 400: the Host header names a host this project does not answer to. Code `http.unknown-host`. */
export class DisallowedHost extends BadRequest {}

/** 401: sign in first. */
export class Unauthorized extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(401, message, options)
  }
}

/** 403: not allowed, signed in or not. */
export class PermissionDenied extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(403, message, options)
  }
}

/** 404: the Http404 of Django. `throw new NotFound('There is no such book.')` */
export class NotFound extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(404, message, options)
  }
}

/** 405: the page exists, but not for this method. */
export class MethodNotAllowed extends HttpError {
  /** @param allowed the methods there are: `['GET', 'POST']` */
  constructor(allowed: readonly string[], message?: string, options: HttpErrorOptions = {}) {
    super(405, message, { ...options, headers: { allow: allowed.join(', '), ...options.headers } })
  }
}

/** 413: a limit was reached. Codes `http.body-too-large`, `http.file-too-large`, `http.too-many-fields`, `http.too-many-files`. */
export class ContentTooLarge extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(413, message, options)
  }
}

/** 415: a body of a kind this view does not read. */
export class UnsupportedMediaType extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(415, message, options)
  }
}

/** 429: come back later. */
export class TooManyRequests extends HttpError {
  /** @param seconds what Retry-After says */
  constructor(seconds: number, message?: string, options: HttpErrorOptions = {}) {
    super(429, message, { ...options, headers: { 'retry-after': String(Math.ceil(seconds)), ...options.headers } })
  }
}

/** 503: not now. */
export class ServiceUnavailable extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(503, message, options)
  }
}

/**
 * A response or request used in a way it cannot be: `http.bad-header`, `http.bad-status`, `http.bad-cookie`,
 * `http.bad-redirect`, `http.not-a-response`, `http.body-read-twice`, `http.no-middleware`.
 */
export class ResponseError extends NuagesError {}

/** Throws what reading a part of the request means when nothing has put it there. */
export function missingMiddleware(name: string, middleware: string): never {
  throw new ResponseError(`request.${name} is not there: ${middleware} has not run before this.`, {
    code: 'http.no-middleware',
    hint: `Put it in the setting middleware, before what reads request.${name}. The default list has it.`,
  })
}

/** The server cannot start or a directory cannot be served: `http.port-in-use`, `http.cannot-listen`, `http.static-*`. */
export class ServerError extends ConfigurationError {}

const texts: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  402: 'Payment required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Request timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length required',
  412: 'Precondition failed',
  413: 'Content too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  417: 'Expectation failed',
  421: 'Misdirected request',
  422: 'Unprocessable content',
  423: 'Locked',
  425: 'Too early',
  426: 'Upgrade required',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Request header fields too large',
  451: 'Unavailable for legal reasons',
  500: 'Server error',
  501: 'Not implemented',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
}

/** The name of an error status, in words. */
export function statusText(status: number): string {
  return texts[status] ?? (status < 500 ? 'Request error' : 'Server error')
}
