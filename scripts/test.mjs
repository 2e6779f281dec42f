// npm test: installs what is missing, then runs every group and says plainly what ran and what did not.
//
//     npm test                  everything (12 minutes at most on 2 cores)
//     npm test -- types suite   only these groups
//     npm test -- suite -- tests/db/query    arguments after a second -- go to vitest
//     npm test -- --wide        the same, with every test that can run on a server or in a worker on each of them, the code of each
//                               page of the documentation, and projects with every fault (some 40 minutes): CI
//     npm run test:long         the wide run with its long rounds: thousands of random migrations, say

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { build } from './build.mjs'
import { install, root, run } from './environment.mjs'

const chromium = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path))

/** The server of the tests of PostgreSQL; each test has a schema of its own in it. */
const postgres = process.env.POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

/** The server of the tests of MariaDB; each test has a database of its own in it. */
const mysql = process.env.MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/test'

/** Whether something listens where a URL leads. */
function answers(url) {
  const { hostname, port } = new URL(url)
  const probe = `require('node:net').connect(${Number(port) || 5432}, ${JSON.stringify(hostname)}).on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  return spawnSync(process.execPath, ['--eval', probe], { timeout: 5000 }).status === 0
}
/** The project's compiler, and the example it checks. */
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const atlas = 'examples/atlas/tsconfig.json'
/** A compiler that users may still have: one of those the benches compare with, which are not installed with the project. */
const older = join(root, 'bench', 'peers', 'types', 'node_modules', 'typescript', 'bin', 'tsc')
/** Of other groups: those of servers, of other drivers, and of the real Django. */
const servers = [
  '**/{sqlite-worker,better-sqlite3}*.test.ts',
  '**/postgres*.test.ts',
  '**/mysql*.test.ts',
  '**/pg{lite,bouncer}*.test.ts',
  'tests/db/django-interop/**',
  'tests/testing/images/servers.test.ts',
  'tests/migrations/live/timeouts.test.ts', // of locks of a server
].flatMap((path) => ['--exclude', path])
/** Where Debian installs Django. */
const python = process.env.PYTHON ?? '/usr/bin/python3'
/** Tests whose work is done by other processes, which make code as they like, or by statements of tables: once is enough. */
const processes = ['browser', 'types', 'docs', 'e2e', 'package', 'cli', 'migrations', 'testing'].map(
  (room) => `tests/${room}/**`,
)

/** Whole projects under test, which run on any server. */
const sites = ['tests/admin', 'tests/auth', 'tests/sessions', 'tests/messages']

/** What is left out of runs on one database: files that begin with the name of another. */
const NAMED = {
  sqlite: '**/sqlite{,-[!w]*}.test.ts',
  'sqlite-worker': '**/sqlite-worker*.test.ts',
  'better-sqlite3': '**/better-sqlite3*.test.ts',
  postgres: '**/!(postgres)/postgres*.test.ts', // `tests/db/postgres` is PGlite's, too
  pgbouncer: '**/pgbouncer*.test.ts',
  pglite: '**/pglite*.test.ts',
  mysql: '**/mysql*.test.ts',
}
/** Of `tests/db`, what does not ask for `TEST_ENGINE`: needs no database, or opens its own. */
const unasked = [
  'tests/db/sql/**', // texts of statements, for all databases
  'tests/db/inspect/**', // conditions read from texts
  'tests/db/backends/{decimals,introspection,open,text-dates}.test.ts', // how values are read, what is told of a bad file
  'tests/db/django-interop/**', // a group of its own
  'tests/db/query/no-returning.test.ts', // SQLite as if it gave nothing back
]
/** The whole ORM on one database: `tests/db` without what is another's. */
const ormOn = (name) => [
  'tests/db/',
  ...unasked.flatMap((path) => ['--exclude', path]),
  ...Object.keys(NAMED).flatMap((other) => (other === name ? [] : ['--exclude', NAMED[other]])),
  ...(['postgres', 'pglite'].includes(name) ? [] : ['--exclude', 'tests/db/postgres/**']),
]

/**
 * What another driver of a database does not run: the same SQL goes to the same database, which says these in a group of its own
 * (SQLite in `suite`, PostgreSQL in `postgres`). What a driver does itself stays: values, blocks, connections, queries, `dbshell`. A file
 * takes 8 seconds of a processor on PGlite, which starts a PostgreSQL for each.
 */
const SAID = ['commands/!(flush|inspect-search)*', 'models/**', 'schema/**', 'serializers/**']
const driverOf = (name) => [...ormOn(name), ...SAID.flatMap((path) => ['--exclude', `tests/db/${path}`])]

/** Migrations on one server; those of SQLite are of the suite. */
const migrations = [
  'operations',
  'executor',
  'failures',
  'conversions',
  'fills',
  'hostile-names',
  'long-names',
  'merge',
  'pairs',
  'random-changes',
  'conformance',
  'revisions',
  'squash',
  'user-model',
].map((name) => `tests/migrations/${name}`)

/** Projects made and started again for each page of the documentation, or each fault: two and a half minutes, for the wide run. */
const slow = [
  'docs/{blocks,run,tutorial}', // the README's way is in `e2e/start`
  'testing/images/images',
  'e2e/bad-database',
].flatMap((name) => ['--exclude', `tests/${name}.test.ts`])

/** What only the wide run does. */
const isWide = process.argv.includes('--wide') || process.argv.includes('--long')
const wide = (...paths) => (isWide ? paths : [])

/** Each group: what it runs against, and what it needs from the machine. */
const groups = [
  { name: 'types', against: 'TypeScript 7, no database', run: () => types(compiler, 'tsconfig.json', atlas) },
  {
    name: 'types-5.9',
    against: 'TypeScript 5.9, no database',
    missing: existsSync(older) ? undefined : 'TypeScript 5.9 is not installed: `npm ci --prefix bench/peers/types`',
    run: () => types(older, 'tests/types/older', atlas),
  },
  {
    name: 'suite',
    against: 'SQLite (node:sqlite, files and memory)',
    run: () => vitest('suite', ['--exclude', 'tests/browser/**', ...(isWide ? [] : slow), ...servers]),
  },
  {
    name: 'no-eval',
    against: 'SQLite, code generation from strings forbidden',
    run: () =>
      vitest(
        'no-eval',
        [
          ...(isWide ? [] : ['tests/db/query', 'tests/templates', 'tests/forms', 'tests/urls']),
          ...processes.flatMap((path) => ['--exclude', path]),
          ...servers,
        ],
        { NUAGES_NO_EVAL: '1' },
      ),
  },
  {
    name: 'better-sqlite3',
    against: 'SQLite (the package better-sqlite3)',
    run: () =>
      vitest('better-sqlite3', [...wide(...driverOf('better-sqlite3')), 'tests/db/backends/better-sqlite3'], {
        TEST_ENGINE: 'better-sqlite3',
      }),
  },
  {
    name: 'sqlite-worker',
    against: 'SQLite in workers, files',
    run: () =>
      vitest('sqlite-worker', [...wide(...driverOf('sqlite-worker')), 'tests/db/backends/sqlite-worker'], {
        TEST_ENGINE: 'sqlite-worker',
        // Each test starts processes of its own, from TypeScript.
        NODE_COMPILE_CACHE: join(tmpdir(), 'nuages-test-compiled'),
      }),
  },
  {
    name: 'postgres',
    against: `PostgreSQL (${new URL(postgres).host})`,
    missing: answers(postgres)
      ? undefined
      : `No PostgreSQL answers at ${new URL(postgres).host}: start it, or set POSTGRES_URL to a database that tests may use`,
    run: () =>
      vitest(
        'postgres',
        [
          'tests/db/query',
          'tests/db/connections',
          'tests/db/conformance',
          'tests/migrations/live',
          'postgres',
          ...wide(...ormOn('postgres'), ...migrations, 'tests/testing/images/servers', ...sites),
        ],
        { TEST_ENGINE: 'postgres', POSTGRES_URL: postgres, NUAGES_TEST_DATABASE: postgres },
      ),
  },
  {
    name: 'mysql',
    against: `MariaDB (${new URL(mysql).host})`,
    missing: answers(mysql)
      ? undefined
      : `No MariaDB answers at ${new URL(mysql).host}: start it, or set MYSQL_URL to a server where tests may make databases`,
    run: () =>
      vitest(
        'mysql',
        [
          'tests/db/query',
          'tests/db/conformance',
          'tests/migrations/live',
          'mysql',
          ...wide(...ormOn('mysql'), ...migrations, 'tests/testing/images/servers', ...sites),
        ],
        {
          TEST_ENGINE: 'mysql',
          MYSQL_URL: mysql,
          NUAGES_TEST_DATABASE: mysql,
        },
      ),
  },
  {
    name: 'pgbouncer',
    against: 'PostgreSQL through a pgbouncer of its own, mode transaction',
    missing: !answers(postgres)
      ? `No PostgreSQL answers at ${new URL(postgres).host}: start it, or set POSTGRES_URL to a database that tests may use`
      : spawnSync('pgbouncer', ['--version']).status !== 0
        ? 'pgbouncer is not installed: `apt-get install pgbouncer`'
        : undefined,
    run: () =>
      vitest('pgbouncer', [...wide(...driverOf('pgbouncer')), 'pgbouncer'], {
        TEST_ENGINE: 'pgbouncer',
        POSTGRES_URL: postgres,
      }),
  },
  {
    name: 'pglite',
    against: 'PGlite, in memory and in a folder',
    run: () =>
      vitest('pglite', ['pglite', 'tests/db/commands/inspect-search', ...wide(...driverOf('pglite'))], {
        TEST_ENGINE: 'pglite',
        NUAGES_TEST_DATABASE: 'pglite::memory:',
      }),
  },
  {
    name: 'django',
    against: `the real Django (${python}), on SQLite and PostgreSQL`,
    missing: !answers(postgres)
      ? `No PostgreSQL answers at ${new URL(postgres).host}: start it, or set POSTGRES_URL to a database that tests may use`
      : spawnSync(python, ['-c', 'import django, psycopg2']).status !== 0
        ? 'Django is not installed: `apt-get install python3-django python3-psycopg2`, or set PYTHON to one that has both'
        : undefined,
    run: () => vitest('django', ['tests/db/django-interop'], { POSTGRES_URL: postgres, PYTHON: python }),
  },
  {
    name: 'browser',
    against: `SQLite, Chromium (${chromium ?? 'not found'})`,
    missing: chromium
      ? undefined
      : 'Chromium is not installed: `apt-get install chromium`, or set CHROMIUM to its path',
    run: () => vitest('browser', ['tests/browser'], { CHROMIUM: chromium }),
  },
]

if (process.argv.includes('--long')) process.env.NUAGES_LONG = '1'
const reports = join(tmpdir(), `nuages-test-${process.pid}`)
const separator = process.argv.indexOf('--', 2)
const asked = (separator < 0 ? process.argv.slice(2) : process.argv.slice(2, separator)).filter(
  (word) => !word.startsWith('--'),
)
const more = separator < 0 ? [] : process.argv.slice(separator + 1)

/** What a compiler says of projects: ours with its tests, the example as its user checks it. */
function types(compiler, ...projects) {
  const result = { passed: 0, failed: 0, skipped: 0 }
  for (const project of projects) {
    const status = run([compiler, '-p', project])
    result[status === 0 ? 'passed' : 'failed']++
  }
  return result
}

function vitest(name, args, env = {}) {
  const file = join(reports, `${name}.json`)
  const status = run(
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...args,
      ...more,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    { env },
  )
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const failed = report.numFailedTests || (status === 0 ? 0 : 1) // a file that does not load fails without a test
  return {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(failuresOf),
  }
}

/** What failed in a file, each as the test and the first line of what it says: repeated at the end, thousands of lines below. */
function failuresOf({ name, message, assertionResults }) {
  const path = relative(root, name)
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (!failed.length && message) return [`${path}: ${firstLine(message)}`]
  return failed.map((test) => `${path} > ${test.fullName}: ${firstLine(test.failureMessages.join('\n'))}`)
}

const firstLine = (text) => stripVTControlCharacters(text).trim().split('\n', 1)[0].slice(0, 300)

const unknown = asked.filter((name) => !groups.some((group) => group.name === name))
if (unknown.length) {
  console.error(`There is no group ${unknown.join(', ')}. Groups: ${groups.map((group) => group.name).join(', ')}.`)
  process.exit(2)
}

install()
build({ ifNeeded: true })
mkdirSync(reports, { recursive: true })

const lines = []
const failures = []
const total = { passed: 0, failed: 0, skipped: 0 }
for (const group of groups) {
  if (asked.length && !asked.includes(group.name)) continue
  if (group.missing) {
    // In CI a missing service is a failure, not a skip: green must mean tested.
    if (process.env.CI) total.failed++
    lines.push([group.name, process.env.CI ? 'FAILED' : 'skipped', group.missing])
    continue
  }
  console.log(`\n── ${group.name}: ${group.against}`)
  const started = Date.now()
  const result = group.run()
  for (const key of Object.keys(total)) total[key] += result[key]
  for (const failure of result.failures ?? []) failures.push(`${group.name}: ${failure}`)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  lines.push([
    group.name,
    result.failed ? 'FAILED' : 'passed',
    `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped, ${seconds} s, against ${group.against}`,
  ])
}
rmSync(reports, { recursive: true, force: true })

console.log()
for (const [name, verdict, text] of lines) console.log(`${name.padEnd(10)} ${verdict.padEnd(8)} ${text}`)
if (failures.length) console.log(`\n${failures.join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`)
process.exit(total.failed ? 1 : 0)
