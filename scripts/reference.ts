/**
 * docs/reference/: pages made from the source, so that they cannot say anything else than it does.
 *
 *     node --conditions=nuages-source scripts/reference.ts             writes them
 *     node --conditions=nuages-source scripts/reference.ts --check     exits 1 when one is out of date, and says which
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checksPage } from './reference/checks.ts'
import { commandsPage } from './reference/commands.ts'
import { errorsPage } from './reference/errors.ts'
import { fieldsPage } from './reference/fields.ts'
import { lookupsPage } from './reference/lookups.ts'
import { settingsPage } from './reference/settings.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../docs/reference')

const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  settings: settingsPage,
  errors: errorsPage,
  checks: checksPage,
  commands: commandsPage,
  fields: fieldsPage,
  lookups: lookupsPage,
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

for (const [name, make] of Object.entries(pages)) {
  const path = join(folder, `${name}.md`)
  const text = `${(await make()).trimEnd()}\n`
  const before = read(path)
  if (before === text) continue
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text)
    console.log(`docs/reference/${name}.md: ${text.split('\n').length} lines`)
    continue
  }
  const known = new Set(before.split('\n'))
  const fresh = text.split('\n').filter((line) => !known.has(line))
  console.error(`docs/reference/${name}.md is out of date; run \`npm run reference\`. New lines:`)
  for (const line of fresh.slice(0, 10)) console.error(`  ${line}`)
  process.exitCode = 1
}
