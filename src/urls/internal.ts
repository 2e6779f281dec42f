/** For sibling rooms: links by names that are not known at compile time (templates, admin). */

/** What routes are called, for checks. */
export { routeNames } from './bind.ts'
export { converterNames } from './converters.ts'
/** What is behind a table, for whoever has to know whether two are the same. */
export { tableOf } from './definitions.ts'
/** The guards of a view, one by one. */
export { guardParts } from './guards.ts'
export { reverseName } from './links.ts'
