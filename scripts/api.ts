/**
 * docs/api.txt: every public name, door by door, read from the emitted declarations. The file is committed; CI compares.
 *
 *     node scripts/api.ts             writes docs/api.txt
 *     node scripts/api.ts --check     exits 1 when it is out of date, and shows the lines that differ
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'docs', 'api.txt')

type Exports = Record<string, { types?: string } | string>
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Exports }

/** Names a declaration file exports; types are marked, because they leave nothing at run time. */
function namesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const names = new Set<string>()
  for (const [, allTypes, list] of text.matchAll(/export (type )?\{([^}]*)\}/g)) {
    for (const part of list!.split(',')) {
      const [, type, name] = /^\s*(type\s+)?(?:[\w$]+\s+as\s+)?([\w$]+)\s*$/.exec(part) ?? []
      if (name) names.add(allTypes || type ? `type ${name}` : name)
    }
  }
  for (const [, kind, name] of text.matchAll(
    /export (?:declare )?(?:abstract )?(function|const|let|class|interface|type) ([\w$]+)/g,
  )) {
    names.add(kind === 'interface' || kind === 'type' ? `type ${name}` : name!)
  }
  if (/export \*/.test(text)) names.add('export * (not allowed: a door lists its names)')
  const bare = (name: string) => name.replace('type ', '')
  return [...names].sort((a, b) => (bare(a) < bare(b) ? -1 : 1))
}

const lines = ['# The public names, door by door. Made by `npm run api`.', '']
for (const [door, entry] of Object.entries(exports)) {
  if (typeof entry === 'string' || !entry.types) continue
  lines.push(`nuages${door.slice(1)}`, ...namesOf(join(root, entry.types)).map((name) => `  ${name}`), '')
}
const text = lines.join('\n')

if (process.argv.includes('--check')) {
  const before = new Set(readFileSync(target, 'utf8').split('\n'))
  const after = new Set(lines)
  const differences = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ]
  if (readFileSync(target, 'utf8') !== text) {
    console.error(`docs/api.txt is out of date; run \`npm run api\` and read what changed:\n${differences.join('\n')}`)
    process.exitCode = 1
  } else console.log('docs/api.txt is up to date')
} else {
  writeFileSync(target, text)
  console.log(`docs/api.txt: ${lines.length} lines`)
}
