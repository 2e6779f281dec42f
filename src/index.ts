/** `nuages`: what a project starts from. */
export { type App, type AppOptions, defineApp } from './apps/define.ts'
export type { Register, Registered } from './apps/register.ts'
export { t, tLazy, tn } from './i18n/index.ts'
