// Starting programs as a newcomer would, what they take, and ending all of them.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'

const running = new Set()

/**
 * The environment of a newcomer: nothing of this repository's. npm takes from its cache what is there: the marks are
 * for a warm one, not for the way to the registry. `node`: the folder of the Node they have.
 */
export function newcomer(node, extra = {}) {
  // What `npm run` says of this repository goes; how npm reaches its registry (npm_config_*, certificates) stays.
  const ours =
    /^(npm_(?!config_)|npm_config_(local_prefix|prefix|user_agent|node_gyp)$|NODE_(OPTIONS|PATH)$|NUAGES_|PORT$|HOST$|DEBUG$|INIT_CWD$)/i
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes(`node_modules${sep}.bin`))
  const env = { ...clean, PATH: [node, ...path].join(delimiter), NO_COLOR: '1', npm_config_prefer_offline: 'true' }
  return { ...env, ...extra }
}

/** The folder of the first `node` on the path that is none of this repository's. */
export function nodeFolder() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes('node_modules'))
  return path.find((part) => existsSync(join(part, 'node'))) ?? dirname(process.execPath)
}

/** Runs a program to its end. Throws with its output when it fails, unless `mayFail`. */
export async function run(command, args, { cwd, env, mayFail = false }) {
  const began = performance.now()
  const child = begin(command, args, { cwd, env })
  await child.ended
  const seconds = (performance.now() - began) / 1000
  if (child.code() !== 0 && !mayFail)
    throw new Error(`${command} ${args.join(' ')} ended with ${child.code()}:\n${child.out()}`)
  return { seconds, out: child.out(), code: child.code() }
}

/** Starts a program in a process group of its own, so that nothing of it stays. */
export function begin(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  running.add(child)
  let out = ''
  let failure = null
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text))
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      failure = error
      resolve()
    })
    child.once('close', resolve)
  }).then(() => running.delete(child))
  return {
    pid: child.pid,
    out: () => (failure === null ? out : `${out}\n${failure.message}`),
    code: () => child.exitCode ?? -1,
    ended,
    /** Waits until `pattern` is printed after the first `from` characters. */
    async until(pattern, from = 0, milliseconds = 60_000) {
      const late = performance.now() + milliseconds
      for (;;) {
        const found = pattern.exec(out.slice(from))
        if (found) return found
        if (child.exitCode !== null || failure !== null || performance.now() > late)
          throw new Error(`${command} ${args.join(' ')} never printed ${pattern}:\n${out}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async stop() {
      signal(child, 'SIGTERM')
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
      signal(child, 'SIGKILL')
    },
  }
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name)
  } catch {
    // It is gone.
  }
}

/** Ends whatever is still running. */
export function endAll() {
  for (const child of running) signal(child, 'SIGKILL')
}

/**
 * Memory of the processes below `pid` that run nuages, in MB. `resident` counts the pages each has, added up;
 * `proportional` counts pages that several share, Node's own program above all, once. Linux only; null elsewhere.
 */
export function memoryOf(pid) {
  if (!existsSync('/proc/self/smaps_rollup')) return null
  const parents = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(
        Number(name),
        Number(
          readFileSync(`/proc/${name}/stat`, 'utf8')
            .replace(/^.*\) /s, '')
            .split(' ')[1],
        ),
      )
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (each) => each === pid || (parents.has(each) && isBelow(parents.get(each)))
  const found = []
  for (const each of parents.keys()) {
    if (!isBelow(each)) continue
    const words = readFileSync(`/proc/${each}/cmdline`, 'utf8').split('\0')
    // npm and its shell are the newcomer's, not ours.
    if (!words.slice(0, 4).some((word) => /(\.bin\/nuages|nuages\/bin\/nuages\.js|cli\/dev\/entry\.js)$/.test(word)))
      continue
    if (/(^|\/)(sh|bash|dash)$/.test(words[0])) continue
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8')
    const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0)
    found.push({ resident: kilobytes('Rss') / 1024, proportional: kilobytes('Pss') / 1024 })
  }
  const sum = (name) => found.reduce((total, each) => total + each[name], 0)
  return { processes: found.length, resident: sum('resident'), proportional: sum('proportional') }
}
