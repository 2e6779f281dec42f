import { NuagesError } from '../std/errors.ts'
import type { ErrorHandler } from './compose.ts'
import type { DebugInfo } from './debug/report.ts'
import { errorPage, isOwnMessage, publicMessage } from './error-pages.ts'
import { HttpError } from './errors.ts'
import { json } from './replies.ts'
import type { HttpRequest } from './request.ts'
import { HttpResponse, toHttpResponse } from './response.ts'
import type { Reply, Resolver } from './types.ts'

/** What an error page of yours is told. Nothing in it is secret. */
export interface ErrorPageContext {
  readonly status: number
  /** Stable: `http.not-found`; `server-error` for whatever was not foreseen. */
  readonly code: string
  /** A sentence for visitors, in their language where it is ours. */
  readonly message: string
}

export interface ErrorHandlerOptions {
  readonly debug: boolean
  readonly resolver: Resolver | undefined
  /** Pages of your own for production; null or undefined for ours. */
  readonly errorPages: ((request: HttpRequest, context: ErrorPageContext) => Reply | null | undefined) | undefined
  /** Told of every error with a status of 500 or more. */
  readonly onError: (error: unknown, request: HttpRequest) => void
  readonly debugInfo: ((request: HttpRequest) => DebugInfo) | undefined
}

/** Makes the function that turns errors into responses. It never fails itself. */
export function errorHandler(options: ErrorHandlerOptions): ErrorHandler {
  return (request, error) => {
    if (error instanceof Response) return toHttpResponse(error) // throw redirect('/login/')
    const status = error instanceof NuagesError ? error.status : 500
    // The client left and a view stopped for it, as it should: nothing failed, and nobody reads the answer.
    if (error instanceof Error && error.name === 'AbortError' && request.signal.aborted)
      return new HttpResponse(null, { status: 499 })
    if (status >= 500) report(options, error, request)
    try {
      const reply = answer(options, request, error, status)
      if (!(reply instanceof Promise)) return withHeaders(reply, error)
      return reply
        .then((response) => withHeaders(response, error))
        .catch((failure: unknown) => lastResort(options, request, failure))
    } catch (failure) {
      return lastResort(options, request, failure)
    }
  }
}

function answer(
  options: ErrorHandlerOptions,
  request: HttpRequest,
  error: unknown,
  status: number,
): HttpResponse | Promise<HttpResponse> {
  // Only errors meant for clients speak to them; the text of any other could tell what is inside.
  const own = error instanceof HttpError && isOwnMessage(status, error.message)
  const context: ErrorPageContext = {
    status,
    code: error instanceof NuagesError && status < 500 ? error.code : 'server-error',
    message: own ? error.message : publicMessage(status),
  }
  if (options.debug) {
    const tried = request.resolverMatch === null ? (options.resolver?.patterns() ?? []) : []
    const info = options.debugInfo?.(request) ?? {}
    // Production never reads these files.
    return import('./debug/index.ts').then(({ debugAnswer }) => debugAnswer(request, error, status, { info, tried }))
  }
  if (request.prefersJson) return json({ error: { code: context.code, message: context.message } }, { status })
  const reply = options.errorPages?.(request, context)
  const plain = () => errorPage(status, context.message)
  if (reply instanceof Promise) return reply.then((response) => (response ? withStatus(response, status) : plain()))
  return reply ? withStatus(reply, status) : plain()
}

/** A page of the project's own keeps the status of the error, whatever it was rendered with. */
function withStatus(response: Response, status: number): HttpResponse {
  const own = toHttpResponse(response)
  if (own.status === 200) own.status = status
  return own
}

function withHeaders(response: HttpResponse, error: unknown): HttpResponse {
  if (error instanceof HttpError)
    for (const [name, value] of Object.entries(error.headers)) response.headers.set(name, value)
  return response
}

/** The page for an error failed: that is reported too, and the plainest page sent. */
function lastResort(options: ErrorHandlerOptions, request: HttpRequest, failure: unknown): HttpResponse {
  report(options, failure, request)
  const response = new HttpResponse('Server error\n', { status: 500 })
  response.headers.put('content-type', 'text/plain; charset=utf-8')
  return response
}

function report(options: ErrorHandlerOptions, error: unknown, request: HttpRequest): void {
  try {
    options.onError(error, request)
  } catch (failure) {
    console.error('The logger of errors failed:', failure)
  }
}
