/** For sibling rooms. */
export { isCsrfExempt, rotateCsrfToken } from './csrf/csrf.ts'
export { resolveMiddleware } from './defaults.ts'
export { isNonAtomic } from './non-atomic.ts'
