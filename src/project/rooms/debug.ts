/** What the debug page shows of a project: settings without secrets, and the queries of the request. */
import { redactSettings } from '../../conf/index.ts'
import type { DebugInfo, HttpRequest } from '../../http/index.ts'
import { currentRequest } from '../../http/index.ts'
import type { Project } from '../project.ts'

/** Queries kept per request: a loop over thousands shows as one. */
const MOST = 200

/** Makes the function the debug page asks. From then on queries are noted: only with debug. */
export async function debugInformation(project: Project): Promise<(request: HttpRequest) => DebugInfo> {
  const settings = redactSettings(project.settings)
  if (!project.usesDatabases) return () => ({ settings })
  const queries = new WeakMap<HttpRequest, { sql: string; duration: number }[]>()
  const { onQuery } = await import('../../db/internal.ts')
  // Without parameters: they may hold passwords, and the page may be sent to a colleague.
  onQuery(({ sql, milliseconds }) => {
    const request = currentRequest()
    if (request === null) return
    const noted = queries.get(request)
    if (noted === undefined) queries.set(request, [{ sql, duration: milliseconds }])
    else if (noted.length < MOST) noted.push({ sql, duration: milliseconds })
  })
  return (request) => ({ settings, queries: queries.get(request) ?? [] })
}
