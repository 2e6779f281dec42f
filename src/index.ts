/** `nuages`: what a project starts from. */
import { registerCopy } from './std/copies.ts'

export { type App, type AppOptions, defineApp } from './apps/define.ts'
export type { Register, Registered } from './apps/register.ts'
export {
  type AppSettings,
  defineSettings,
  type EnvDescriptor,
  env,
  type ResolvedSettings,
  type Setting,
  type Settings,
  SettingsError,
} from './conf/index.ts'
export { t, tLazy, tn } from './i18n/index.ts'
export { createProject, serve } from './project/front.ts'
export type { CreateOptions, Project, ProjectMode } from './project/index.ts'
export { ConfigurationError, NuagesError } from './std/errors.ts'

registerCopy(import.meta.url)
