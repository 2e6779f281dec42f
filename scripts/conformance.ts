// npm run conformance -- orm FILE... [--db sqlite|postgres|mysql|pglite] [--fixtures DIR]
//
// Runs rows recorded from the real Django (`tests/conformance/README.md` describes the format) through the public query
// API on a fresh database of the engine. Each failure is printed; the last line is `N passed, N failed`.
//
//     npm run conformance -- orm tests/conformance/orm/queries.jsonl
//     npm run conformance -- orm other.jsonl --db postgres --fixtures other    other/schema.json, other/data.json

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const USAGE = 'npm run conformance -- orm FILE... [--db sqlite|postgres|mysql|pglite] [--fixtures DIR]'

function arguments_() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { db: { type: 'string', default: 'sqlite' }, fixtures: { type: 'string' } },
    })
    const [suite, ...files] = positionals
    if (suite !== 'orm') throw new Error(`There is no suite ${suite ?? ''}: "orm" is one.`)
    if (files.length === 0) throw new Error('No file of queries was named.')
    return { files, db: values.db, fixtures: resolve(values.fixtures ?? dirname(files[0]!)) }
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

const { files, db, fixtures } = arguments_()
process.env.TEST_ENGINE = db // read when the engine's module is loaded
const { engine } = await import('../tests/db/backends/fresh.ts')
const { makeAdapter } = await import('../tests/db/conformance/adapter.ts')
const { check, readRows } = await import('../tests/db/conformance/check.ts')
const { OWN_DOING } = await import('../tests/db/conformance/own-doing.ts')
const { loadData, loadModels } = await import('../tests/db/conformance/schema.ts')
const { closeDatabases, configureDatabases } = await import('../src/db/internal.ts')

let passed = 0
let failed = 0
try {
  const config = await engine.fresh(1)
  configureDatabases({ default: config() })
  const models = loadModels(fixtures)
  await loadData(models, fixtures)
  const run = makeAdapter(models)
  for (const file of files) {
    for (const row of readRows(readFileSync(file, 'utf8'))) {
      const problem = await check(run, row)
      if (problem === null) {
        passed++
        continue
      }
      failed++
      const known = OWN_DOING[engine.name]?.[row.id]
      console.log(`${row.id} ${row.kind}${known === undefined ? '' : ` (${engine.name}'s own doing: ${known})`}`)
      console.log(`  ${JSON.stringify(row.query ?? row.steps)}\n  ${problem}`)
    }
  }
} finally {
  await closeDatabases()
  await engine.drop()
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
