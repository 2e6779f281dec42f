// npm run docs: builds the site of the documentation to docs/.vitepress/dist. `npm run docs -- dev` serves it while you
// write, `npm run docs -- preview` serves what was built. What it needs is installed in docs/, apart from everything else.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, runForever } from './environment.mjs'

const docs = join(root, 'docs')
const [command = 'build', ...rest] = process.argv.slice(2)
if (!['build', 'dev', 'preview'].includes(command)) {
  console.error(`npm run docs knows build, dev and preview, not ${JSON.stringify(command)}.`)
  process.exit(2)
}

const installed = join(docs, 'node_modules', '.package-lock.json')
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(docs, 'package-lock.json')).mtimeMs) {
  console.log('Installing what builds the documentation …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: docs, stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

const vitepress = [join(docs, 'node_modules', 'vitepress', 'bin', 'vitepress.js'), command, ...rest]
if (command === 'build') process.exit(run(vitepress, { cwd: docs }))
runForever(vitepress, { cwd: docs })
