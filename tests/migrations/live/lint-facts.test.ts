/**
 * The linter's facts against the servers: each change is made by its operation, and what the server did is compared with
 * what the table says. PostgreSQL: locks, new files, rows read. MariaDB: the best algorithm it accepts. SQLite: rebuilds.
 */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { lintPlan, migrationDatabase, migrationSql } from '../../../src/db/migrations/internal.ts'
import { type Change, FACTS } from '../../../src/db/migrations/lint/facts.ts'
import { engine } from '../../db/backends/fresh.ts'
import { closeDatabase, executor, history, migrate, openDatabase, rows, run } from '../history.ts'

const { addConstraint, addConstraintNotValid, addField, addIndex, addIndexConcurrently, addTrigger, alterField } = door
const {
  alterModelTable,
  check,
  createModel,
  deleteModel,
  F,
  fields: f,
  fn,
  index,
  removeConstraint,
  removeField,
} = door
const { removeIndex, renameField, trigger, unique, validateConstraint } = door

beforeEach(() => void openDatabase())
afterEach(closeDatabase)

const base = history([
  '0001_initial',
  [
    createModel('Author', { id: f.autoId() }),
    createModel(
      'Book',
      {
        id: f.autoId(),
        title: f.char({ maxLength: 20 }),
        long: f.char({ maxLength: 100 }),
        pages: f.integer({ null: true }),
        must: f.integer(),
        number: f.bigInteger({ null: true }),
      },
      {
        indexes: [index(['title'], { name: 'titles' })],
        constraints: [check({ must__gte: 0 }, { name: 'positive' })],
      },
    ),
  ],
])

const CASES: readonly (readonly [Change, door.Operation, before?: door.Operation])[] = [
  ['dropTable', deleteModel('Book')],
  ['renameTable', alterModelTable('Book', 'volumes')],
  ['addColumn', addField('Book', 'x', f.integer({ null: true }))],
  ['addColumn', addField('Book', 'x', f.integer({ dbDefault: 3 }))],
  ['addColumnNotNull', addField('Book', 'x', f.integer(), { fill: 7 })],
  ['addColumnVolatile', addField('Book', 'x', f.float({ dbDefault: fn('random', []) }))],
  [
    'addColumnComputed',
    addField('Book', 'x', f.generated(fn('lower', F('title')), { output: f.char({ maxLength: 20 }), stored: true })),
  ],
  ['dropColumn', removeField('Book', 'number')],
  // Without the check: SQLite makes a table with checks anew for it.
  ['renameColumn', renameField('Book', 'title', 'name'), removeConstraint('Book', 'positive')],
  ['widenText', alterField('Book', 'long', f.char({ maxLength: 200 }))],
  ['widenText', alterField('Book', 'title', f.char({ maxLength: 60 }))],
  ['alterType', alterField('Book', 'pages', f.bigInteger({ null: true }))],
  ['alterType', alterField('Book', 'long', f.char({ maxLength: 40 }))],
  ['setNotNull', alterField('Book', 'pages', f.integer())],
  ['dropNotNull', alterField('Book', 'must', f.integer({ null: true }))],
  ['alterDefault', alterField('Book', 'must', f.integer({ dbDefault: 4 }))],
  ['addIndex', addIndex('Book', index(['pages'], { name: 'by_pages' }))],
  ['addIndexConcurrently', addIndexConcurrently('Book', index(['pages'], { name: 'by_pages' }))],
  ['dropIndex', removeIndex('Book', 'titles')],
  ['addUnique', addConstraint('Book', unique(['title', 'id'], { name: 'once' }))],
  [
    'addForeignKey',
    alterField(
      'Book',
      'number',
      f.foreignKey('library.Author', { null: true, onDelete: 'cascade', dbColumn: 'number', index: false }),
    ),
  ],
  ['addCheck', addConstraint('Book', check({ pages__gte: 0 }, { name: 'some' }))],
  ['addCheckNotValid', addConstraintNotValid('Book', check({ pages__gte: 0 }, { name: 'some' }))],
  [
    'validateConstraint',
    validateConstraint('Book', 'some'),
    addConstraintNotValid('Book', check({ pages__gte: 0 }, { name: 'some' })),
  ],
  ['dropConstraint', removeConstraint('Book', 'positive')],
  [
    'changeTrigger',
    addTrigger('Book', trigger({ name: 'kept', when: 'before', on: ['delete'], do: { t: 'refuse', message: 'no' } })),
  ],
]
/** Some of them at one time do more than one thing. */
const named = CASES.map(
  ([change, operation, before], i) => [`${i} ${change}: ${operation.describe()}`, change, operation, before] as const,
)

async function prepare(operation: door.Operation, before: door.Operation | undefined) {
  await migrate([
    ...base,
    ...(before ? history(['0002_before', [before], { dependencies: [['library', '0001_initial']] }]) : []),
  ])
  await run('insert into library_author (id) values (1)')
  for (let i = 1; i <= 50; i++)
    await run(`insert into library_book (title, ${quote('long')}, pages, must, number) values ('a', 'b', 1, 1, 1)`)
  const steps = [
    ...base,
    ...(before ? history(['0002_before', [before], { dependencies: [['library', '0001_initial']] }]) : []),
    ...history([
      '0003_change',
      [operation],
      { atomic: false, dependencies: [['library', before ? '0002_before' : '0001_initial']] },
    ]),
  ]
  const made = executor(steps)
  const statements = await migrationSql(made.loader, migrationDatabase('default'), {
    migration: steps.at(-1)!,
    backwards: false,
  })
  return { made, statements: statements.filter((sql) => !sql.startsWith('--')) }
}
const quote = (name: string) => database().backend.compiler.quote(name)

const vendor = ({ SQLite: 'sqlite', MariaDB: 'mysql' } as const)[engine.name] ?? 'postgres'
const ORDER = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]
const words = (mode: string) =>
  mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()

if (vendor === 'postgres')
  describe('PostgreSQL', () => {
    test.each(named)('%s', async (_, change, operation, before) => {
      const { statements } = await prepare(operation, before)
      const fact = FACTS.postgres[change]
      const db = migrationDatabase('default')
      if (change === 'addIndexConcurrently') {
        expect(statements).toEqual([expect.stringMatching(/^CREATE INDEX CONCURRENTLY/)])
        return // it waits for its own transaction: its lock is the manual's
      }
      const [[oid]] = (await rows("select 'library_book'::regclass::oid::text")) as [[string]]
      const file = async () => (await db.query(`select pg_relation_filenode(${oid})::text`))[0]?.[0] ?? null
      const reads = async () =>
        Number(
          (
            await db.query(
              `select coalesce(sum(seq_tup_read), 0)::text from pg_stat_xact_user_tables where relid = ${oid}`,
            )
          )[0]![0],
        )
      const seen = await db.transaction(async () => {
        const was = [await file(), await reads()] as const
        for (const sql of statements) await db.exec(sql)
        const locks = (await db.query(
          `select mode from pg_locks where relation = ${oid} and pid = pg_backend_pid() and granted`,
        )) as [string][]
        const modes = locks.map(([mode]) => words(mode)).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
        const now = await file()
        const read = (await reads()) - was[1]
        return {
          lock: modes.at(-1),
          work: change !== 'dropTable' && now !== was[0] ? 'writes rows' : read >= 50 ? 'reads rows' : 'moment',
        }
      })
      expect(seen).toEqual({ lock: fact.lock, work: fact.work })
    })
  })

if (vendor === 'mysql')
  describe('MariaDB', () => {
    const ALGORITHMS = ['INSTANT', 'NOCOPY', 'INPLACE', 'COPY']
    test.each(named.filter(([, change]) => /^ALGORITHM=/.test(FACTS.mysql[change].lock)))(
      '%s',
      async (_, change, operation, before) => {
        const { statements } = await prepare(operation, before)
        const worst: string[] = []
        for (const sql of statements) {
          const text = sql.replace(/;$/, '')
          const alter = /^(SET foreign_key_checks = 0; )?(ALTER TABLE .*?)(; SET foreign_key_checks = 1)?$/s.exec(text)
          if (alter === null) {
            await run(sql)
            continue
          }
          let accepted = ''
          for (const algorithm of ALGORITHMS) {
            try {
              await run(`${alter[2]}, ALGORITHM=${algorithm}`)
              accepted = algorithm
              break
            } catch (error) {
              if (!/ALGORITHM|not supported/i.test((error as Error).message)) throw error
            }
          }
          worst.push(accepted)
        }
        const found = worst.sort((a, b) => ALGORITHMS.indexOf(a) - ALGORITHMS.indexOf(b)).at(-1)
        expect(`ALGORITHM=${found}`).toBe(FACTS.mysql[change].lock)
      },
    )
  })

if (vendor === 'sqlite')
  describe('SQLite', () => {
    // It has neither generated-by-function defaults nor …: what cannot be made here is left out.
    test.each(named.filter(([, change]) => !['addColumnVolatile'].includes(change)))(
      '%s',
      async (_, change, operation, before) => {
        const { statements } = await prepare(operation, before)
        const rebuilt = statements.some((sql) => sql.includes('RENAME TO "library_book"'))
        expect(rebuilt).toBe(FACTS.sqlite[change].work === 'writes rows')
      },
    )
  })

test.each(named)('the linter finds it: %s', async (_, change, operation, before) => {
  if (vendor === 'sqlite' && change === 'addColumnVolatile') return
  const { made } = await prepare(operation, before)
  const found = await lintPlan(made, await made.plan())
  const fact = FACTS[vendor][change]
  const quiet = found.length === 0
  if (!quiet) expect(found.map((each) => each.change)).toContain(change)
  const stops = fact.blocks !== 'nothing' && fact.work !== 'moment' && vendor !== 'sqlite'
  if (stops) expect(found).toContainEqual(expect.objectContaining({ change, level: 'risk' }))
})
