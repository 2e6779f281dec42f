/** What a request has to do with databases before any query: the scope of its reads, and a transaction around its view. */
import type { ResolvedSettings } from '../../conf/index.ts'
import type { AroundView, Middleware } from '../../http/index.ts'
import { isNonAtomic } from '../../middleware/internal.ts'

export interface RequestDatabases {
  /** Outermost; none where no database has replicas. */
  readonly middleware: readonly Middleware[]
  /** Undefined where no database has `atomicRequests`. */
  readonly aroundView: AroundView | undefined
}

/** Reads the settings of databases; loads the ORM only where one of them asks for it. */
export async function requestDatabases({ databases }: ResolvedSettings): Promise<RequestDatabases> {
  const configs = Object.entries(databases)
  const atomicAliases = configs.flatMap(([alias, config]) => (config.atomicRequests ? [alias] : []))
  const hasReplicas = configs.some(([, { replicas = [] }]) => replicas.length > 0)
  if (!hasReplicas && atomicAliases.length === 0) return { middleware: [], aroundView: undefined }
  const { atomic, withReplicas } = await import('../../db/internal.ts')
  const readsOfRequest: Middleware = (request, next) => withReplicas(() => next(request))
  return {
    middleware: hasReplicas ? [readsOfRequest] : [],
    aroundView:
      atomicAliases.length === 0
        ? undefined
        : (match, run) => {
            if (isNonAtomic(match.view.guard)) return run()
            return atomicAliases.reduceRight<() => Promise<Response>>(
              (inner, alias) => () => atomic(inner, { using: alias }),
              async () => run(),
            )()
          },
  }
}
