/** Joined rows, common tables and walks, with exact types. Compiled, never run. */
import { CommonTable, Count, Max, Prefetch, Value, type Values } from 'nuages/db'
import { Author, Employee, Profile } from './author.ts'
import { Book, type BookQuerySet } from './book.ts'
import { eq } from './eq.ts'

const perAuthor = Book.objects.values('author').annotate({ n: Count('id'), latest: Max('publishedAt') })

export async function joining() {
  const joined = Author.objects.join(perAuthor, { id: 'author' })
  const first = (await joined.filter({ n__gt: 3, name: 'x' }).orderBy('-latest', 'name'))[0]!
  eq<typeof first.n, number>(true)
  eq<typeof first.latest, Date | null>(true)
  eq<typeof first.name, string>(true)
  const left = (await Author.objects.join(perAuthor, { id: 'author' }, { left: true, limit: 2 }))[0]!
  eq<typeof left.n, number | null>(true)
  const rows = await joined.values('name', 'n')
  eq<(typeof rows)[0], { name: string; n: number }>(true)
  const books: BookQuerySet = Book.objects.join(perAuthor, { author__id: 'author' })
  books.published()
  // @ts-expect-error no such field
  Author.objects.join(perAuthor, { idd: 'author' })
  // @ts-expect-error no such column
  Author.objects.join(perAuthor, { id: 'autor' })
  // @ts-expect-error rows of a model have no names to join by
  Author.objects.join(Book.objects.all(), { id: 'author' })
  // @ts-expect-error no column of that name came with it
  joined.filter({ m__gt: 3 })
}

export async function commonTables() {
  const busy = new CommonTable('busy', perAuthor, { materialized: true })
  const author = (await Author.objects.join(busy, { id: 'author' }))[0]!
  eq<typeof author.n, number>(true)
  const some = await busy.values('n').filter({ n__gte: 2 })
  eq<(typeof some)[0], { n: number }>(true)
  Author.objects.filter({ id__in: busy.values('author') })
  // @ts-expect-error no such column
  busy.values('m')
  const chain = CommonTable.recursive(
    'chain',
    Employee.objects.annotate({ depth: Value(0) }).values('id', 'depth'),
    (table) =>
      Employee.objects
        .join(table, { manager: 'id' })
        .annotate({ depth: table.F('depth').plus(1) })
        .values('id', 'depth'),
  )
  const rows = await chain.values()
  eq<(typeof rows)[0], { id: number; depth: number }>(true)
}

export async function walking() {
  const below = (await Employee.objects.filter({ id: 1 }).walk('reports', { depth: 3 }).filter({ depth__gt: 0 }))[0]!
  eq<typeof below.depth, number>(true)
  eq<typeof below.path, string>(true)
  Employee.objects.walk('manager')
  // @ts-expect-error does not lead to employees
  Book.objects.walk('author')
  // @ts-expect-error no such field
  Employee.objects.walk('managr')
}

export async function readingAhead() {
  const latest = Book.objects.orderBy('-publishedAt').slice(0, 3)
  const author = (
    await Author.objects.prefetchRelated(
      'company',
      new Prefetch('books', latest, { toAttr: 'latest' }),
      new Prefetch('profile', Profile.objects.all(), { toAttr: 'card' }),
    )
  )[0]!
  eq<typeof author.latest, Book[]>(true)
  eq<typeof author.card, Profile | null>(true)
  author.company?.name
  const [book] = await Book.objects.prefetchRelated(new Prefetch('chapters'), 'tags').fetchMode('raise')
  book?.tags.items
  // @ts-expect-error no such attribute
  author.latests
  // @ts-expect-error no such mode
  Book.objects.fetchMode('all')
}

export async function paging() {
  const { rows, next } = await Book.objects
    .annotate({ n: Count('chapters') })
    .orderBy('-n')
    .page({ size: 3, after: null })
  eq<(typeof rows)[0]['n'], number>(true)
  eq<typeof next, string | null>(true)
  const values = await Book.objects.values('title').page({ size: 3 })
  eq<(typeof values.rows)[0], { title: string }>(true)
  // @ts-expect-error no size
  Book.objects.page({})
}

export async function explaining() {
  const text = await Book.objects.filter({ title: 'x' }).explain({ analyze: true, format: 'json' })
  eq<typeof text, string>(true)
  const { sql, params } = Book.objects.values('title').toSQL()
  eq<typeof sql, string>(true)
  eq<typeof params, readonly unknown[]>(true)
  // @ts-expect-error no such format
  Book.objects.explain({ format: 'pdf' })
}

export async function rows() {
  const first = await Book.objects.orderBy('author', '-pages').distinctOn('author')
  eq<typeof first, Book[]>(true)
  // @ts-expect-error no such field
  Book.objects.distinctOn('autor')
  const byEmail = await Author.objects.inBulk(['a@b.c'], { by: 'email' })
  eq<typeof byEmail, Map<string, Author>>(true)
  // @ts-expect-error emails are text
  Author.objects.inBulk([3], { by: 'email' })
  // @ts-expect-error no such field
  Author.objects.inBulk(['x'], { by: 'e-mail' })
}

export function rowsOfAnyModel() {
  const rows: Values<{ title: string }> = Book.objects.filter({ pages__gt: 1 }).values('title')
  // @ts-expect-error no such column
  const others: Values<{ name: string }> = Book.objects.values('title')
  return [rows, others]
}
