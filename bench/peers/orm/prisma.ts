/** Prisma over its driver adapters. A client is generated for each database, once. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import type { BookRow, BookValues, DatabaseName, Open, Works } from '../../orm/contract.ts'

/** What we use of a generated client, whose own types exist only once it is generated. */
interface Client {
  readonly book: {
    findUniqueOrThrow(args: object): Promise<BookRow>
    findMany(args: object): Promise<Awaited<ReturnType<Works['joined']>>>
    create(args: object): Promise<{ id: number }>
    createMany(args: { data: readonly BookValues[] }): Promise<unknown>
    updateMany(args: object): Promise<unknown>
    count(args: object): Promise<number>
  }
  readonly author: { findMany(args: object): Promise<Awaited<ReturnType<Works['prefetched']>>> }
  $transaction(all: readonly Promise<unknown>[]): Promise<unknown>
  $disconnect(): Promise<void>
}

const here = fileURLToPath(new URL('./prisma/', import.meta.url))

/** The folder of a client. `generate` would fetch an engine for migrations, which nothing here asks for. */
function generated(database: DatabaseName): string {
  const folder = `${here}generated/${database}`
  const provider = database === 'sqlite' ? 'sqlite' : 'postgresql'
  const schema = `generator client {
  provider = "prisma-client-js"
  output   = "./client"
}

datasource db {
  provider = "${provider}"
}

${readFileSync(`${here}models.txt`, 'utf8')}`
  const file = `${folder}/schema.prisma`
  if (existsSync(`${folder}/client/index.js`) && readFileSync(file, 'utf8') === schema) return `${folder}/client`
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, schema)
  const bin = fileURLToPath(new URL('../node_modules/prisma/build/index.js', import.meta.url))
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1' }
  execFileSync(process.execPath, [bin, 'generate', '--schema', file], { cwd: folder, env, stdio: 'pipe' })
  return `${folder}/client`
}

export const open: Open = async (database, url) => {
  const { PrismaClient } = createRequire(import.meta.url)(generated(database)) as {
    PrismaClient: new (options: { adapter: unknown }) => Client
  }
  const adapter =
    database === 'sqlite' ? new PrismaBetterSqlite3({ url: `file:${url}` }) : new PrismaPg({ connectionString: url })
  const db = new PrismaClient({ adapter })
  const first = { orderBy: { id: 'asc' } }
  return {
    get: (id) => db.book.findUniqueOrThrow({ where: { id } }),
    hundred: () => db.book.findMany({ ...first, take: 100 }),
    joined: () => db.book.findMany({ ...first, take: 100, include: { author: true } }),
    prefetched: () => db.author.findMany({ ...first, take: 50, include: { books: true } }),
    insert: async (values) => (await db.book.create({ data: values, select: { id: true } })).id,
    bulk: (values) => db.book.createMany({ data: values }),
    update: (id, stock) => db.book.updateMany({ where: { id }, data: { stock } }),
    updates: (changes) =>
      db.$transaction(changes.map(([id, stock]) => db.book.updateMany({ where: { id }, data: { stock } }))),
    count: (status, pages) => db.book.count({ where: { status, pages: { gte: pages } } }),
    close: () => db.$disconnect(),
  }
}
