/** For sibling rooms: what middleware puts on a request, and what servers and test clients are made of. */
export type { RequestConfig } from './config.ts'
export { currentRequest, runInRequest } from './current.ts'
export { errorPolicy, errorStyle } from './error-style.ts'
export { finishRequest } from './finish.ts'
export { logError } from './handler.ts'
export {
  configureRequest,
  hasSession,
  hasUser,
  onFinish,
  setCsrfToken,
  setResolverMatch,
  setSession,
  setUser,
  valuesOf,
} from './request.ts'
export { toHttpResponse } from './response.ts'
export { FetchSource } from './servers/fetch.ts'
export { createNodeServer } from './servers/node.ts'
export { surviveStrayErrors } from './servers/stray.ts'
export type { RequestSource } from './source.ts'
