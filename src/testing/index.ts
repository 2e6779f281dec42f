/** `nuages/testing`: a client, a database per test, a clock; for `node:test`, vitest and others. */
export {
  type ClientOptions,
  type CsrfNames,
  type Handle,
  type RequestBody,
  type RequestOptions,
  TestClient,
} from './client.ts'
export { clock, type Instant, type Span } from './clock.ts'
export { TestingError } from './errors.ts'
export type { FormValue, FormValues, QueryValues } from './form-values.ts'
export type { SettingsOverride } from './layers.ts'
export { assertNumQueries, captureQueries, type QueryOptions } from './queries.ts'
export type { TestResponse } from './response.ts'
export type { TestRunner } from './runner.ts'
export { type SavedUser, type TestSite, type TestSiteOptions, testSite, type VisitorOptions } from './site.ts'
