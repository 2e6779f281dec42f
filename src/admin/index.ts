export {
  type ActionContext,
  type ActionOptions,
  type ActionPermission,
  type ActionResult,
  action,
  type ModelAction,
} from './actions/action.ts'
export { admin } from './app.ts'
export { AdminError } from './errors.ts'
export { type Inline, type InlineOptions, inline } from './inlines/options.ts'
export { LogEntry } from './models.ts'
export type { AdminOptions, ComputedColumn, Fieldset } from './options.ts'
export { type Admin, configureAdmin } from './site.ts'
export { adminUrls } from './urls.ts'
