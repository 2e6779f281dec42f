import type { HttpRequest } from '../http/index.ts'
import type { Guard, NarrowedBy } from './types.ts'

const PARTS = Symbol.for('nuages.urls.guards')

/**
 * Several guards as one, asked in this order; each sees the request as the one before it left it. The view's request is
 * narrowed by all of them. (`any`, because what each narrows to is read from it.)
 *
 *     export const paid = urls.paid.view(guards(csrfExempt, loginRequired), async (request) => request.user.email)
 */
export function guards<const G extends readonly [Guard<any>, ...Guard<any>[]]>(...all: G): Guard<NarrowedBy<G>> {
  const together = (request: HttpRequest) => follow(all, request, 0)
  Object.defineProperty(together, 'name', { value: all.map(({ name }) => name || 'guard').join(' + ') })
  Object.defineProperty(together, PARTS, { value: all.flatMap(guardParts) })
  return together as Guard<NarrowedBy<G>> // each has narrowed it
}

/** The guards a guard is made of: itself, or those given to {@link guards}. */
export function guardParts(guard: unknown): readonly unknown[] {
  const parts = typeof guard === 'function' ? (guard as { [PARTS]?: readonly unknown[] })[PARTS] : undefined
  return parts ?? [guard]
}

/** Waits only where a guard does. */
function follow(
  all: readonly Guard<any>[], // as above
  request: HttpRequest,
  from: number,
): HttpRequest | Response | Promise<HttpRequest | Response> {
  let narrowed = request
  for (let i = from; i < all.length; i++) {
    const answer: HttpRequest | Response | Promise<HttpRequest | Response> = all[i]!(narrowed)
    if (answer instanceof Response) return answer
    if (answer instanceof Promise)
      return answer.then((later) => (later instanceof Response ? later : follow(all, later, i + 1)))
    narrowed = answer
  }
  return narrowed
}
