// What was sent with a form stays in the browser until a page says that it was saved.
import { find } from './dom.js'
import { keep, kept } from './storage.js'

/** Where the name of the draft that was sent last is kept. */
export const LAST_DRAFT = 'nuages-draft-last'

const last = kept('sessionStorage', LAST_DRAFT)
if (last && find('.messages .success')) {
  keep('sessionStorage', last, null)
  keep('sessionStorage', LAST_DRAFT, null)
}
