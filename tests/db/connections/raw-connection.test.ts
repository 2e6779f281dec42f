/** MDB-05: SQL by hand, on a connection by alias. */
import { atomic, connection, DatabaseError, onCommit, QueryUsageError, setRollback, sql } from 'nuages/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { database } from '../../../src/db/internal.ts'
import { Company } from '../query/models.ts'
import { createTables, freshTables } from '../query/setup.ts'

freshTables()
beforeEach(() => createTables('other'))

describe('connection()', () => {
  test('MDB-05: rows as lists and as objects, with the names of the columns', async () => {
    await Company.objects.create({ id: 7, name: 'Selmer' })
    const result = await connection().execute(sql`select id, name as label from library_company where id = ${7}`)
    expect(result.columns).toEqual(['id', 'label'])
    expect(result.rows.map(([id, label]) => [Number(id), label])).toEqual([[7, 'Selmer']])
    expect(result.objects().map(({ id, label }) => [Number(id), label])).toEqual([[7, 'Selmer']])
    expect(result.changes).toBe(1)
  })

  test('a statement without rows says how many it changed', async () => {
    await Company.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
    const result = await connection().execute(sql`update library_company set name = ${'c'}`)
    expect([result.columns, result.rows, result.changes]).toEqual([[], [], 2])
    expect((await connection().execute(sql`select * from library_company where ${1} = 2`)).rows).toEqual([])
  })

  test('values are never text: what a visitor typed cannot end the string', async () => {
    const typed = "x'; drop table library_company; --"
    await connection().execute(sql`insert into library_company (name) values (${typed})`)
    expect((await Company.objects.get({ name: typed })).name).toBe(typed)
    // What the types refuse, a program without types may still do.
    const untyped = connection().execute as (text: unknown) => Promise<unknown>
    await expect(untyped.call(connection(), `select '${typed}'`)).rejects.toThrow(QueryUsageError)
    await expect(untyped.call(connection(), `select 1`)).rejects.toMatchObject({ code: 'db.not-sql' })
  })

  test('an alias names the database; an unknown one is told', async () => {
    await connection('other').execute(sql`insert into library_company (name) values (${'there'})`)
    expect(await Company.objects.count()).toBe(0)
    expect(await Company.objects.using('other').count()).toBe(1)
    expect(connection('other').alias).toBe('other')
    expect(() => connection('othr')).toThrow('There is no database "othr".')
  })

  test('it runs in the current block', async () => {
    const block = atomic(async () => {
      await connection().execute(sql`insert into library_company (name) values (${'gone'})`)
      expect((await connection().execute(sql`select name from library_company`)).rows).toEqual([['gone']])
      throw new Error('back')
    })
    await expect(block).rejects.toThrow('back')
    expect(await Company.objects.count()).toBe(0)
  })

  test('executeMany() sends all of them or none, and tells the rows changed', async () => {
    const names = ['a', 'b', 'c']
    const changes = await connection().executeMany(
      names.map((name, i) => sql`insert into library_company (id, name) values (${i + 1}, ${name})`),
    )
    expect(changes).toBe(3)
    const again = connection().executeMany([
      sql`insert into library_company (id, name) values (${9}, ${'nine'})`,
      sql`insert into library_company (id, name) values (${1}, ${'again'})`,
    ])
    await expect(again).rejects.toMatchObject({ code: 'db.unique-violation' })
    expect(await Company.objects.count()).toBe(3)
    const ran: string[] = []
    await atomic(async () => {
      onCommit(() => ran.push('committed'))
      await connection().executeMany([sql`delete from library_company`])
    })
    expect(ran).toEqual(['committed'])
  })

  test('MDB-05: callProcedure() passes values, whatever is in them, and gives what comes back', async () => {
    const db = database()
    if (!db.features.procedures) {
      await expect(connection().callProcedure('add_company', ['x'])).rejects.toMatchObject({ code: 'db.not-supported' })
      return
    }
    const isPostgres = db.features.vendor === 'postgres'
    await db.exec(
      isPostgres
        ? `create procedure "Add company"(label varchar, inout total bigint default null) language plpgsql as $$ begin
             insert into library_company (name) values (label); select count(*) into total from library_company; end $$`
        : 'create procedure `Add company`(label varchar(50), ignored bigint) begin insert into library_company (name) values (label); select count(*) as total from library_company; end',
    )
    const typed = "x'); drop table library_company; --"
    await connection().callProcedure('Add company', [typed, null])
    const result = await connection().callProcedure('Add company', ['second', null])
    expect([result.columns, result.rows.map((row) => row.map(Number))]).toEqual([['total'], [[2]]])
    expect(await Company.objects.orderBy('pk').valuesList('name', { flat: true })).toEqual([typed, 'second'])
    expect(await connection().execute(sql`select 1`)).toMatchObject({ changes: 1 })
    await atomic(async () => {
      await connection().callProcedure('Add company', ['third', null])
      setRollback(true)
    })
    expect(await Company.objects.count()).toBe(2)
    await expect(connection().callProcedure('x"; `drop', [])).rejects.toBeInstanceOf(DatabaseError)
  })

  test('two columns of one name make no objects, and any name makes one', async () => {
    const result = await connection().execute(sql`select 1 as a, 2 as a`)
    expect(result.rows).toHaveLength(1)
    expect(() => result.objects()).toThrow('Two columns of the result are called a.')
    const odd = await connection().execute(sql`select 1 as "constructor"`)
    expect(Object.keys(odd.objects()[0]!)).toEqual(['constructor'])
  })

  test('TX-10: ping() asks for an answer', async () => {
    await connection().ping()
    await expect(atomic(() => connection('other').ping())).resolves.toBeUndefined()
  })
})
