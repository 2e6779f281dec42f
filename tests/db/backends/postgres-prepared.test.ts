import { expect, test } from 'vitest'
import { MessageWriter } from '../../../src/db/backends/postgres/message-writer.ts'
import type { PgClient } from '../../../src/db/backends/postgres/pg.ts'
import { PreparedQuery } from '../../../src/db/backends/postgres/prepared-query.ts'
import { PgSession } from '../../../src/db/backends/postgres/session.ts'
import { type Prepared, StatementNames } from '../../../src/db/backends/postgres/statement-names.ts'

/** Letters of the messages in a piece of bytes: `P` parse, `B` bind, `D` describe, `E` execute, `S` sync. */
function letters(bytes: Buffer): string {
  let found = ''
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) found += String.fromCharCode(bytes[at]!)
  return found
}

/** A connection that notes what is written, and answers when told. */
function client() {
  const sent: string[] = []
  const waiting: PreparedQuery[] = []
  const connection = {
    parsedStatements: {} as Record<string, string>,
    submittedNamedStatements: {} as Record<string, string>,
    stream: {
      writable: true,
      write: (bytes: Buffer) => sent.push(letters(bytes)),
      cork: () => sent.push('cork'),
      uncork: () => sent.push('uncork'),
      destroy() {},
    },
    close: () => sent.push('close'),
    sendCopyFail: () => sent.push('fail'),
  }
  const query = (each: PreparedQuery) => {
    waiting.push(each)
    each.submit(connection)
  }
  return { client: { connection, query } as unknown as PgClient, sent, waiting }
}

const INT4 = 23
const TEXT = 25

function answer(query: PreparedQuery, rows: (string | null)[][], described: boolean): void {
  if (described)
    query.handleRowDescription({
      fields: [
        { name: 'id', dataTypeID: INT4 },
        { name: 'title', dataTypeID: TEXT },
      ],
    })
  for (const fields of rows) query.handleDataRow({ fields })
  query.handleCommandComplete({ text: `SELECT ${rows.length}` })
  query.handleReadyForQuery()
}

test('a statement is parsed and described once for each connection; its rows are read the same afterwards', async () => {
  const { client: own, sent, waiting } = client()
  const session = new PgSession(own, new StatementNames())
  const first = session.prepared('SELECT id, title', [])
  await Promise.resolve()
  answer(waiting[0]!, [['7', null]], true)
  expect(await first).toMatchObject({ rowCount: 1, rows: [[7, null]] })
  expect(sent).toEqual(['cork', 'PBDES', 'uncork'])

  sent.length = 0
  const second = session.prepared('SELECT id, title', [])
  await Promise.resolve()
  answer(waiting[1]!, [['8', '8']], false)
  expect(await second).toMatchObject({ rows: [[8, '8']], fields: [{ name: 'id' }, { name: 'title' }] })
  expect(sent).toEqual(['cork', 'BES', 'uncork'])
})

test('a statement that failed is described when it is sent again', async () => {
  const { client: own, sent, waiting } = client()
  const session = new PgSession(own, new StatementNames())
  const failing = session.prepared('SELECT id, title', [])
  waiting[0]!.handleError(new Error('no such table'))
  await expect(failing).rejects.toThrow('no such table')
  sent.length = 0
  void session.prepared('SELECT id, title', [])
  expect(sent).toContain('BDES')
})

test('a text that was given up is a new statement', () => {
  const { client: own, sent } = client()
  const session = new PgSession(own, new StatementNames())
  void session.prepared('SELECT 1', [])
  own.connection.parsedStatements.nuages_1 = 'SELECT 1'
  session.forget('SELECT 1')
  sent.length = 0
  void session.prepared('SELECT 1', [])
  expect(sent.at(-1)).toBe('PBDES')
})

test('what one turn starts is one write', async () => {
  const { client: own, sent } = client()
  const session = new PgSession(own, new StatementNames())
  for (let i = 0; i < 20; i++) void session.prepared('SELECT 1', [])
  await Promise.resolve()
  expect(sent.filter((what) => what.includes('cork'))).toEqual(['cork', 'uncork'])
  expect(sent.filter((what) => what.endsWith('BDES'))).toHaveLength(20)
})

test('a value that cannot be sent fails its statement before anything is written', () => {
  const { client: own, sent } = client()
  const statement: Prepared = { name: 'n', sql: 'SELECT $1', columns: null }
  const bad = {
    toPostgres() {
      throw new Error('no text')
    },
    toString() {
      throw new Error('no text')
    },
  }
  const writer = new MessageWriter()
  const query = new PreparedQuery(statement, ['first', bad], writer, () => undefined)
  const wire = own.connection as unknown as Parameters<PreparedQuery['submit']>[0]
  expect(query.submit(wire)).toBeInstanceOf(Error)
  expect(sent).toEqual([])
  expect(writer.take()).toHaveLength(0)
})
