import type { HttpRequest, Reply, View } from '../http/index.ts'
import type { RouteDefinition } from './definitions.ts'
import { ViewBindingError } from './errors.ts'
import type { Guard } from './types.ts'

const BOUND = Symbol.for('nuages.urls.bound')

/** What `route.view(...)` gives, as the resolver reads it: its parameters are `any`, checked where it was bound. */
export interface BoundView extends View<any> {
  readonly route: string
  readonly guard: Guard<HttpRequest> | undefined
  readonly [BOUND]: RouteDefinition
}

/** Ties a view to a route: a new function, so that one view may serve several routes. */
export function bindView(definition: RouteDefinition, first: unknown, second: unknown): BoundView {
  const guarded = second !== undefined
  const view = (guarded ? second : first) as View<unknown>
  const guard = guarded ? (first as Guard<HttpRequest>) : undefined
  for (const given of guarded ? [first, second] : [first]) {
    if (typeof given !== 'function')
      throw new ViewBindingError(`The view of the route "${definition.key}" is not a function: ${String(given)}.`, {
        code: 'urls.bad-view',
        hint: `Write urls.${definition.key}.view(async (request) => …). An undefined one is imported in a circle, or misspelled.`,
      })
  }
  const bound = guard ? guardView(guard, view) : (request: HttpRequest, params: unknown): Reply => view(request, params)
  Object.defineProperties(bound, {
    name: { value: view.name || definition.key },
    route: { value: definition.pattern },
    guard: { value: guard },
    [BOUND]: { value: definition },
  })
  return bound as BoundView // the properties above make it one
}

/** The route a bound view belongs to, or undefined for any other value. */
export function boundTo(view: unknown): RouteDefinition | undefined {
  return typeof view === 'function' ? (view as { [BOUND]?: RouteDefinition })[BOUND] : undefined
}

function guardView(guard: Guard<HttpRequest>, view: View<unknown>): View<unknown> {
  const enter = (answer: HttpRequest | Response, params: unknown): Reply =>
    answer instanceof Response ? answer : view(answer, params)
  return (request, params) => {
    const answer = guard(request)
    if (answer === request) return view(request, params)
    return answer instanceof Promise ? answer.then((later) => enter(later, params)) : enter(answer, params)
  }
}
