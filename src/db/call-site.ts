/** Where a block was opened. Capturing is cheap (about a microsecond); text is made only when somebody asks. */
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const OURS = fileURLToPath(new URL('.', import.meta.url))

/** Captures the caller of `below`; the function gives `file:line`, the first place outside the database room. */
export function callSite(below: Function): () => string {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, below)
  return () => describeStack(site.stack ?? '')
}

/** The first frame of a stack that is neither ours nor Node's, as `file:line` relative to the working directory. */
export function describeStack(stack: string): string {
  let fallback = ''
  for (const line of stack.split('\n').slice(1)) {
    const match = /[\s(]((?:file:\/\/)?\/[^()]+|[A-Za-z]:[\\/][^()]+):(\d+):\d+\)?$/.exec(line)
    if (!match) continue
    const path = match[1]!.startsWith('file:') ? fileURLToPath(match[1]!) : match[1]!
    const near = relative(process.cwd(), path)
    const text = `${near.startsWith(`..${sep}`) ? path : near}:${match[2]}`
    if (!path.startsWith(OURS)) return text
    fallback ||= text
  }
  return fallback || 'a block opened in code without a file'
}
