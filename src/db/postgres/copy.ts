/** COPY of PostgreSQL: tables from streams and streams from tables, for loads and exports larger than memory. */
import { assertRunning, signalOfNow } from '../abort.ts'
import type { TransactionConnection } from '../backends/backend.ts'
import { callSite } from '../call-site.ts'
import { currentAlias, type Database, database } from '../connections.ts'
import { NotSupportedError } from '../errors.ts'
import { picture, QueryUsageError } from '../query/errors.ts'
import { RawFragment } from '../query/raw.ts'
import { atomic } from '../transactions.ts'

/** What rows of a {@link copyIn} come from: a stream of Node or the web, a generator; text is UTF-8. */
export type CopySource = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** Options of {@link copyIn} and {@link copyOut}. */
export interface CopyOptions {
  /** Alias of the database; default the current one. */
  readonly using?: string
}

const SAVEPOINT = '"nuages_copy"'
const STATEMENT = /^\s*copy\b[\s\S]*\b(from\s+stdin|to\s+stdout)\b/i

function copyText(statement: RawFragment, direction: 'in' | 'out'): string {
  const example = direction === 'in' ? 'copy book (title) from stdin' : 'copy book (title) to stdout'
  // SQL injection: a string may hold what a visitor typed.
  if (!(statement instanceof RawFragment) || statement.values.length > 0) {
    const given =
      statement instanceof RawFragment ? 'a statement with values, which COPY cannot have' : picture(statement)
    throw new QueryUsageError(`${direction === 'in' ? 'copyIn' : 'copyOut'}() was given ${given}.`, {
      code: 'db.not-sql',
      hint: `Write sql\`${example}\`. For rows that depend on a value fill a temporary table first.`,
    })
  }
  const text = statement.parts.join('')
  const found = STATEMENT.exec(text)?.[1]?.slice(0, 1).toLowerCase()
  if (found === (direction === 'in' ? 'f' : 't')) return text
  throw new QueryUsageError(`${picture(text)} is no COPY ${direction === 'in' ? 'FROM STDIN' : 'TO STDOUT'}.`, {
    code: 'db.not-sql',
    hint: `Write sql\`${example}\`, with (format csv) or what else COPY takes behind it.`,
  })
}

function assertCopies(
  connection: TransactionConnection,
  db: Database,
): asserts connection is TransactionConnection & Required<Pick<TransactionConnection, 'copyFrom' | 'copyTo'>> {
  if (connection.copyFrom !== undefined && connection.copyTo !== undefined) return
  throw new NotSupportedError(`The database "${db.alias}" (${db.backend.name}) has no COPY.`, {
    code: 'db.not-supported',
    hint: 'Use bulkCreate() and iterator(), which every database has.',
    alias: db.alias,
  })
}

async function* bytesOf(source: CopySource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    assertRunning(signal)
    yield typeof piece === 'string' ? Buffer.from(piece) : piece
  }
  assertRunning(signal)
}

/**
 * Sends a stream to a `COPY … FROM STDIN`: all of it is stored, or nothing. The stream is read as fast as the server takes it.
 *
 *     await copyIn(sql`copy library_book (title, pages) from stdin (format csv, header)`, createReadStream('books.csv'))
 *
 * In the current block where there is one, else in one of its own. A source that fails, a row that is refused and a signal
 * (see `abortable()`) leave nothing behind, and the connection as it was. Signals of models are not sent, validators not run.
 * @returns how many rows were stored
 * @throws the source's own error; DataError, IntegrityError for rows; QueryUsageError db.not-sql; NotSupportedError
 *   db.not-supported on other databases; OperationalError db.aborted
 */
export function copyIn(statement: RawFragment, source: CopySource, options: CopyOptions = {}): Promise<number> {
  const alias = options.using ?? currentAlias()
  const text = copyText(statement, 'in')
  const db = database(alias)
  return atomic(
    async () => {
      const block = db.currentBlock()! // atomic() made it
      assertCopies(block.connection, db)
      const { connection } = block
      const signal = signalOfNow()
      await block.enter('copyIn()', { signal })
      try {
        block.assertUsable()
        return await connection.copyFrom(text, bytesOf(source, signal))
      } catch (error) {
        throw db.translate(error, text)
      } finally {
        block.leave()
      }
    },
    { using: alias },
  )
}

/**
 * What a `COPY … TO STDOUT` gives, piece by piece, as fast as it is read; a piece is some rows or a part of one.
 *
 *     await pipeline(copyOut(sql`copy library_book to stdout (format csv, header)`), createWriteStream('books.csv'))
 *
 * All rows are of one moment. Outside a block it has a connection of its own until the loop ends, however it ends; inside one,
 * the block's statements wait for the loop's end, so read it to the end first.
 * @throws QueryUsageError db.not-sql; NotSupportedError db.not-supported on other databases; OperationalError db.aborted
 */
export async function* copyOut(statement: RawFragment, options: CopyOptions = {}): AsyncGenerator<Uint8Array> {
  const text = copyText(statement, 'out')
  const db = database(options.using ?? currentAlias())
  const signal = signalOfNow()
  const block = db.currentBlock()
  assertRunning(signal)
  if (block !== null) await block.enter('copyOut()', { signal })
  let own: TransactionConnection | null = null
  let isRead = false
  let isSaved = false
  try {
    block?.assertUsable()
    own = block === null ? await db.begin({ holder: callSite(copyOut), timeout: db.lockTimeout, signal }) : null
    const connection = own ?? block!.connection // one of both
    assertCopies(connection, db)
    // To stop the statement is to fail the transaction: a block goes on from here.
    if (own === null) await connection.exec(`SAVEPOINT ${SAVEPOINT}`)
    isSaved = own === null
    for await (const piece of connection.copyTo(text)) {
      assertRunning(signal)
      yield piece
    }
    isRead = true
  } catch (error) {
    throw db.translate(error, text)
  } finally {
    if (own !== null) await (isRead ? own.commit() : own.rollback())
    else if (isSaved && block?.connection.active) {
      await block.connection.exec(`${isRead ? '' : `ROLLBACK TO ${SAVEPOINT}; `}RELEASE SAVEPOINT ${SAVEPOINT}`)
    }
    block?.leave()
  }
}
