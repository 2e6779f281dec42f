/**
 * The generated models and queries of tests/types as projects of Drizzle and of Kysely: the same 12 columns and relations,
 * the same conditions, orders and columns; what a path of ours says is written out as joins.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type GeneratedPath,
  type GeneratedQuery,
  generateQueries,
  type Relation,
  targetsOf,
} from '../../tests/types/generate.ts'

/** A table that a query reads, under an alias of its own; joined to another but for the first. */
interface Read {
  readonly alias: string
  readonly table: number
  readonly from: string
  readonly by: Relation | null
}

/** Operators by the lookups of ours, each with its operand. */
const CONDITIONS: Readonly<Record<string, readonly [drizzle: string, kysely: string, operand: string]>> = {
  icontains: ['like', 'like', "'%x%'"],
  startswith: ['like', 'like', "'y%'"],
  exact: ['eq', '=', ''],
  iexact: ['like', 'like', "'b'"],
  gte: ['gte', '>=', '10'],
  in: ['inArray', 'in', '[1, 2]'],
  lt: ['lt', '<', '1.5'],
  gt: ['gt', '>', 'new Date()'],
  year: ['gte', '>=', 'new Date(2026, 0, 1)'],
}

/** The tables that the paths of a query go through. */
class Reads {
  private readonly reads = new Map<string, Read>()
  private readonly count: number
  constructor(model: number, count: number) {
    this.count = count
    this.reads.set('', { alias: 't', table: model, from: '', by: null })
  }
  /** The alias at the end of a path. */
  at({ hops }: GeneratedPath): string {
    let here = this.reads.get('')!
    hops.forEach((by, i) => {
      const key = hops.slice(0, i + 1).join('__')
      const next = this.reads.get(key) ?? {
        alias: `j${this.reads.size}`,
        table: targetsOf(here.table, this.count)[by],
        from: here.alias,
        by,
      }
      this.reads.set(key, next)
      here = next
    })
    return here.alias
  }
  get all(): Read[] {
    return [...this.reads.values()]
  }
}

/** `title__icontains: 'x'` → column, the operators and the operand. */
function conditionOf({ end }: GeneratedPath) {
  const [key, value] = end.split(': ') as [string, string]
  const [column, lookup = 'exact'] = key.split('__') as [string, string?]
  const [drizzle, kysely, operand] = CONDITIONS[lookup] ?? ['isNull', 'is', 'null']
  return { column, drizzle, kysely, operand: operand || value }
}

/** Writes a project beside its packages. */
function project(folder: string, files: Readonly<Record<string, string>>): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function queryFiles(
  count: number,
  queries: number,
  imports: (models: readonly number[]) => string,
  query: (query: GeneratedQuery, name: string) => string,
): Record<string, string> {
  const files = generateQueries(count, queries).map((list, i) => {
    const tables = new Set<number>()
    const lines = list.map((each, k) => {
      for (const read of readsOf(each, count).all) tables.add(read.table)
      return query(each, `q${k}`)
    })
    return [`q${i}.ts`, [imports([...tables]), ...lines, ''].join('\n')] as const
  })
  return Object.fromEntries(files)
}

function readsOf({ model, where, order, values }: GeneratedQuery, count: number): Reads {
  const reads = new Reads(model, count)
  for (const path of [...where, ...order, ...values]) reads.at(path)
  return reads
}

// ---------------------------------------------------------------- Drizzle

export function drizzleProject(folder: string, count: number, queries: number): string {
  const files: Record<string, string> = {}
  for (let i = 0; i < count; i++) {
    const { next, other, links } = targetsOf(i, count)
    const targets = [...new Set([next, other, links])].filter((j) => j !== i)
    files[`m${i}.ts`] =
      `import { type AnySQLiteColumn, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
${targets.map((j) => `import { m${j} } from './m${j}.ts'`).join('\n')}

export const m${i} = sqliteTable('m${i}', {
  id: integer().primaryKey(),
  title: text({ length: 200 }).notNull(),
  name: text({ length: 100 }),
  slug: text({ length: 50 }).notNull().unique(),
  body: text().notNull().default(''),
  pages: integer().notNull(),
  rank: integer(),
  score: real().notNull().default(0),
  active: integer({ mode: 'boolean' }).notNull().default(true),
  status: text({ enum: ['draft', 'published', 'gone'] }).notNull().default('draft'),
  createdAt: integer({ mode: 'timestamp' }).notNull().$defaultFn(() => new Date()),
  publishedAt: integer({ mode: 'timestamp' }),
  data: text({ mode: 'json' }).$type<{ a: number; b: string[] }>(),
  nextId: integer().notNull().references((): AnySQLiteColumn => m${next}.id, { onDelete: 'cascade' }),
  otherId: integer().references((): AnySQLiteColumn => m${other}.id, { onDelete: 'set null' }),
})
export const m${i}links = sqliteTable('m${i}_links', {
  fromId: integer().notNull().references((): AnySQLiteColumn => m${i}.id),
  toId: integer().notNull().references((): AnySQLiteColumn => m${links}.id),
})
`
  }
  const imports = (models: readonly number[]) =>
    `import { and, desc, eq, gt, gte, inArray, isNull, like, lt } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { db } from './db.ts'
${models.map((j) => `import { m${j}, m${j}links } from './m${j}.ts'`).join('\n')}`
  return project(folder, {
    ...files,
    'db.ts':
      "import { drizzle } from 'drizzle-orm/sqlite-proxy'\nexport const db = drizzle(async () => ({ rows: [] }))\n",
    ...queryFiles(count, queries, imports, (query, name) => drizzleQuery(query, name, count)),
  })
}

function drizzleQuery(query: GeneratedQuery, name: string, count: number): string {
  const reads = readsOf(query, count)
  const [, ...joined] = reads.all
  const tables = new Map(reads.all.map(({ alias, table }) => [alias, alias === 't' ? `m${table}` : name + alias]))
  const at = (path: GeneratedPath) => tables.get(reads.at(path))!
  const declared: string[] = []
  const joins = joined.map(({ alias, table, from, by }) => {
    const [here, there] = [tables.get(from)!, tables.get(alias)!]
    declared.push(`const ${there} = alias(m${table}, '${there}')`)
    if (by === 'next' || by === 'other') return `.leftJoin(${there}, eq(${there}.id, ${here}.${by}Id))`
    if (by === 'prevs') return `.leftJoin(${there}, eq(${there}.nextId, ${here}.id))`
    const owner = reads.all.find((read) => read.alias === from)!.table
    declared.push(`const ${there}l = alias(m${owner}links, '${there}l')`)
    return `.leftJoin(${there}l, eq(${there}l.fromId, ${here}.id)).leftJoin(${there}, eq(${there}.id, ${there}l.toId))`
  })
  const where = query.where.map((path) => {
    const { column, drizzle, operand } = conditionOf(path)
    return drizzle === 'isNull' ? `isNull(${at(path)}.${column})` : `${drizzle}(${at(path)}.${column}, ${operand})`
  })
  const order = query.order.map((path, i) => (i === 0 ? `desc(${at(path)}.${path.end})` : `${at(path)}.${path.end}`))
  const values = query.values.map((path, i) => `v${i}: ${at(path)}.${path.end}`)
  return `${declared.join('\n')}
export const ${name} = db.select({ ${values.join(', ')} }).from(m${query.model})${joins.join('')}.where(and(${where.join(', ')})).orderBy(${order.join(', ')})`
}

// ---------------------------------------------------------------- Kysely

export function kyselyProject(folder: string, count: number, queries: number): string {
  const files: Record<string, string> = {}
  const names = Array.from({ length: count }, (_, i) => i)
  for (const i of names) {
    files[`m${i}.ts`] = `import type { ColumnType, Generated, JSONColumnType } from 'kysely'

export interface M${i} {
  id: Generated<number>
  title: string
  name: string | null
  slug: string
  body: Generated<string>
  pages: number
  rank: number | null
  score: Generated<number>
  active: Generated<boolean>
  status: Generated<'draft' | 'published' | 'gone'>
  createdAt: ColumnType<Date, Date | undefined, never>
  publishedAt: Date | null
  data: JSONColumnType<{ a: number; b: string[] }> | null
  nextId: number
  otherId: number | null
}
export interface M${i}Links {
  fromId: number
  toId: number
}
`
  }
  files['db.ts'] = `import { type Dialect, Kysely } from 'kysely'
${names.map((i) => `import type { M${i}, M${i}Links } from './m${i}.ts'`).join('\n')}

export interface Database {
${names.map((i) => `  m${i}: M${i}\n  m${i}_links: M${i}Links`).join('\n')}
}
declare const dialect: Dialect
export const db = new Kysely<Database>({ dialect })
`
  const query = (each: GeneratedQuery, name: string) => kyselyQuery(each, name, count)
  return project(folder, {
    ...files,
    ...queryFiles(count, queries, () => "import { db } from './db.ts'", query),
  })
}

function kyselyQuery(query: GeneratedQuery, name: string, count: number): string {
  const reads = readsOf(query, count)
  const [, ...joined] = reads.all
  const joins = joined.map(({ alias, table, from, by }) => {
    if (by === 'next' || by === 'other') return `.leftJoin('m${table} as ${alias}', '${alias}.id', '${from}.${by}Id')`
    if (by === 'prevs') return `.leftJoin('m${table} as ${alias}', '${alias}.nextId', '${from}.id')`
    const owner = reads.all.find((read) => read.alias === from)!.table
    return `.leftJoin('m${owner}_links as ${alias}l', '${alias}l.fromId', '${from}.id').leftJoin('m${table} as ${alias}', '${alias}.id', '${alias}l.toId')`
  })
  const where = query.where.map((path) => {
    const { column, kysely, operand } = conditionOf(path)
    return `.where('${reads.at(path)}.${column}', '${kysely}', ${operand})`
  })
  const order = query.order.map((path, i) => `.orderBy('${reads.at(path)}.${path.end}'${i === 0 ? ", 'desc'" : ''})`)
  const values = query.values.map((path, i) => `'${reads.at(path)}.${path.end} as v${i}'`)
  return `export const ${name} = db.selectFrom('m${query.model} as t')${joins.join('')}${where.join('')}${order.join('')}.select([${values.join(', ')}])`
}
