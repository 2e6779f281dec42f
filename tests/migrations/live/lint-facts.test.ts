/**
 * The linter's facts against the servers: each change is made by its operation, and what the server did is compared with
 * what the table says. PostgreSQL: locks, of the table that is referred to as well, new files, rows read. MariaDB: the best
 * algorithm and the weakest lock it accepts. SQLite: rebuilds.
 */
import * as door from 'nuages/db/migrations'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { lintPlan, migrationDatabase, migrationSql } from '../../../src/db/migrations/internal.ts'
import { BESIDE, type Change, FACTS, type Heavy } from '../../../src/db/migrations/lint/facts.ts'
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

const vendor = ({ SQLite: 'sqlite', MariaDB: 'mysql' } as const)[engine.name] ?? 'postgres'
const cascade = { null: true, onDelete: 'cascade' } as const
const words = index(['long'], { name: 'words', method: 'fulltext' })

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
        short: f.char({ maxLength: 31, dbDefault: '' }),
        price: f.decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
        code: f.integer({ null: true, unique: true }),
        writer: f.foreignKey('library.Author', { null: true, onDelete: 'cascade' }),
        // A column that is kept in no row: beside others in one statement MariaDB copies the table.
        ...(vendor === 'mysql'
          ? { quick: f.generated(fn('lower', F('long')), { output: f.text(), stored: false }) }
          : {}),
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
  ['addForeignKeyColumn', addField('Book', 'x', f.foreignKey('library.Author', cascade))],
  [
    vendor === 'postgres' ? 'addForeignKeyColumn' : 'addForeignKey',
    addField('Book', 'x', f.foreignKey('library.Author', { onDelete: 'cascade' }), { fill: 1 }),
  ],
  ['dropForeignKey', removeField('Book', 'writer')],
  ['dropForeignKey', alterField('Book', 'writer', f.bigInteger({ null: true, dbColumn: 'writer_id' }))],
  ['renameColumn', renameField('Book', 'writer', 'author'), removeConstraint('Book', 'positive')],
  ['dropColumn', removeField('Book', 'code')],
  ['dropUnique', alterField('Book', 'code', f.integer({ null: true }))],
  ['addSearchIndex', addIndex('Book', words)],
  ['dropSearchIndex', removeIndex('Book', 'words'), addIndex('Book', words)],
  ['addIndex', addIndex('Book', index([fn('upper', F('title'))], { name: 'upper_titles' }))],
  [
    vendor === 'postgres' ? 'addIndex' : 'addUnique',
    addConstraint('Book', unique(['number'], { name: 'once', where: { must__gt: 5 } })),
  ],
  ['renameTable', alterModelTable('Book', 'books')],
  [
    'addColumnComputed',
    addField('Book', 'x', f.generated(fn('lower', F('title')), { output: f.char({ maxLength: 20 }), stored: true })),
  ],
  ['dropColumn', removeField('Book', 'number')],
  // Without the check: SQLite makes a table with checks anew for it.
  ['renameColumn', renameField('Book', 'title', 'name'), removeConstraint('Book', 'positive')],
  ['widenText', alterField('Book', 'long', f.char({ maxLength: 200 }))],
  ['widenText', alterField('Book', 'title', f.char({ maxLength: 60 }))],
  // Where the length is kept in one byte it may grow beyond 255 of them, as long as none is longer than 127.
  ['widenText', alterField('Book', 'short', f.char({ maxLength: 200, dbDefault: '' }))],
  [
    vendor === 'mysql' ? 'alterType' : 'widenText',
    alterField('Book', 'short', f.char({ maxLength: 200, dbDefault: '' })),
    alterField('Book', 'short', f.char({ maxLength: 32, dbDefault: '' })),
  ],
  // On SQLite it is the same type.
  ...(vendor === 'sqlite'
    ? []
    : ([
        [
          vendor === 'postgres' ? 'widenText' : 'alterType',
          alterField('Book', 'price', f.decimal({ maxDigits: 10, decimalPlaces: 2, null: true })),
        ],
      ] as const)),
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
/** Changes that bring or take an index with them. */
const WITH_INDEXES: ReadonlySet<Change> = new Set(['dropColumn', 'dropForeignKey', 'renameColumn'])
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
/** Weaker ones stop no writer. */
const STOPS = ORDER.indexOf('SHARE')
const inWords = (mode: string) =>
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
      const [[other]] = (await rows("select 'library_author'::regclass::oid::text")) as [[string]]
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
        const strongest = async (table: string) => {
          const locks = (await db.query(
            `select mode from pg_locks where relation = ${table} and pid = pg_backend_pid() and granted`,
          )) as [string][]
          return locks
            .map(([mode]) => inWords(mode))
            .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
            .at(-1)
        }
        const lock = await strongest(oid)
        const referenced = (await strongest(other)) ?? ''
        const now = await file()
        const read = (await reads()) - was[1]
        return {
          lock,
          referenced: ORDER.indexOf(referenced) < STOPS ? undefined : referenced,
          work: change !== 'dropTable' && now !== was[0] ? 'writes rows' : read >= 50 ? 'reads rows' : 'moment',
        }
      })
      expect(seen).toEqual({ lock: fact.lock, work: fact.work, referenced: fact.referenced?.lock })
    })
  })

if (vendor === 'mysql')
  describe('MariaDB', () => {
    const WAYS = ['INSTANT', 'NOCOPY', 'INPLACE', 'COPY'].flatMap((algorithm) =>
      ['NONE', 'SHARED', 'EXCLUSIVE'].map((lock) => ({ algorithm, lock })),
    )
    const refused = /ALGORITHM=|LOCK=/
    /** The first way that the server takes, of a change of a table; undefined of another. */
    async function wayOf(sql: string) {
      const [, text] =
        /^((?:\/\*M! SET STATEMENT .*? FOR \*\/ )?ALTER TABLE .*?)(?:, ALGORITHM=COPY)?;?$/s.exec(sql) ?? []
      if (text === undefined) return void (await run(sql))
      const isForced = sql.includes(', ALGORITHM=COPY')
      for (const way of WAYS.filter(({ algorithm }) => !isForced || algorithm === 'COPY')) {
        try {
          await run(`${text}, ALGORITHM=${way.algorithm}, LOCK=${way.lock}`)
          return way
        } catch (error) {
          if (!refused.test((error as Error).message)) throw error
        }
      }
      throw new Error(`no way is taken for ${sql}`)
    }
    const blocks = { NONE: 'nothing', SHARED: 'writes', EXCLUSIVE: 'everything' }
    const worst = (ways: typeof WAYS) => ways.sort((a, b) => WAYS.indexOf(a) - WAYS.indexOf(b)).at(-1)!

    test.each(named.filter(([, change]) => /^ALGORITHM=/.test(FACTS.mysql[change].lock)))(
      '%s',
      async (_, change, operation, before) => {
        const { statements } = await prepare(operation, before)
        const ways: typeof WAYS = []
        for (const sql of statements) ways.push(...[(await wayOf(sql)) ?? []].flat())
        // An index that goes with its column, or that comes with one that is computed, is a statement beside it.
        const main = WITH_INDEXES.has(change) ? ways.filter(({ algorithm }) => algorithm !== 'NOCOPY') : ways
        const { algorithm, lock } = worst(main)
        expect({ lock: `ALGORITHM=${algorithm}`, blocks: blocks[lock as 'NONE'] }).toEqual({
          lock: FACTS.mysql[change].lock,
          blocks: FACTS.mysql[change].blocks,
        })
        expect(ways.filter((way) => way.algorithm === 'NOCOPY' && way.lock !== 'NONE')).toEqual([])
      },
    )

    const heavy = { search: words, computed: index([fn('upper', F('title'))], { name: 'upper_titles' }) }
    const beside = (['search', 'computed'] as const).flatMap((kind) =>
      (Object.keys(BESIDE[kind]) as Change[]) // its keys are changes
        .filter((change) => change !== 'dropSearchIndex')
        .map((change): [Heavy, Change] => [kind, change]),
    )
    test.each(beside)('an index (%s) beside: %s', async (kind, change) => {
      const [, , operation] = named.find(([, each]) => each === change)!
      const { made, statements } = await prepare(operation, addIndex('Book', heavy[kind]))
      const [found] = (await lintPlan(made, await made.plan())).filter((each) => each.change === change)
      expect(found).toMatchObject({ level: 'risk', hint: expect.stringContaining('plan a pause') })
      const ways: typeof WAYS = []
      for (const sql of statements) ways.push(...[(await wayOf(sql)) ?? []].flat())
      const { algorithm, lock } = worst(ways)
      const known = BESIDE[kind][change]!
      expect([`ALGORITHM=${algorithm}`, blocks[lock as 'NONE']]).toEqual([known.lock, known.blocks])
    })

    test('each row gets a value of its own, where the database computes it', async () => {
      const { made } = await prepare(addField('Book', 'x', f.float({ dbDefault: fn('random', []) })), undefined)
      await made.migrate(await made.plan())
      expect(await rows('select count(distinct x) from library_book')).toEqual([[50]])
    })
  })

if (vendor === 'sqlite')
  describe('SQLite', () => {
    // It has neither generated-by-function defaults nor …: what cannot be made here is left out.
    test.each(named.filter(([, change]) => !['addColumnVolatile'].includes(change)))(
      '%s',
      async (_, change, operation, before) => {
        const { statements } = await prepare(operation, before)
        const rebuilt = statements.some((sql) => sql.includes('RENAME TO "library_book"'))
        // A unique constraint over some rows is an index, a reference goes with its column or alone.
        const isIndex = change === 'addUnique' && !statements.some((sql) => sql.includes('new__'))
        expect(rebuilt).toBe(FACTS.sqlite[change].work === 'writes rows' && !isIndex)
      },
    )
  })

test.each(named)('the linter finds it: %s', async (_, change, operation, before) => {
  if (vendor === 'sqlite' && change === 'addColumnVolatile') return
  const { made } = await prepare(operation, before)
  const found = await lintPlan(made, await made.plan())
  const fact = FACTS[vendor][change]
  // Of a key that goes with its column the column is told; SQLite makes a table anew once, for all that changes.
  const other = change === 'dropForeignKey' || (vendor === 'sqlite' && /^addForeignKey/.test(change))
  if (found.length > 0 && !other) expect(found.map((each) => each.change)).toContain(change)
  const stops = fact.blocks !== 'nothing' && fact.work !== 'moment' && vendor !== 'sqlite'
  if (stops) expect(found).toContainEqual(expect.objectContaining({ change, level: 'risk' }))
})
