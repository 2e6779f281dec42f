/** Apps: what each adds to a project, and the ordered registry of them. */
export { APP, type App, type AppOptions, BIND, defineApp, isApp } from './define.ts'
export { AppError } from './errors.ts'
export type { Register, Registered } from './register.ts'
export { AppRegistry, type RegisteredModel } from './registry.ts'
