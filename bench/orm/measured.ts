/** The rows of the table as functions of a library's {@link Works}, and what they have to give. */
import { type AuthorRow, type BookRow, bookValues, type RowName, type Works } from './contract.ts'

/** What a process with a library is asked. */
export type Question =
  /** The plain answers of all rows; see {@link answersOf}. */
  | { readonly t: 'check' }
  /** Runs a row for about so long; how often it has to run for such a sample. */
  | { readonly t: 'warm'; readonly row: RowName; readonly milliseconds: number }
  /** CPU microseconds an operation. */
  | { readonly t: 'sample'; readonly row: RowName; readonly times: number }
export type Answer = number | readonly unknown[]

const thousand = Array.from({ length: 1000 }, (_, i) => bookValues(i))
const twentyKeys = (i: number): number[] => Array.from({ length: 20 }, (_, k) => 1 + ((i * 20 + k) % 1000))

/** What it is already: whoever is asked next finds the same books. */
const bookStock = (id: number): number => (id - 1) % 20
/** Where the row is not measured nobody needs a transaction; on PostgreSQL every library has its own. */
const updatesOf = (works: Works): NonNullable<Works['updates']> =>
  works.updates?.bind(works) ?? ((changes) => Promise.all(changes.map(([id, stock]) => works.update(id, stock))))

/** One operation of each row. */
export function worksByRow(works: Works): Readonly<Record<RowName, (i: number) => unknown>> {
  const { twenty = (ids) => Promise.all(ids.map((id) => works.get(id))), written = (values) => values } = works
  const values = thousand.map(written)
  const updates = updatesOf(works)
  return {
    'get by pk': (i) => works.get(1 + (i % 1000)),
    '100 rows of 10 columns': () => works.hundred(),
    '100 rows, joined relation': () => works.joined(),
    '50 parents, 10 children each': () => works.prefetched(),
    'insert one': (i) => works.insert(values[i % 1000]!),
    'bulk insert 1,000': () => works.bulk(values),
    'update by pk': (i) => works.update(1 + (i % 1000), i % 20),
    'filtered count': (i) => works.count('new', i % 400),
    '20 gets at once': (i) => twenty(twentyKeys(i)),
    '20 updates in a transaction': (i) => updates(twentyKeys(i).map((id) => [id, bookStock(id)])),
  }
}

const bookFields = [
  'id',
  'title',
  'subtitle',
  'isbn',
  'status',
  'pages',
  'stock',
  'price',
  'summary',
  'authorId',
] as const
const plainBook = (book: BookRow): unknown[] => bookFields.map((name) => book[name])
const plainAuthor = ({ id, name }: AuthorRow): unknown[] => [id, name]

/** What a library gives for each row, told in one way: values of objects' properties, whose types JSON keeps apart. */
export async function answersOf(works: Works): Promise<readonly unknown[]> {
  const { twenty = (ids) => Promise.all(ids.map((id) => works.get(id))), written = (values) => values } = works
  const parents = await works.prefetched()
  const children = (books: Iterable<BookRow>): unknown[] => [...books].toSorted((a, b) => a.id - b.id).map(plainBook)
  const answers: unknown[] = [
    plainBook(await works.get(7)),
    (await works.hundred()).map(plainBook),
    (await works.joined()).map((book) => [plainBook(book), plainAuthor(book.author)]),
    parents.map((author) => [plainAuthor(author), children(author.books)]),
    await works.count('new', 250),
    (await twenty(twentyKeys(3))).map(plainBook),
  ]
  // Writes: what they leave is read back with get(), which was compared above.
  await works.update(8, 123)
  answers.push((await works.get(8)).stock)
  await works.update(8, bookValues(7).stock)
  const updates = updatesOf(works)
  await updates([8, 9].map((id) => [id, 124]))
  answers.push((await works.get(8)).stock, (await works.get(9)).stock)
  await updates([8, 9].map((id) => [id, bookStock(id)]))
  const key = await works.insert(written(bookValues(4)))
  answers.push(typeof key, plainBook(await works.get(key)).slice(1))
  await works.bulk(thousand.map(written))
  answers.push(await works.count('new', 0)) // with those of the bulk insert and the one before
  return answers
}
