/** MariaDB and MySQL are told apart by what they say of themselves; what MySQL has not is refused before it is sent. */
import { describe, expect, test } from 'vitest'
import { mysqlCompiler } from '../../../src/db/backends/mysql/compiler.ts'
import { send } from '../../../src/db/backends/mysql/send.ts'
import { serverOf } from '../../../src/db/backends/mysql/server.ts'
import type { Session } from '../../../src/db/backends/mysql/session.ts'
import type { InsertNode, SqlExpr, UpdateNode } from '../../../src/db/sql/nodes.ts'

test('MDB-07 servers by their versions', () => {
  for (const version of ['10.11.6-MariaDB-0+deb12u1', '5.5.5-10.11.6-MariaDB', '11.4.2-MariaDB-ubu2404'])
    expect(serverOf(version).isMariaDb).toBe(true)
  for (const version of ['8.4.3', '8.0.36-0ubuntu0.22.04.1', '9.1.0', '8.0.mysql_aurora.3.05.2'])
    expect(serverOf(version).isMariaDb).toBe(false)
  for (const version of ['5.7.44-log', '8.0.11', '8.0.22', '10.6.18-MariaDB', '5.5.5-10.3.39-MariaDB'])
    expect(() => serverOf(version), version).toThrow(expect.objectContaining({ code: 'db.not-supported' }))
})

/** A session of a server of that version, and what it was sent. */
function sessionOf(version: string): { session: Session; sent: string[] } {
  const sent: string[] = []
  const execute = async (sql: string) => {
    sent.push(sql)
    return { affectedRows: 2, insertId: 41, info: '', serverStatus: 2 }
  }
  return { session: { server: serverOf(version), execute } as never, sent }
}
const insert = (more: Partial<InsertNode>): InsertNode => ({
  t: 'insert',
  table: 'a',
  columns: ['b'],
  rows: [[{ t: 'param', slot: 0, kind: 'integer' }], [{ t: 'param', slot: 1, kind: 'integer' }]],
  returning: [],
  ...more,
})
const id = { t: 'column', table: null, column: 'id', kind: 'auto' } as const

test('MySQL tells the numbers of new rows; what else is asked of them is refused, and nothing is written', async () => {
  const { session, sent } = sessionOf('8.4.3')
  const bulk = insert({ rows: [], bulk: { count: 2, kinds: ['integer'] }, returning: [id] })
  expect((await send(session, mysqlCompiler.compile(bulk), [1, 2])).rows).toEqual([[41], [42]])
  expect(sent).toHaveLength(1)
  const update = { columns: ['b'], update: ['b'] }
  for (const refused of [
    insert({ returning: [id, { ...id, column: 'b', kind: 'integer' }] }),
    insert({ returning: [{ ...id, kind: 'uuid' }] }),
    insert({ onConflict: update, returning: [id] }),
  ])
    await expect(send(session, mysqlCompiler.compile(refused), [1, 2])).rejects.toMatchObject({
      code: 'db.not-supported',
      hint: expect.stringContaining('Nothing was written'),
    })
  expect(sent).toHaveLength(1)
  await send(session, mysqlCompiler.compile(insert({ onConflict: update })), [1, 2])
  expect(sent[1]).toContain('ON DUPLICATE KEY UPDATE "b" = VALUES("b")')
})

test('numbers of new rows go in the steps of the server: several that write take turns', async () => {
  const { session } = sessionOf('8.4.3')
  Object.assign(session, { server: serverOf('8.4.3', 7) })
  const bulk = insert({ rows: [], bulk: { count: 2, kinds: ['integer'] }, returning: [id] })
  expect((await send(session, mysqlCompiler.compile(bulk), [1, 2])).rows).toEqual([[41], [48]])
})

const own = (column: string) => ({ t: 'column', table: null, column, kind: 'integer' }) as const
const set = (...pairs: (readonly [string, SqlExpr])[]) => pairs.map(([column, value]) => ({ column, value }))
const less = (column: string): SqlExpr => ({ t: 'compare', op: '<', left: own(column), right: own('z') })

describe('MySQL assigns columns from left to right', () => {
  const update = (more: Partial<UpdateNode>): UpdateNode => ({ t: 'update', table: 'a', set: [], where: null, ...more })

  test('so that who reads a column goes before who assigns it, on every server', () => {
    const { sql } = mysqlCompiler.compile(update({ set: set(['x', own('q')], ['y', own('x')], ['w', own('y')]) }))
    expect(sql).toBe('UPDATE "a" SET "w" = "y", "y" = "x", "x" = "q"')
    const upsert = insert({ onConflict: { columns: ['k'], update: ['b', 'c'], where: less('b') } })
    expect(mysqlCompiler.compile(upsert).sql).toMatch(/UPDATE "c" = IF\(.*\), "b" = IF\(/)
  })

  test('and what has no such order is refused there before it is sent; MariaDB assigns all at once', async () => {
    const list: SqlExpr = { t: 'in', left: own('k'), right: { t: 'param', slot: 0, kind: 'integer', list: true } }
    for (const statement of [
      update({ set: set(['x', own('y')], ['y', own('x')]) }),
      update({ set: set(['x', own('y')], ['y', own('q')]), where: list }), // of several tables: in any order
      insert({ onConflict: { columns: ['k'], update: ['b', 'z'], where: less('b') } }),
      insert({
        rows: [],
        bulk: { count: 2, kinds: ['integer'] },
        onConflict: { columns: ['k'], update: ['b', 'z'], where: less('b') },
      }),
    ]) {
      const compiled = mysqlCompiler.compile(statement)
      const mysql = sessionOf('8.4.3')
      await expect(send(mysql.session, compiled, [1, 2]), compiled.sql).rejects.toMatchObject({
        code: 'db.not-supported',
        hint: expect.stringContaining('two statements'),
      })
      expect(mysql.sent).toEqual([])
      const mariaDb = sessionOf('10.11.6-MariaDB')
      await send(mariaDb.session, compiled, [1, 2])
      expect(mariaDb.sent).toHaveLength(1)
    }
    const counter = { ...own('x') }
    const plus: SqlExpr = { t: 'arithmetic', op: '+', left: counter, right: own('q'), kind: 'integer' }
    const mysql = sessionOf('8.4.3')
    await send(mysql.session, mysqlCompiler.compile(update({ set: set(['x', plus], ['y', own('q')]) })), [])
    expect(mysql.sent).toEqual([expect.stringMatching(/^UPDATE "a" SET "x" = .*"x".*"q".*, "y" = "q"$/)])
  })
})
