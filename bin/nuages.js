#!/usr/bin/env node
// The `nuages` command. Plain JavaScript that parses on Node 18: its first duty is to find a Node new enough.
// Order: startproject, which needs nothing; a newer Node from the project's node_modules; the project's own copy of
// nuages; then src/cli/main.ts.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const wanted = [24, 15]
const self = realpathSync(fileURLToPath(import.meta.url))

/** The first `<folder>/<path>` that exists, from the working directory upwards. */
function findUp(...paths) {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    for (const path of paths) if (existsSync(join(folder, path))) return join(folder, path)
    if (dirname(folder) === folder) return undefined
  }
}

/** Runs this command line on another Node: same terminal, signals passed on, exit code kept. */
function runOn(node) {
  const child = spawn(node, [...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, NUAGES_NODE: node },
  })
  // A terminal sends Ctrl-C to the child by itself; elsewhere it must be passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

/**
 * `serve` collects short-lived garbage at 4 MB. V8's own limit lets it grow to many times that: some 25 MB more on small
 * pages and 80 on large ones, for 5 % of the time. V8 takes this at its start only, so the process begins anew, in place:
 * same number, same terminal. Not where a limit is given already, nor in a child that talks to its parent (cluster, pm2).
 */
function collectEarly() {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((word) => word.includes('semi-space'))
  if (process.argv[2] !== 'serve' || given || process.send || process.platform === 'win32' || !process.execve) return
  const flags = ['--max-semi-space-size=4', ...process.execArgv]
  process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], process.env)
}

const [major, minor] = process.versions.node.split('.').map(Number)
const local = findUp('node_modules/nuages/bin/nuages.js')

if (process.argv[2] === 'startproject') {
  const { run } = await import('./startproject.js')
  process.exitCode = run(process.argv.slice(3))
} else if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  const node = findUp('node_modules/node/bin/node', 'node_modules/node/bin/node.exe')
  // NUAGES_NODE is set: the local one was tried and is too old as well.
  if (node && !process.env.NUAGES_NODE) runOn(node)
  else
    fail(
      `Nuages needs Node ${wanted.join('.')} or newer and this is ${process.versions.node}: ` +
        'update Node, or run "npm install node@24" in the project and start again.',
    )
} else if (local && realpathSync(local) !== self) {
  // A global nuages must not run a project that has its own: models and settings would meet two copies of the classes.
  await import(pathToFileURL(local).href)
} else {
  collectEarly()
  module.enableCompileCache?.()
  const { main } = await import('#main').catch((error) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && String(error.url ?? error.message).includes('dist/cli/main.js'))
      return fail('This copy of nuages is not built: run "npm run build" in its folder.')
    throw error
  })
  await main(process.argv.slice(2))
}
