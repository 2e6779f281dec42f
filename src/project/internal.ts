/** For sibling rooms only: not a public door. */
export { createProject } from './create.ts'
export { watchFailures } from './failures.ts'
export { beginTest } from './rooms/repeats.ts'
