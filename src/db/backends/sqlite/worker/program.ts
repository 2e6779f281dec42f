/** The program of a worker: one connection of SQLite, which does what it is asked until its parent goes. */
import type { Compiled } from '../../backend.ts'
import { SqliteConnection } from '../connection.ts'
import { RowCursor } from '../iterate.ts'
import { sqliteOpener } from '../sqlite.ts'
import type { Answer, Question, SentError, SentStatement } from './messages.ts'

let connection: SqliteConnection | null = null
const cursors = new Map<number, RowCursor>()
let made = 0

// Encoders stay with the parent, and connections ask for none.
const compiled = (statement: SentStatement): Compiled => statement as Compiled

async function answer(question: Question): Promise<unknown> {
  if (question.op === 'open') {
    connection = new SqliteConnection(question.path, question.statements, await sqliteOpener(question.driver))
    return
  }
  const own = connection!
  switch (question.op) {
    case 'rows':
      return own.rows(compiled(question.statement), question.params)
    case 'run':
      return own.run(compiled(question.statement), question.params)
    case 'named':
      return own.named(compiled(question.statement), question.params)
    case 'bulk': {
      const work = own.bulk(compiled(question.statement), question.params)
      while (!work.step());
      return work.result
    }
    case 'exec':
      return own.exec(question.sql)
    case 'value':
      return own.value(question.sql)
    case 'pragma':
      return own.prepare(question.sql).all()
    case 'iterate':
      cursors.set(++made, new RowCursor(own, compiled(question.statement), question.params))
      return made
    case 'next':
      // One that was ended with its block has no more rows; who reads it is told by the parent.
      return cursors.get(question.cursor)?.next(question.size) ?? null
    case 'end':
      cursors.get(question.cursor)?.close()
      cursors.delete(question.cursor)
      return
    case 'endAll':
      for (const cursor of cursors.values()) cursor.close()
      cursors.clear()
      return
    case 'close':
      own.close()
  }
}

function describe(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, code, errcode, hint, status } = error as Error & SentError // what drivers and our errors have
  return { message, code, errcode, hint, status }
}

// Signals of a terminal or a service manager go to every process: the parent decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => {
  connection?.close()
  process.exit()
})
process.on('message', async (question: Question) => {
  let said: Partial<Answer>
  try {
    said = { result: await answer(question) }
  } catch (error) {
    said = { error: describe(error) }
  }
  const transaction = connection?.database.isOpen === true && connection.database.isTransaction
  process.send!({ ...said, transaction })
})
