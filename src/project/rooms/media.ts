import type { ResolvedSettings } from '../../conf/index.ts'
import { type Middleware, mediaFiles } from '../../http/index.ts'
import { storage } from '../../storage/registry.ts'

/** With debug, files of the storage `default` under mediaUrl; otherwise a server in front has them. */
export function mediaMiddleware({ debug, mediaUrl: url }: ResolvedSettings): Middleware[] {
  if (!debug) return []
  const files = async () => {
    await import('../../storage/configure.ts')
    return storage()
  }
  return [mediaFiles({ url, storage: files })]
}
