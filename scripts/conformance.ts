// npm run conformance -- orm FILE... [--db sqlite|postgres|mysql|pglite] [--fixtures DIR]
// npm run conformance -- migrations FILE... [--db sqlite|postgres|mysql|pglite]
//
// `orm`: rows recorded from the real Django (`tests/conformance/README.md` describes the format) through the public query
// API on a fresh database of the engine. `migrations`: cases in the format of `docs/internals/conformance.md`, each on an
// empty database. Each failure is printed; the last line is `N passed, N failed`.
//
//     npm run conformance -- orm tests/conformance/orm/queries.jsonl
//     npm run conformance -- orm other.jsonl --db postgres --fixtures other    other/schema.json, other/data.json
//     npm run conformance -- migrations tests/conformance/migrations/*.json --db mysql

import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const USAGE = `npm run conformance -- orm FILE... [--db sqlite|postgres|mysql|pglite] [--fixtures DIR]
npm run conformance -- migrations FILE... [--db sqlite|postgres|mysql|pglite]`

const DATABASES = ['sqlite', 'postgres', 'mysql', 'pglite', 'better-sqlite3', 'sqlite-worker', 'pgbouncer']

function arguments_() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { db: { type: 'string', default: 'sqlite' }, fixtures: { type: 'string' } },
    })
    const [suite, ...files] = positionals
    if (suite !== 'orm' && suite !== 'migrations')
      throw new Error(`There is no suite "${suite ?? ''}": "orm" and "migrations" are.`)
    if (files.length === 0) throw new Error('No file was named.')
    if (!DATABASES.includes(values.db)) throw new Error(`There is no database "${values.db}": ${DATABASES.join(', ')}.`)
    const missing = files.find((file) => !existsSync(file))
    if (missing !== undefined) throw new Error(`There is no file ${missing}.`)
    return { suite, files, db: values.db, fixtures: resolve(values.fixtures ?? dirname(files[0]!)) }
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

const { suite, files, db, fixtures } = arguments_()
process.env.TEST_ENGINE = db // read when the engine's module is loaded
const { engine } = await import('../tests/db/backends/fresh.ts')

let passed = 0
let failed = 0
if (suite === 'orm') {
  const { OWN_DOING } = await import('../tests/db/conformance/own-doing.ts')
  const { runRows } = await import('../tests/db/conformance/suite.ts')
  await runRows(engine, files, fixtures, (row, problem) => {
    if (problem === null) return passed++
    failed++
    const known = OWN_DOING[engine.name]?.[row.id]
    console.log(`${row.id} ${row.kind}${known === undefined ? '' : ` (${engine.name}'s own doing: ${known})`}`)
    console.log(`  ${JSON.stringify(row.query ?? row.steps)}\n  ${problem}`)
  })
} else {
  const { readCases, runCases } = await import('../tests/migrations/conformance/suite.ts')
  let cases: ReturnType<typeof readCases> = []
  try {
    cases = files.flatMap(readCases)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
  await runCases(engine, cases, (given, problem) => {
    if (problem === null) return passed++
    failed++
    const { id = `case ${cases.indexOf(given) + 1}, without an id`, title } = given
    console.log(`${id}${title ? ` ${title}` : ''}\n  ${problem}`)
  })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
