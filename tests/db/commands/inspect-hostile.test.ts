/** Tables that nobody would make, and somebody did: read, declared, and made again. On the engine of `TEST_ENGINE`. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineApp } from 'nuages'
import type { AnyModel } from 'nuages/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { captureOutput } from '../../../src/cli/index.ts'
import inspectdb from '../../../src/db/commands/inspectdb.ts'
import makemigrations from '../../../src/db/commands/makemigrations.ts'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { compile } from '../../types/tsc.ts'
import { engine } from '../backends/fresh.ts'
import { createTables } from '../query/setup.ts'

const asked = process.env.TEST_ENGINE ?? 'sqlite'
const isPostgres = /^(postgres|pglite|pgbouncer)$/.test(asked)
const isMysql = asked === 'mysql'
const folder = join(import.meta.dirname, `.hostile-${asked}`)

/** With `"` for the quotes of names. */
const TABLES = [
  "CREATE TABLE tenant (id integer NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'it''s `${1}` ' NOT NULL)",
  `CREATE TABLE "order" ("tenant_id" integer NOT NULL REFERENCES tenant (id), "select" integer NOT NULL, "from" varchar(30),
    price decimal(8,2) NOT NULL, "twice x" decimal(10,2) GENERATED ALWAYS AS (price * 2) STORED, PRIMARY KEY ("tenant_id", "select"),
    CONSTRAINT "odd \`\${check}" CHECK (price > 0 OR "from" IN ('a\`b', '\${1}')),
    CONSTRAINT even CHECK (price * 2 > price - 1 OR lower("from") = 'a'), FOREIGN KEY ("tenant_id") REFERENCES tenant (id))`,
  `CREATE TABLE line (id integer NOT NULL PRIMARY KEY, t integer, n integer, Title varchar(20), "title_" varchar(20),
    CONSTRAINT line_order FOREIGN KEY (t, n) REFERENCES "order" ("tenant_id", "select") ON DELETE CASCADE)`,
  'CREATE TABLE "Straße & Söhne" ("key" integer NOT NULL PRIMARY KEY, "ключ" varchar(9), "日本" integer, "1st" integer, "" integer)'.replace(
    ', "" integer',
    '',
  ),
  'CREATE TABLE "class" ("constructor" integer NOT NULL PRIMARY KEY, "__proto__" integer, "then" integer, "save" integer, "from_db" integer, "toString" integer)',
  'CREATE TABLE "a b" (id integer NOT NULL PRIMARY KEY, x integer)',
  'CREATE TABLE "a_b" (id integer NOT NULL PRIMARY KEY, x integer)',
  'CREATE TABLE lonely (a integer, b integer)',
  'CREATE TABLE "Model" (id integer NOT NULL PRIMARY KEY, "Model" integer, "model_id" integer)',
  'CREATE TABLE cycle1 (id integer NOT NULL PRIMARY KEY, other integer)',
  'CREATE TABLE cycle2 (id integer NOT NULL PRIMARY KEY, other integer REFERENCES cycle1 (id))',
]
const INDEXES = isMysql
  ? []
  : ['CREATE INDEX line_lower ON line (lower(Title))', 'CREATE INDEX "i `${x}" ON tenant (name)']
const MORE = isPostgres
  ? [
      `COMMENT ON TABLE tenant IS 'It''s "a" \`comment\`'`,
      `COMMENT ON COLUMN tenant.name IS 'of \${1}
        two lines'`,
      `CREATE TABLE deleted (id integer PRIMARY KEY, t integer DEFAULT 1 REFERENCES tenant (id) ON DELETE SET DEFAULT)`,
      'CREATE INDEX line_hash ON line USING hash (n)',
      'CREATE INDEX line_more ON line (n) INCLUDE (t)',
    ]
  : isMysql
    ? [`ALTER TABLE tenant COMMENT 'It''s "a" \`comment\`'`]
    : []

let models: Record<string, AnyModel>
let text: string
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const fresh = await engine.fresh(2)
  await closeDatabases()
  configureDatabases({ default: fresh(), other: fresh() })
  const db = database()
  const quoted = (sql: string) => sql.replace(/"([^"]*)"/g, (_, name: string) => db.backend.compiler.quote(name))
  for (const sql of [...TABLES, ...INDEXES]) await db.exec(quoted(sql))
  for (const sql of MORE) await db.exec(sql)
  const output = join(folder, 'models.ts')
  await inspectdb.run({
    args: { tables: [] },
    options: { database: 'default', managed: true, views: false, output },
    out: captureOutput(),
    project: { apps: { apps: [] }, user: null },
  } as never) // it reads no more
  text = readFileSync(output, 'utf8')
  models = (await import(output)) as typeof models
  defineApp({ name: 'hostile', root: folder, models: models as object })
}, 120_000)
afterAll(async () => {
  await closeDatabases()
  await engine.drop()
  rmSync(folder, { recursive: true, force: true })
})

test('MDB-08 what is written compiles', { timeout: 120_000 }, async () => {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../../tsconfig.json', include: ['*.ts'], exclude: [] }),
  )
  expect((await compile(join(folder, 'tsconfig.json'))).diagnostics).toEqual([])
})

test('MDB-08 composite keys, computed columns, checks and indexes are declared', () => {
  expect(text).toMatch(
    /order: \(\) =>\s+foreignKey\(Order, { onDelete: 'dbCascade', fields: \['t', 'n'\], null: true, index: false }\)/,
  )
  expect(text).toMatch(/twiceX: generated\(sql`/)
  // One that lookups say, and one that is kept as its own text.
  expect(text).toContain("check(Own({ price__gt: 0 }).or({ from__in: ['a`b', '${1}'] }), { name: 'odd `${check}' })")
  expect(text).toMatch(/check\(sql`.*price.* [*>].*`, {\s*name: 'even'/)
  expect(text).not.toMatch(/\/\/ constraint/)
  if (!isMysql) expect(text).toMatch(/index\(\[sql`lower\(/)
  if (isPostgres) {
    expect(text).toContain(`comment: 'It\\'s "a" \`comment\`'`)
    expect(text).toMatch(/t: \(\) =>\s+foreignKey\(Tenant, {[^}]*onDelete: 'dbSetDefault'[^}]*dbDefault: 1/)
    expect(text).toContain("index(['n'], { name: 'line_hash', method: 'hash' })")
    expect(text).toContain("index(['n'], { name: 'line_more', include: ['t'] })")
  }
})

test('MDB-08 what every instance has is no name of a field', () => {
  for (const name of ['saveField', 'fromDbField', 'toStringField', 'thenField']) expect(text).toMatch(`${name}: `)
})

test('MDB-08 makemigrations writes one file, and then finds no change', async () => {
  const project = { apps: { apps: [{ name: 'hostile', root: folder, models }] }, user: null, root: folder }
  const run = async (check: boolean) => {
    const out = captureOutput()
    const options = {
      check,
      dryRun: false,
      empty: false,
      merge: false,
      rename: [],
      noRenames: false,
      default: [],
      noInput: true,
    }
    const code = await makemigrations.run({ args: { apps: [] }, options, out, project } as never) // it reads no more
    return [code ?? 0, out.text + out.errors]
  }
  expect((await run(false))[0]).toBe(0)
  expect(await run(true)).toEqual([0, 'No changes.\n'])
})

test('MDB-08 tables that are made from the models are those that were read', async () => {
  await createTables('other', { models: models as object } as never)
  const [from, to] = [database('default'), database('other')]
  const { introspector } = from.backend
  const seen: string[] = []
  for (const name of await introspector.tables(from)) {
    const [was, is] = [await introspector.table(from, name), await introspector.table(to, name)]
    seen.push(name)
    const words = (table: typeof was) => ({
      columns: table!.columns.map((column) => [
        column.name,
        column.generated?.sql,
        column.comment,
        column.references?.onDelete,
      ]),
      checks: table!.checks.map((each) => each.name), // their texts are written anew
      wide: (table!.foreignKeys ?? []).map((key) => [key.columns, key.table, key.targets, key.onDelete]),
      indexes: table!.indexes.map((index) => [index.name, index.method, index.include, index.columns]).sort(),
      comment: table!.comment,
    })
    expect(words(is), name).toEqual(words(was))
  }
  expect(seen.length).toBeGreaterThan(10)
})

test('MDB-08 rows are written and read through them', async () => {
  const { Tenant, Order, Line } = models as any // made a moment ago: no types
  const tenant = await Tenant.objects.create({ id: 1 })
  const order = await Order.objects.create({ tenant, select: 5, price: '1.50', from: 'x' })
  await order.refresh()
  expect(String(order.twiceX)).toMatch(/^3(\.00)?$/)
  await Line.objects.create({ id: 1, t: 1, n: 5 })
  const line = await Line.objects.selectRelated('order').get({ id: 1 })
  expect(line.order.from).toBe('x')
  await expect(Order.objects.create({ tenant, select: 6, price: '-1', from: 'y' })).rejects.toMatchObject({
    code: 'db.check-violation',
  })
})
