/** Runs the real `nuages` in a child process, against the fixture project or another folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))
export const fixture = fileURLToPath(new URL('./fixture', import.meta.url))
const bin = join(repository, 'bin', 'nuages.js')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}
export interface RunOptions {
  readonly cwd?: string
  readonly env?: Record<string, string | undefined>
  /** Sent to standard input, which is then closed. */
  readonly input?: string
}

/** A running command, its output so far, and the ways it can be waited for. */
export interface Running {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  /** Resolves with the first match of `pattern` in what is printed from `from` on. */
  until(pattern: RegExp, from?: number): Promise<RegExpExecArray>
  readonly ended: Promise<Ended>
}

const clean = {
  SECRET_KEY: 'a key for tests that is long enough to be accepted',
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  PORT: undefined,
  HOST: undefined,
  DEBUG: undefined,
  NUAGES_SETTINGS: undefined,
}

export function start(args: readonly string[], { cwd = fixture, env = {}, input }: RunOptions = {}): Running {
  const child = spawn(process.execPath, ['--conditions=nuages-source', bin, ...args], {
    cwd,
    env: { ...process.env, ...clean, ...env } as NodeJS.ProcessEnv, // undefined removes a variable
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  const waiting = new Set<() => void>()
  const note = () => {
    for (const look of waiting) look()
  }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text
    note()
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    err += text
    note()
  })
  child.stdin!.end(input ?? '')
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })))
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    until: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec((out + err).slice(from)) // both streams: a test does not care which
          if (!match) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        ended.then(() => reject(new Error(`It ended before ${pattern} was printed:\n${out}\n${err}`)))
        look()
      }),
  }
}

export function nuages(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return start(args, options).ended
}

/** A copy of a fixture that a test may change, with nuages installed in it. Removed by `remove()`. */
export function copyFixture(name = 'fixture'): { folder: string; remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-cli-')))
  cpSync(join(dirname(fixture), name), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules', 'nuages'), 'junction')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
