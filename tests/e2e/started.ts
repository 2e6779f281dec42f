/** A project as `nuages startproject` writes it, with nuages and TypeScript at hand: no npm, no network. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startProject } from '../../bin/startproject.js'
import { type Ended, nuages, type Running, repository, start } from '../cli/nuages.ts'

export interface Started {
  readonly folder: string
  run(args: readonly string[], env?: Record<string, string | undefined>): Promise<Ended>
  /** `nuages dev` on a free port; its address once it serves. */
  dev(args?: readonly string[], env?: Record<string, string | undefined>): Promise<Running & { readonly url: string }>
  read(file: string): string
  /** Replaces text; what is to be replaced must be there. */
  edit(file: string, from: string | RegExp, to: string): void
  /** `tsc --noEmit`; what it printed, nothing where all is right. */
  types(): string
  remove(): Promise<void>
}

/** Variables of the machine that would answer in the newcomer's place. */
const NEWCOMER = { SECRET_KEY: undefined, ADMIN_EMAIL: undefined, ADMIN_PASSWORD: undefined, DATABASE_URL: undefined }

export function startedProject(name = 'mysite'): Started {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-started-')))
  const { folder } = startProject({ name, cwd: parent })
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  symlinkSync(repository, join(folder, 'node_modules', 'nuages'), 'junction')
  for (const installed of ['typescript', '@types/node'])
    symlinkSync(join(repository, 'node_modules', installed), join(folder, 'node_modules', installed), 'junction')
  const running: Running[] = []
  return {
    folder,
    run: (args, env = {}) => nuages(args, { cwd: folder, env: { ...NEWCOMER, ...env } }),
    async dev(args = [], env = {}) {
      const started = start(['dev', '--port', '0', ...args], { cwd: folder, env: { ...NEWCOMER, ...env } })
      running.push(started)
      const [, url] = await started.until(/(http:\/\/127\.0\.0\.1:\d+\/)\n/)
      await started.until(/Ctrl-C stops/)
      return { ...started, url: url! }
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    edit(file, from, to) {
      const before = readFileSync(join(folder, file), 'utf8')
      const after = before.replace(from, () => to)
      if (after === before) throw new Error(`${file} has no ${from}`)
      writeFileSync(join(folder, file), after)
    },
    types() {
      const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
      const args = [tsc, '--noEmit', '-p', '.', '--customConditions', 'nuages-source']
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
      return stdout + stderr
    },
    async remove() {
      for (const each of running) each.child.kill('SIGKILL')
      await Promise.all(running.map((each) => each.ended))
      rmSync(dirname(folder), { recursive: true, force: true })
    },
  }
}

/** What is left where the slashes of the commented model are taken away. */
export function withoutSlashes(models: string): string {
  return models.replace(/^\/\/ (?!Your first)|^\/\/$/gm, '')
}
