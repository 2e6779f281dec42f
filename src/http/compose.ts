import { ResponseError } from './errors.ts'
import type { HttpRequest } from './request.ts'
import { HttpResponse, toHttpResponse } from './response.ts'
import type { Middleware, Next } from './types.ts'

/** Answers for an error thrown in a view or a middleware. */
export type ErrorHandler = (request: HttpRequest, error: unknown) => HttpResponse | Promise<HttpResponse>

/**
 * Puts middleware around a handler, the first outermost; done once, at start. Nothing waits where nothing has to: as
 * long as every part answers at once, so does the whole.
 *
 * Every layer's error becomes a response before the layer around it sees it, so that headers set outside reach error
 * pages as well.
 */
export function compose(
  middleware: readonly Middleware[],
  handler: (request: HttpRequest) => Response | Promise<Response>,
  onError: ErrorHandler,
): Next {
  const inner = settled('the view', handler, onError)
  return middleware.reduceRight<Next>((next, layer) => {
    const name = layer.name || 'a middleware'
    return settled(name, (request) => layer(request, next), onError)
  }, inner)
}

/** A part of the chain that always gives a response of ours. */
function settled(
  name: string,
  answer: (request: HttpRequest) => Response | Promise<Response>,
  onError: ErrorHandler,
): Next {
  return (request) => {
    try {
      const reply = answer(request)
      if (reply instanceof HttpResponse) return reply
      if (!isPromise(reply)) return own(reply, name)
      // A layer that hands on what the next one gave needs no promise of its own.
      if (isSettled(reply)) return reply
      return settle(
        reply.then(
          (response) => {
            try {
              return own(response, name)
            } catch (error) {
              return onError(request, error)
            }
          },
          (error: unknown) => onError(request, error),
        ),
      )
    } catch (error) {
      return onError(request, error)
    }
  }
}

/** On a promise that gives a response of ours whatever happens. */
const SETTLED = Symbol('settled')

function settle(promise: Promise<HttpResponse> & { [SETTLED]?: true }): Promise<HttpResponse> {
  promise[SETTLED] = true
  return promise
}

function isSettled(promise: object): promise is Promise<HttpResponse> {
  return SETTLED in promise
}

function own(reply: Response, name: string): HttpResponse {
  if (reply instanceof HttpResponse) return reply
  if (reply instanceof Response) return toHttpResponse(reply)
  throw new ResponseError(`${name} gave ${describe(reply)} instead of a response.`, {
    code: 'http.not-a-response',
    hint: 'Return respond(...), json(...), redirect(...), render(...) or a web Response; a view that forgets to return gives undefined.',
  })
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object'
    ? `an object (${value.constructor?.name ?? 'without prototype'})`
    : `a ${typeof value}`
}

function isPromise(value: unknown): value is Promise<Response> {
  return value instanceof Promise || (typeof value === 'object' && value !== null && 'then' in value)
}

/**
 * Does something with a response now or when it is there, whichever is sooner: what a middleware uses in place of
 * `await`, so that requests answered at once stay so.
 *
 *     const nosniff: Middleware = (request, next) =>
 *       after(next(request), (response) => { response.headers.set('x-content-type-options', 'nosniff'); return response })
 */
export function after<T, R>(value: T | Promise<T>, then: (value: T) => R): R | Promise<Awaited<R>> {
  // The promise of a promise is the promise of its value.
  return value instanceof Promise ? (value.then(then) as Promise<Awaited<R>>) : then(value)
}
