import type { HttpRequest } from './request.ts'
import { valuesOf } from './request.ts'

/** A value computed at most once per request; call it with the request. */
export type RequestValue<T> = (request: HttpRequest) => Promise<T>

/**
 * Declares a value computed from a request when first asked for, typed by what `load` gives: no middleware, no order,
 * no global declaration.
 *
 *     export const basket = requestValue(async (request) => Basket.objects.get({ owner: request.user.id }))
 *     const items = (await basket(request)).items
 *
 * When `load` fails, every caller of that request gets the same error.
 */
export function requestValue<T>(load: (request: HttpRequest) => T | Promise<T>): RequestValue<T> {
  const value: RequestValue<T> = (request) => {
    const values = valuesOf(request)
    let promise = values.get(value) as Promise<T> | undefined // only this function writes under itself
    if (promise === undefined) {
      promise = new Promise<T>((resolve) => resolve(load(request)))
      values.set(value, promise)
    }
    return promise
  }
  return value
}
