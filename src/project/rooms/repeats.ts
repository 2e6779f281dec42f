/** Looks for queries that one place repeats: in requests, tests and commands, with `debug` and in tests only. */
import type { ResolvedSettings } from '../../conf/index.ts'
import type { FindTemplate } from '../../db/repeats/place.ts'
import type { RepeatedQuery } from '../../db/repeats/repeated-query.ts'
import type { RepeatScope } from '../../db/repeats/watch.ts'
import type { HttpRequest, Middleware } from '../../http/index.ts'
import { onGenerated } from '../../std/codegen.ts'
import type { ProjectMode } from '../project.ts'

/** What looks for them. */
export interface RepeatWatch {
  /** Counts for each request; the outermost. */
  readonly middleware: Middleware
  /** What a request repeated so far. */
  of(request: HttpRequest): readonly RepeatedQuery[]
  /** Counts for one piece of work, such as a command. */
  work<T>(fn: () => Promise<T>): Promise<T>
  readonly stop: () => void
}

/** Tests may repeat what they like: they make rows, and look at each. */
const TEST_CODE = /(?:^|[\\/])tests?[\\/]|\.(?:test|spec)\.[cm]?[jt]sx?:\d+$/

/** What a test repeats outside of requests is told by this; null where nobody looks. */
let startTest: (() => () => void) | null = null

/** From now on, or null where nothing is looked for. */
export async function watchRepeatedQueries(
  { debug, repeatedQueries: { action, threshold } }: ResolvedSettings,
  mode: ProjectMode,
): Promise<RepeatWatch | null> {
  if (!debug && mode !== 'test') return null
  const db = await import('../../db/repeats/watch.ts') // in production nobody looks, and nothing of it is loaded
  startTest = null
  if (action === 'off') {
    db.watchRepeats(null) // of a project before this one
    return null
  }
  const generated = templatesAsGenerated()
  const unwatch = db.watchRepeats({ threshold, throws: action === 'error', template: generated.find })
  const told = new Set<string>()
  /** Once for each place: a page that is asked for again has said it. */
  const tell = (found: RepeatedQuery): void => {
    const key = `${found.place} ${found.about}`
    if (told.has(key)) return
    told.add(key)
    console.warn(db.repeatText(found))
  }
  const end = (scope: RepeatScope): void => {
    for (const found of scope.end()) if (action === 'warn') tell(found) // an error is told by whoever catches it
  }
  const scopes = new WeakMap<HttpRequest, RepeatScope>()
  startTest = () => {
    const scope = new db.RepeatScope(tell, (place) => TEST_CODE.test(place))
    db.setRepeatScope(scope)
    return () => {
      db.setRepeatScope(null)
      end(scope)
    }
  }
  return {
    middleware: (request, next) => {
      const scope = new db.RepeatScope(tell)
      scopes.set(request, scope)
      const reply = db.inRepeatScope(scope, () => next(request))
      const ended = () => end(scope)
      if (reply instanceof Promise) reply.then(ended, ended)
      else ended()
      return reply
    },
    of: (request) => scopes.get(request)?.found() ?? [],
    work: async (fn) => {
      const scope = new db.RepeatScope(tell)
      try {
        return await db.inRepeatScope(scope, fn)
      } finally {
        end(scope)
      }
    },
    stop: () => {
      generated.stop()
      unwatch()
    },
  }
}

/** Begins to count for a test; gives the function that ends it. */
export function beginTest(): () => void {
  return startTest?.() ?? (() => {})
}

/** Templates run as code that says, before each node, which line it is of. */
function templatesAsGenerated(): { readonly find: FindTemplate; readonly stop: () => void } {
  const sources = new Map<string, { readonly name: string; readonly lines: readonly string[] }>()
  const listener = (label: string, source: string): void => {
    before?.(label, source)
    const name = /^(.+): (?:body|block|partial)\b/.exec(label)?.[1]
    const script = /\/\/# sourceURL=(\S+)/.exec(source)?.[1]
    if (name !== undefined && script !== undefined) sources.set(script, { name, lines: source.split('\n') })
  }
  const before = onGenerated(listener)
  return {
    find: (script, line) => {
      const known = sources.get(script)
      // The engine counts from the head of the function, which has a line more than the text.
      const marked = known?.lines.slice(0, line - 1).findLast((text) => /\bln = \d+/.test(text))
      const found = marked === undefined ? undefined : /.*\bln = (\d+)/.exec(marked)?.[1]
      return known === undefined || found === undefined ? null : { file: known.name, line: Number(found) }
    },
    stop: () => {
      const now = onGenerated(before)
      if (now !== listener) onGenerated(now) // somebody listens after us, and tells us: nobody looks any more
    },
  }
}
