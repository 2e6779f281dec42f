// Builds dist/ from src/: JavaScript and .d.ts by tsc, everything else copied as it is. `--if-needed` does nothing
// when no source is newer than the last build.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newest, root, run } from './environment.mjs'

const stamp = join(root, 'dist', '.built')
const src = join(root, 'src')

export function build({ ifNeeded = false } = {}) {
  const sources = Math.max(newest(src), statSync(join(root, 'tsconfig.build.json')).mtimeMs)
  if (ifNeeded && existsSync(stamp) && statSync(stamp).mtimeMs > sources) return
  console.log('Building …')
  // Beside the last build, which stays until this one is whole.
  const next = join(root, 'dist.new')
  rmSync(next, { recursive: true, force: true })
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const status = run([compiler, '-p', 'tsconfig.build.json', '--outDir', next])
  if (status !== 0) {
    rmSync(next, { recursive: true, force: true })
    console.error('The build failed: tsc reports the places above.')
    process.exit(status)
  }
  copyAssets(src, next)
  // Node looks for the nearest package.json of each file, and reads our long one anew every time: 20 MB less with it.
  writeFileSync(join(next, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(next, '.built'), new Date().toISOString())
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(next, join(root, 'dist'))
}

/** Templates, styles, scripts and translations travel beside the code. */
function copyAssets(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) copyAssets(source, target)
    else if (!/\.(ts|md)$/.test(entry.name)) {
      mkdirSync(to, { recursive: true })
      cpSync(source, target)
    }
  }
}

if (process.argv[1]?.endsWith('build.mjs')) build({ ifNeeded: process.argv.includes('--if-needed') })
