/** Databases: choosing, watching, stopping, SQL by hand. */
import { createProject, defineSettings, env } from 'nuages'
import {
  abortable,
  atomic,
  connection,
  type QueryWrapper,
  type Router,
  setRollback,
  sql,
  using,
  withReplicas,
  wrapQueries,
} from 'nuages/db'
import { Book } from './book.ts'
import { eq } from './eq.ts'

export async function choosing(signal: AbortSignal) {
  // What the function gives is what each of them gives: a query as its rows, anything else as it is.
  eq<number, Awaited<ReturnType<typeof Book.objects.count>>>(true)
  const count = await using('archive', () => Book.objects.count())
  eq<typeof count, number>(true)
  const titles = await withReplicas(() => Book.objects.valuesList('title', { flat: true }))
  eq<typeof titles, string[]>(true)
  const stopped = await abortable(signal, () => Book.objects.filter({ title: 'x' }).exists())
  eq<typeof stopped, boolean>(true)
  const plain = abortable(signal, () => 5)
  eq<typeof plain, number>(true)
  const seen = await wrapQueries(
    (_query, execute) => execute(),
    () => Book.objects.count(),
  )
  eq<typeof seen, number>(true)
  const kept = await atomic(() => 'x', { retries: 3 })
  eq<typeof kept, string>(true)
  setRollback(false, { using: 'archive' })
  // @ts-expect-error the signal comes first
  abortable(() => 5, signal)
  // @ts-expect-error a number of times
  await atomic(() => 1, { retries: true })
}

export async function byHand(typed: string) {
  const result = await connection('archive').execute(sql`select title from library_book where title = ${typed}`)
  eq<typeof result.columns, readonly string[]>(true)
  eq<typeof result.changes, number>(true)
  const [first] = result.objects()
  eq<typeof first, Record<string, unknown> | undefined>(true)
  // @ts-expect-error text is no statement: what was typed would be a part of it
  await connection().execute(`select * from library_book where title = '${typed}'`)
  // @ts-expect-error a list of statements
  await connection().executeMany(sql`select 1`)
}

/** A wrapper gives what the statement gives. */
export const watching: QueryWrapper = ({ sql: text, params, alias, many }, execute) => {
  eq<typeof text, string>(true)
  eq<typeof params, readonly unknown[]>(true)
  eq<typeof alias, string>(true)
  eq<typeof many, boolean>(true)
  return execute()
}
// @ts-expect-error it must give what the statement gives
export const losing: QueryWrapper = (_query, execute) => void execute()

export const router: Router = {
  dbForRead: (model, { instance }) => (instance instanceof Book || model.meta.app === 'history' ? 'archive' : null),
  allowMigrate: (alias, _app, { model }) => (model === 'library.Book' ? alias === 'default' : undefined),
}
// @ts-expect-error an alias, not a database
export const wrong: Router = { dbForWrite: () => 5 }

export const settings = defineSettings({
  secretKey: env.secret('SECRET_KEY'),
  databases: {
    default: { url: env.database('DATABASE_URL'), replicas: ['copy'], atomicRequests: env.boolean('ATOMIC', true) },
    copy: 'sqlite:./copy.sqlite3',
    reports: { url: 'sqlite:./reports.sqlite3', testMirror: 'default' },
  },
  routers: [router],
})
export const project = createProject(settings)
defineSettings({
  secretKey: 'x',
  // @ts-expect-error a list of aliases
  databases: { default: { url: 'sqlite:./x.sqlite3', replicas: 'copy' } },
})
