/** Two copies of the package in one process: models of one are unknown to the other, and nothing works as it looks. */
import { ConfigurationError } from './errors.ts'

const COPIES = Symbol.for('nuages.copies')

interface Holder {
  [COPIES]?: Set<string>
}

function copies(): Set<string> {
  const holder = globalThis as Holder // all copies meet here
  holder[COPIES] ??= new Set()
  return holder[COPIES]
}

/** Notes that a copy was loaded. `url`: the `import.meta.url` of its front door, `src/index.ts` or `dist/index.js`. */
export function registerCopy(url: string): void {
  copies().add(url.startsWith('file:') ? decodeURI(new URL('..', url).pathname) : url)
}

/** @throws ConfigurationError std.two-copies, naming the directories, when more than one copy was loaded */
export function assertSingleCopy(): void {
  const found = [...copies()]
  if (found.length < 2) return
  throw new ConfigurationError(`Nuages is installed ${found.length} times: ${found.join(' and ')}.`, {
    code: 'std.two-copies',
    hint: 'Keep one: run "npm dedupe", and make apps name nuages in peerDependencies.',
  })
}
