/** Where things are in the admin. */
import type { ModelAdmin } from './model-admin.ts'
import { adminUrls } from './urls.ts'

/** `{ app, model }` as addresses name them. */
export function namesOf(admin: ModelAdmin): { app: string; model: string } {
  return { app: admin.model.meta.app, model: admin.model.meta.name.toLowerCase() }
}

/** The list of a model, as it was left: `state` is its query string, from a form; anything else is left out. */
export function listUrl(admin: ModelAdmin, state: unknown = null): string {
  const url = adminUrls.list(namesOf(admin))
  if (typeof state !== 'string' || state === '' || state.length > 2000) return url
  // Parsed and written again: it can only ever be parameters of this address.
  const query = String(new URLSearchParams(state))
  return query === '' ? url : `${url}?${query}`
}
