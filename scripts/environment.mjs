// What every script needs before the project's own Node is there. Runs on Node 20 with nothing installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The pinned Node from node_modules, once installed; else the one running this script. */
export function nodePath() {
  const own = join(root, 'node_modules', 'node', 'bin', 'node')
  return existsSync(own) ? own : process.execPath
}

/** The environment of child processes: the project's own binaries come first. */
export function environment(extra = {}) {
  const bin = join(root, 'node_modules', '.bin')
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, ...extra }
}

/** Installs what package-lock.json names, when node_modules is missing or older. */
export function install() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs && nodePath() !== process.execPath)
    return
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(lock).mtimeMs &&
    atLeast(process.versions.node, '24.15.0')
  )
    return
  console.log('Installing packages …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) {
    console.error('npm ci failed: see its message above. The registry must be reachable, and this folder writable.')
    process.exit(done.status ?? 1)
  }
}

/** Compares dotted versions. */
export function atLeast(version, wanted) {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number))
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] > b[i]
  return true
}

/** Newest modification time (ms) of the files below `folder`. */
export function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}

/** Runs a command with the project's Node; gives its exit code. Output goes to the terminal. */
export function run(args, options = {}) {
  const done = spawnSync(nodePath(), args, { cwd: root, stdio: 'inherit', ...options, env: environment(options.env) })
  if (done.error) throw done.error
  return done.status ?? 1
}

/** Runs a command until it ends, passing Ctrl-C and termination on to it. */
export function runForever(args, options = {}) {
  const child = spawn(nodePath(), args, { cwd: root, stdio: 'inherit', ...options, env: environment(options.env) })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)))
}
