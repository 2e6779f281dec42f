/**
 * What 500 migrations over 100 models cost: `migrate` with nothing to do, with one new migration after 500 that are
 * applied, `makemigrations --check`, the models at the end made from the files alone, and everything from zero. Beside it Django with the same history, where Debian's Python has
 * it. See README.md.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bin, temporaryFolder } from './lib/database.ts'
import { oneNew, writeDjango, writeNuages } from './lib/migration-project.ts'
import { readOptions } from './lib/options.ts'
import { absolute, report } from './lib/report.ts'

const { pairs } = readOptions()
const rounds = Math.min(20, pairs)
const root = temporaryFolder()
const nuages = join(root, 'nuages')
const django = join(root, 'django')
writeNuages(nuages)
writeDjango(django)
const python = process.env.PYTHON ?? '/usr/bin/python3'
const hasDjango = spawnSync(python, ['-c', 'import django']).status === 0

/** Milliseconds from spawning a process to its end. */
function time(cwd: string, command: string, args: readonly string[], env: Record<string, string> = {}): number {
  const begun = performance.now()
  const done = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' })
  const took = performance.now() - begun
  if (done.status !== 0) throw new Error(`${args.join(' ')} failed:\n${done.stdout}${done.stderr}`)
  return took
}
const ours = (...words: string[]) => time(nuages, process.execPath, [bin, ...words])
const theirs = (...words: string[]) =>
  time(django, python, ['-m', 'django', ...words], { DJANGO_SETTINGS_MODULE: 'settings', PYTHONPATH: '.' })

/** Reads the files and makes the models at their end, in a process that has everything else loaded. */
function stateTimes(): { load: number; state: number } {
  const script = new URL('lib/migration-state.ts', import.meta.url).pathname
  const done = spawnSync(process.execPath, [script, nuages], { encoding: 'utf8', cwd: nuages })
  if (done.status !== 0) throw new Error(done.stderr)
  return JSON.parse(done.stdout) as { load: number; state: number } // as that file prints it
}

const zero: number[] = []
const zeroDjango: number[] = []
for (let i = 0; i < Math.min(3, rounds); i++) {
  rmSync(join(nuages, 'db.sqlite3'), { force: true })
  zero.push(ours('migrate'))
  if (!hasDjango) continue
  rmSync(join(django, 'db.sqlite3'), { force: true })
  zeroDjango.push(theirs('migrate', '-v0'))
}
/** Milliseconds to apply one more migration; afterwards it is as if that had never been. */
function applyOne(project: keyof typeof oneNew, root: string, migrate: () => number, undo: () => void): number {
  const remove = oneNew[project](root)
  const took = migrate()
  undo()
  remove()
  return took
}
const oursOne = () =>
  applyOne(
    'nuages',
    nuages,
    () => ours('migrate'),
    () => ours('migrate', 'app0', '0100'),
  )
const theirsOne = () =>
  applyOne(
    'django',
    django,
    () => theirs('migrate', '-v0'),
    () => theirs('migrate', '-v0', 'app0', '0100'),
  )
const bare: number[] = []
const nothing: number[] = []
const nothingDjango: number[] = []
const one: number[] = []
const oneDjango: number[] = []
const check: number[] = []
const checkDjango: number[] = []
const load: number[] = []
const state: number[] = []
ours('migrate')
ours('makemigrations', '--check')
for (let i = 0; i < rounds; i++) {
  bare.push(time(nuages, process.execPath, ['-e', '']))
  nothing.push(ours('migrate'))
  one.push(oursOne())
  check.push(ours('makemigrations', '--check'))
  const times = stateTimes()
  load.push(times.load)
  state.push(times.state)
  if (!hasDjango) continue
  nothingDjango.push(theirs('migrate', '-v0'))
  oneDjango.push(theirsOne())
  checkDjango.push(theirs('makemigrations', '--check'))
}
const beside = (values: readonly number[]) => (hasDjango ? values : null)
report(
  'migrations',
  [
    absolute('migrate, nothing to do', 'ms', nothing, beside(nothingDjango), { mark: 500 }),
    absolute('migrate, one new', 'ms', one, beside(oneDjango), { mark: 500 }),
    absolute('makemigrations --check', 'ms', check, beside(checkDjango)),
    absolute('reading 500 files', 'ms', load, null),
    absolute('the models at their end', 'ms', state, null, { mark: 2000 }),
    absolute('migrate from zero', 'ms', zero, beside(zeroDjango)),
    absolute('a bare process of Node', 'ms', bare, null),
  ],
  `500 migrations of 5 apps over 100 models, on SQLite; ${rounds} rounds in turns, from spawning a process to its end, with what Node's compile cache keeps. In the column by hand: Django of Debian with the same history.`,
)
