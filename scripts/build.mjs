// Builds dist/ from src/: JavaScript and .d.ts by tsc, everything else copied as it is. `--if-needed` does nothing
// when no source is newer than the last build.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { newest, root, run } from './environment.mjs'

const stamp = join(root, 'dist', '.built')
const src = join(root, 'src')

export function build({ ifNeeded = false } = {}) {
  const ways = ['tsconfig.build.json', 'package.json', 'scripts/build.mjs'].map(
    (path) => statSync(join(root, path)).mtimeMs,
  )
  const sources = Math.max(newest(src), ...ways)
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
  byPlace(next)
  // Node looks for the nearest package.json of each file, and reads our long one anew every time: 20 MB less with it.
  writeFileSync(join(next, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(join(next, '.built'), new Date().toISOString())
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(next, join(root, 'dist'))
}

/**
 * Where a declaration names ours by the package's name, names it by its place: tsc writes `import("nuages/db")`, which leads
 * nowhere in a copy that is linked (`npm install ../nuages`), for dist/package.json has no exports.
 */
function byPlace(dist) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const path of readdirSync(dist, { recursive: true })) {
    if (!path.endsWith('.d.ts')) continue
    const file = join(dist, path)
    const text = readFileSync(file, 'utf8')
    const placed = text.replace(/\bimport\("nuages(\/[\w/-]+)?"\)/g, (whole, sub = '') => {
      const types = exports[`.${sub}`]?.types
      if (types === undefined) return whole
      const to = relative(dirname(path), types.replace('./dist/', '')).split(sep).join('/')
      return `import("${to.startsWith('.') ? to : `./${to}`}")`.replace(/\.d\.ts"/, '.js"')
    })
    if (placed !== text) writeFileSync(file, placed)
  }
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
