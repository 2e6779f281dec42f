/**
 * What models and queries cost the compiler: instantiations, memory and time at 20 and 100 models with 500 queries, on
 * TypeScript 7 and 5.9, beside Drizzle and Kysely on the same tables and like queries; and how long an editor waits for a
 * completion. See README.md.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Editor } from '../tests/types/editor.ts'
import { generateModels } from '../tests/types/generate.ts'
import { compiler as compiler7, root } from '../tests/types/tsc.ts'
import { readOptions } from './lib/options.ts'
import { installPeers, peers } from './lib/peers.ts'
import { absolute, type Row, report } from './lib/report.ts'
import { drizzleProject, kyselyProject } from './lib/type-projects.ts'

/** Of the marks, and of the comparison: what the peers take grows faster than what we take. */
const QUERIES = { marks: 500, peers: 60 }
const here = `${peers}types/`
installPeers(here)
const compiler59 = join(here, 'node_modules', 'typescript', 'bin', 'tsc')
const { only, pairs } = readOptions()
const rounds = Math.max(6, Math.ceil(pairs / 4)) // a run takes some seconds

/** What the compiler said of a project. */
interface Compiled {
  /** Thousands. */
  readonly instantiations: number
  /** MB. */
  readonly memory: number
  /** Seconds of its check, which it prints itself; by the clock. */
  readonly check: number
  /** Seconds of CPU, user and system, of the whole process. */
  readonly cpu: number
}

/** Seconds of CPU that processes took which this one waited for; of Linux, NaN elsewhere. */
function childrenCpu(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100 // cutime and cstime, in hundredths
  } catch {
    return Number.NaN
  }
}

function compile(compiler: string, folder: string): Compiled {
  const one = compiler === compiler7 ? ['--singleThreaded'] : []
  const before = childrenCpu()
  const args = [compiler, '-p', folder, '--extendedDiagnostics', '--pretty', 'false', ...one]
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${folder} does not compile:\n${stdout.slice(0, 2000)}`)
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1])
  return {
    instantiations: read('Instantiations') / 1e3,
    memory: read('Memory used') / 1024,
    check: read('Check time'),
    cpu: childrenCpu() - before,
  }
}

/** Makes a generated project one of a user: against the built package, declarations of libraries not checked. */
function asUsers(folder: string): string {
  const { customConditions: _, ...options } = (
    JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: Record<string, unknown> }
  ).compilerOptions
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, types: [] }, include: ['.'] }),
  )
  return folder
}
const generated = (name: string) => join(here, '.generated', name)

const rows: Row[] = []
/** Lines of one project, whose folder is only written when it is measured. */
function measure(title: string, compiler: string, times: number, folder: () => string, marks: Partial<Compiled> = {}) {
  if (!title.includes(only)) return
  const project = asUsers(folder())
  const runs = Array.from({ length: times }, () => compile(compiler, project))
  const line = (what: string, unit: string, key: keyof Compiled) => {
    const mark = marks[key]
    const values = runs.map((run) => run[key])
    rows.push(absolute(`${title}: ${what}`, unit, values, null, mark === undefined ? {} : { mark }))
  }
  line('instantiations', 'k', 'instantiations')
  line('memory', 'MB', 'memory')
  line('check time', 's', 'check')
  line('CPU of the whole process', 's', 'cpu')
}

const ours = (count: number, queries: number) => () => generateModels(count, queries, `bench-${count}-${queries}`)
measure('TypeScript 7, 20 models', compiler7, rounds, ours(20, QUERIES.marks))
measure('TypeScript 7, 100 models', compiler7, rounds, ours(100, QUERIES.marks), { instantiations: 2200, check: 2.5 })
measure('TypeScript 5.9, 100 models', compiler59, rounds, ours(100, QUERIES.marks), { check: 8 })
for (const [name, folder] of [
  ['nuages', ours(100, QUERIES.peers)],
  ['drizzle', () => drizzleProject(generated('drizzle'), 100, QUERIES.peers)],
  ['kysely', () => kyselyProject(generated('kysely'), 100, QUERIES.peers)],
] as const) {
  measure(`${QUERIES.peers} queries, ${name}`, compiler7, rounds, folder)
}

/** Milliseconds until an editor is answered: right after the project was opened, then as it goes on being typed in. */
async function completion(): Promise<{ readonly cold: number; readonly warm: readonly number[] }> {
  const folder = asUsers(ours(100, QUERIES.marks)())
  const file = join(folder, 'typed-just-now.ts') // exists in the editor only
  const head = "import { M50 } from './m50.ts'\n"
  const editor = await Editor.open(folder)
  const warm: number[] = []
  let cold = Number.NaN
  const steps = ['next__|', 'other__|', 'next__other__|', 'prevs__links__|', 'title__|', 'links__next__|']
  for (const [i, step] of ['next__|', ...steps, ...steps].entries()) {
    const begun = performance.now()
    const found = await editor.complete(file, `${head}M50.objects.filter({ pages__gte: 1, ${step} })`)
    const took = performance.now() - begun
    if (found.length < 10) throw new Error(`Nothing to complete at ${step}: ${found.join(' ')}`)
    if (i === 0) cold = took
    else warm.push(took)
  }
  editor.close()
  return { cold, warm }
}

if ('completion'.includes(only)) {
  const measured: Awaited<ReturnType<typeof completion>>[] = []
  for (let i = 0; i < rounds; i++) measured.push(await completion())
  const warm = measured.flatMap((each) => each.warm)
  rows.push(absolute('completion after a relation, warm', 'ms', warm, null, { mark: 250 }))
  const cold = measured.map((each) => each.cold)
  rows.push(absolute('completion, the first in a new process', 'ms', cold, null))
}

report(
  'types',
  rows,
  `${QUERIES.marks} queries, each a filter() of five keys, an orderBy() of three paths and values() of three, none to two relations away; for the comparison ${QUERIES.peers} of them, which Drizzle and Kysely write as joins, 100 models. One checker (--singleThreaded), against the built package, skipLibCheck; ${rounds} runs of each. Check time: what the compiler prints of itself, by the clock: the marks are of this. CPU: user and system time of the whole process, with its start, parsing, binding and garbage collection, beside it. Completion: \`tsc --lsp\`, 100 models, a file not on disk, from the key's last letter to the list; by the clock, as the check time: load on the machine lengthens both.`,
)
