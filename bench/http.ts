/**
 * Requests through the default middleware against the same answers from node:http by hand: CPU time of the server, by
 * request. See README.md.
 */
import { Child } from './lib/child.ts'
import { startSite } from './lib/database.ts'
import type { Load } from './lib/load.ts'
import { readOptions } from './lib/options.ts'
import { interleave } from './lib/pairs.ts'
import { compared, type Marks, type Row, report } from './lib/report.ts'
import { signIn } from './lib/sign-in.ts'

const CONNECTIONS = 32
/** Requests to each side before anything counts: V8 has compiled what is hot by then, as in a server that runs. */
const WARM_UP = 24_000

const subjects: readonly (Marks & { readonly name: string; readonly path: string; readonly requests: number })[] = [
  { name: 'plaintext', path: '/plaintext', requests: 4000, mark: 1.4, goal: 1.1 },
  { name: 'JSON', path: '/json', requests: 4000, mark: 1.4, goal: 1.1 },
  { name: 'signed-in page', path: '/page/', requests: 1500, mark: 1.6, goal: 1.3 },
]
/** Visitors who are not signed in have no cookies. */
const cookiesFor = (path: string): Record<string, string> => (path === '/page/' ? { cookie } : {})

const { pairs, only, profile } = readOptions()
const { project, env } = await startSite()
const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
const [site, sitePort] = await Child.start<number>('servers/site.ts', env, flags)
const [byHand, byHandPort] = await Child.start<number>('servers/by-hand.ts', env)
const [load] = await Child.start('lib/load.ts')
const cookie = await signIn(`http://127.0.0.1:${sitePort}`)

/** CPU microseconds of a server for one request, over many. */
async function cost(server: Child, request: Load): Promise<number> {
  const before = await server.ask<number>('cpu')
  await load.ask(request)
  return ((await server.ask<number>('cpu')) - before) / request.requests
}

const rows: Row[] = []
for (const { name, path, requests, ...marks } of subjects) {
  if (!name.includes(only)) continue
  await assertSame(path)
  const request = {
    path,
    headers: Object.entries(cookiesFor(path)).map((header) => header.join(': ')),
    connections: CONNECTIONS,
    requests,
  }
  const ours = () => cost(site, { ...request, port: sitePort })
  const hand = () => cost(byHand, { ...request, port: byHandPort })
  for (let done = 0; done < WARM_UP; done += requests) {
    await ours()
    await hand()
  }
  rows.push(compared(name, await interleave(ours, hand, pairs), marks))
}
await Promise.all([site.stop(), byHand.stop(), load.stop()])
await project.close()
report(
  'http',
  rows,
  `CPU microseconds a request, user and system, of the server's process; ${pairs} interleaved pairs. Load: bench/lib/load.ts in a process of its own, ${CONNECTIONS} raw sockets kept alive; ${WARM_UP} requests to warm up. Same headers and bytes from both; the access log is on for nuages alone.`,
)

/** Both servers give one answer, but for the random mask of the token. */
async function assertSame(path: string): Promise<void> {
  const [ours, hand] = await Promise.all([sitePort, byHandPort].map((port) => answer(port, path)))
  if (ours !== hand) throw new Error(`The answers to ${path} differ.\n\nnuages:\n${ours}\n\nby hand:\n${hand}`)
}

async function answer(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: cookiesFor(path), redirect: 'manual' })
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  const lines = headers.map(([name, value]) => `${name}: ${value.replace(/expires=[^;]+; ?/i, '')}`)
  const body = (await response.text()).replace(/(csrfmiddlewaretoken" value=")\w{64}/, '$1…')
  return `${response.status}\n${lines.join('\n')}\n\n${body}`
}
