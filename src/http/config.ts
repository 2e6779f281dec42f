import { hostChecker, type ProxyTrust } from './host.ts'
import { type BodyLimits, defaultLimits } from './limits.ts'

/** What a handler decides once for all its requests. */
export interface RequestConfig {
  readonly limits: BodyLimits
  readonly isHostAllowed: (host: string) => boolean
  readonly trustsProxy: ProxyTrust
}

/** For requests made without a handler, as in tests of single views. */
export const plainConfig: RequestConfig = {
  limits: defaultLimits,
  isHostAllowed: hostChecker(['*'], false),
  trustsProxy: () => false,
}
