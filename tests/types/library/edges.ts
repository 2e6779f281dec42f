/** What section by section is typed to the edges: for each rule a case that compiles and one that must not. */
import {
  Avg,
  CommonTable,
  Count,
  type Decimal,
  Exists,
  F,
  foreignKey,
  Max,
  manyToMany,
  OuterRef,
  oneToOne,
  Prefetch,
  prefetchRelatedObjects,
  Q,
  reverse,
  reverseOne,
  Subquery,
  Value,
  Window,
} from 'nuages/db'
import { JSONObject, Lag, Lower, Rank } from 'nuages/db/functions'
import { Author, Employee, Profile } from './author.ts'
import { Book, type BookQuerySet, Chapter, Loan, Tag } from './book.ts'
import { eq } from './eq.ts'
import { LongBook } from './proxies.ts'

export async function partsOfRows() {
  const [only] = await Book.objects.published().only('title', 'authorId').selectRelated('author')
  eq<string, NonNullable<typeof only>['title']>(true)
  only!.author.name
  only!.isLong
  // @ts-expect-error was not read
  only!.pages.toFixed()
  const first = await Book.objects.only('title').first()
  // @ts-expect-error was not read
  first!.pages.toFixed()
  eq<number, NonNullable<typeof first>['id']>(true) // the key is read whatever is asked
  // @ts-expect-error a column that was not read is no value, not even one to pass on
  const passedOn: number = first!.pages
  // @ts-expect-error nor is the row one that has it
  const whole: Book = first!
  eq<Book, Awaited<ReturnType<NonNullable<typeof first>['refresh']>>>(true)
  const twice = await Book.objects.defer('pages').defer('status').get()
  twice.title.length
  // @ts-expect-error of several, each
  const pages: number = twice.pages
  // @ts-expect-error of several, each
  const status: string = twice.status
  void [passedOn, whole, pages, status]
  const paged = await twice.refresh({ fields: ['pages'] })
  paged.pages.toFixed()
  // @ts-expect-error what was not asked for is still not there
  const stillNot: string = paged.status
  eq<Book, Awaited<ReturnType<typeof paged.refresh>>>(true)
  const all: Book = await twice.refresh({ fields: ['pages', 'status'] })
  void [stillNot, all]
  for await (const row of Book.objects.defer('pages').iterator()) {
    row.title.length
    // @ts-expect-error was not read
    row.pages.toFixed()
  }
  // @ts-expect-error no such field
  Book.objects.only('titel')
  // @ts-expect-error no such field
  Book.objects.defer('titel')
}

export async function insideJson() {
  Author.objects.filter({
    settings__more__tags__0: 'x',
    settings__perPage__gte: 3,
    settings__more__tags__0__startswith: 'x',
  })
  Author.objects.orderBy('settings__theme', '-settings__perPage')
  const [row] = await Author.objects.values('settings__theme', 'settings__more__tags', 'settings__more__tags__0')
  eq<
    typeof row,
    | {
        settings__theme: 'light' | 'dark'
        settings__more__tags: string[] | null
        settings__more__tags__0: string | null
      }
    | undefined
  >(true)
  const deep = await Book.objects.valuesList('author__company__authors__settings__theme', { flat: true })
  eq<typeof deep, ('light' | 'dark' | null)[]>(true)
  // @ts-expect-error not a key
  Author.objects.filter({ settings__themes: 'dark' })
  // @ts-expect-error not a key of the object inside
  Author.objects.filter({ settings__more__tag: 'x' })
  // @ts-expect-error a number has no text lookups
  Author.objects.filter({ settings__perPage__startswith: 'x' })
  // @ts-expect-error not a key
  Author.objects.values('settings__themes')
  // @ts-expect-error not a key, behind a relation that may lead nowhere
  Book.objects.values('author__company__authors__settings__themes')
  // @ts-expect-error a list has places
  Author.objects.orderBy('settings__more__tags__first')
}

export function conditionsOnAnnotations() {
  const counted = Book.objects.annotate({ n: Count('chapters'), latest: Max('chapters__number') })
  counted.filter(counted.Q({ n__gt: 3 }).or({ title: 'x', latest__isnull: true }).not())
  counted.published().filter(counted.Q({ n: 1 }).and(Book.Q({ pages__gt: 3 })))
  counted.exclude(counted.Q({ n__in: [1, 2], author__name: 'x' }))
  Book.objects.alias({ n: Count('chapters') }).filter({ n__gte: F('pages') })
  // @ts-expect-error not an annotation
  counted.Q({ m__gt: 3 })
  // @ts-expect-error a count is a number
  counted.Q({ n__gt: 'x' })
  // @ts-expect-error not an annotation, further on
  counted.Q({ n: 1 }).or({ m: 1 })
  // @ts-expect-error a number has no text lookups
  counted.Q({ n__icontains: 'x' })
  // @ts-expect-error an annotation is no field of the model
  Book.Q({ n: 1 })
  // @ts-expect-error conditions of another model
  Book.objects.filter(Author.Q({ name: 'x' }))
  Book.objects.filter(Q({ title: 'x' }))
}

export function targetsOfRelations() {
  // @ts-expect-error not a model
  foreignKey(5, { onDelete: 'cascade' })
  // @ts-expect-error an instance is not a model
  oneToOne({} as Book, { onDelete: 'cascade' })
  // @ts-expect-error text is not a model
  manyToMany('library.Tag')
  // @ts-expect-error a plain class is not a model
  reverse(Date, 'book')
  // @ts-expect-error not a model
  reverseOne({}, 'author')
  // @ts-expect-error the table between must be a model
  manyToMany(Tag, { through: Date })
  return [foreignKey(Book, { onDelete: 'cascade' }), manyToMany(Tag), reverse(Book, 'author')]
}

export async function readingAhead() {
  const [author] = await Author.objects.prefetchRelated('profile', 'books__chapters')
  eq<NonNullable<NonNullable<typeof author>['profile']>['bio'], string>(true)
  for (const book of author!.books) for (const chapter of book.chapters) chapter.number
  // @ts-expect-error a reverse one-to-one may have no row
  author!.profile.bio
  // @ts-expect-error tags were not read
  for (const book of author!.books) for (const _ of book.tags) _
  const chosen = Book.objects
    .published()
    .selectRelated('author')
    .annotate({ n: Count('chapters') })
  const [row] = await Author.objects.prefetchRelated(
    new Prefetch('books', chosen, { toAttr: 'latest' }),
    new Prefetch('profile', Profile.objects.only('bio'), { toAttr: 'card' }),
  )
  eq<NonNullable<typeof row>['latest'][number]['n'], number>(true)
  row!.latest[0]!.author.name
  row!.latest[0]!.isLong
  row!.card?.bio
  // @ts-expect-error the attribute may be null
  row!.card.bio
  const [later] = await prefetchRelatedObjects([author!], 'company', new Prefetch('books', chosen, { toAttr: 'more' }))
  eq<NonNullable<typeof later>['more'][number]['n'], number>(true)
  eq<string | undefined, NonNullable<NonNullable<typeof later>['company']>['name'] | undefined>(true)
  // @ts-expect-error no relation of that name
  prefetchRelatedObjects([author!], 'boks')
  // @ts-expect-error no relation of that name
  Author.objects.prefetchRelated(new Prefetch('boks', chosen, { toAttr: 'latest' }))
  // @ts-expect-error not a relation
  Author.objects.prefetchRelated(new Prefetch('name'))
  // @ts-expect-error rows of another model than the relation leads to
  Author.objects.prefetchRelated(new Prefetch('books', Tag.objects.all(), { toAttr: 'latest' }))
  // @ts-expect-error rows of another model, two steps away
  Author.objects.prefetchRelated(new Prefetch('books__chapters', Tag.objects.all()))
  Author.objects.prefetchRelated(new Prefetch('books__chapters', Chapter.objects.filter({ number__gt: 1 })))
}

export async function exactResults() {
  const totals = await Book.objects
    .annotate({ n: Count('chapters') })
    .aggregate({ most: Max('pages'), mean: Avg('author__royalty') })
  eq<(typeof totals)['most'], number | null>(true)
  // @ts-expect-error not asked
  totals.least
  // @ts-expect-error no such field
  Book.objects.aggregate({ most: Max('page') })
  const pairs = await Book.objects.annotate({ n: Count('chapters') }).valuesList('title', 'n', 'author__company')
  eq<(typeof pairs)[number], [string, number, number | null]>(true)
  // @ts-expect-error flat is for one column
  Book.objects.valuesList('title', 'pages', { flat: true })
  const tags = await Tag.objects.inBulk(['x'])
  eq<typeof tags, Map<string, Tag>>(true)
  const counted = await Book.objects.annotate({ n: Count('chapters') }).inBulk([1])
  eq<NonNullable<ReturnType<(typeof counted)['get']>>['n'], number>(true)
  // @ts-expect-error keys of tags are text
  Tag.objects.inBulk([1])
  const [placed] = await Book.objects
    .annotate({ place: Window(Rank(), { orderBy: ['-pages'] }), before: Window(Lag('title'), { orderBy: ['id'] }) })
    .filter({ place__lte: 3 })
  eq<NonNullable<typeof placed>['before'], string | null>(true)
  // @ts-expect-error no such field
  Book.objects.annotate({ place: Window(Rank(), { orderBy: ['-page'] }) })
  // @ts-expect-error no such field
  Book.objects.annotate({ before: Window(Lag('titel'), { orderBy: ['id'] }) })
}

export async function betweenQueries() {
  const newest = Book.objects.filter({ author: OuterRef('pk') }).orderBy('-publishedAt')
  const [author] = await Author.objects.annotate({
    title: Subquery(newest.valuesList('title', { flat: true })),
    has: Exists(newest),
  })
  eq<NonNullable<typeof author>['title'], string | null>(true)
  // A value that is an object is one value all the same; a count of each group is one column of it.
  const perAuthor = Book.objects
    .filter({ author: OuterRef('pk') })
    .values('author')
    .annotate({ n: Count('id') })
  const [owned] = await Author.objects.annotate({
    share: Subquery(Author.objects.valuesList('royalty', { flat: true })),
    look: Subquery(Author.objects.valuesList('settings', { flat: true })),
    count: Subquery(perAuthor.values('n')),
  })
  eq<NonNullable<typeof owned>['share'], Decimal | null>(true)
  eq<NonNullable<NonNullable<typeof owned>['look']>['theme'], 'light' | 'dark'>(true)
  eq<NonNullable<typeof owned>['count'], number | null>(true)
  // @ts-expect-error not a column of these rows
  perAuthor.values('title')
  // @ts-expect-error nor here
  perAuthor.valuesList('m', { flat: true })
  // @ts-expect-error a Decimal's methods are no columns
  Author.objects.valuesList('royalty', { flat: true }).filter({ toFixed: 'x' })
  // @ts-expect-error a query of instances has no one value
  Subquery(Book.objects.all())
  // @ts-expect-error not a field of Author
  Book.objects.filter({ author: Author.OuterRef('nam') })
  // @ts-expect-error a name is not the key of an author
  Book.objects.filter({ author: Author.OuterRef('name') })
  const both: BookQuerySet = Book.objects.published().union(Book.objects.filter({ pages: 1 }), { all: true })
  both.orderBy('title')
  const rows = await Book.objects.values('title').union(Chapter.objects.values('title'))
  eq<(typeof rows)[number], { title: string }>(true)
  // @ts-expect-error other columns
  Book.objects.values('title').union(Book.objects.values('pages'))
  // @ts-expect-error rows of another model
  Book.objects.intersection(Tag.objects.all())
  const long = new CommonTable('long', Book.objects.filter({ pages__gt: 500 }).values('author', 'title'))
  const [joined] = await Author.objects.join(long, { id: 'author' })
  eq<NonNullable<typeof joined>['title'], string>(true)
  // @ts-expect-error not a column of it
  Author.objects.join(long, { id: 'autor' })
  // @ts-expect-error not a column of it
  long.F('titel')
  CommonTable.recursive('chain', Employee.objects.annotate({ depth: Value(0) }).values('id', 'depth'), (table) =>
    Employee.objects
      .join(table, { manager: 'id' })
      // @ts-expect-error not a column of it
      .annotate({ depth: table.F('deph').plus(1) })
      .values('id', 'depth'),
  )
}

export async function columnsOfTheQueryAround() {
  const written = () => Book.objects.filter({ author: OuterRef('pk') })
  const [author] = await Author.objects
    .annotate({ has: Exists(written().published()), pages: Subquery(written().orderBy('-pages').values('pages')) })
    .exclude(Exists(written()))
  eq<NonNullable<typeof author>['pages'], number | null>(true)
  eq<Awaited<ReturnType<typeof written>>, Book[]>(true)
  // Variables hold query sets of other names, or of none.
  let rows = written()
  rows = Book.objects.all()
  rows = rows.filter({ pages__gt: OuterRef('id') })
  const published: BookQuerySet = rows.published()
  // Two queries away
  Author.objects.filter(
    Exists(
      published.filter(Exists(Chapter.objects.filter({ book: OuterRef('pk'), title: OuterRef(OuterRef('name')) }))),
    ),
  )
  const counted = Author.objects.annotate({ n: Count('books') })
  counted.filter(Exists(written().filter({ pages__gt: counted.OuterRef('n'), title: counted.OuterRef('name') })))
  // @ts-expect-error no such field or annotation
  counted.OuterRef('m')
  // @ts-expect-error no such field of an author
  Author.objects.filter(Exists(Book.objects.filter({ author: OuterRef('idd') })))
  const misspelt = Book.objects.exclude({ title: OuterRef('company__nme') })
  // @ts-expect-error nor behind a relation, in a variable
  Author.objects.annotate({ has: Exists(misspelt.published().orderBy('title')) })
  // @ts-expect-error nor among columns
  Author.objects.annotate({ title: Subquery(misspelt.valuesList('title', { flat: true })) })
  // @ts-expect-error nor of columns that are filtered
  Author.objects.annotate({ title: Subquery(Book.objects.values('title').filter({ author: OuterRef('idd') })) })
  // @ts-expect-error a field of the book around, not of the chapter
  Author.objects.filter(Exists(published.filter(Exists(Chapter.objects.filter({ book: OuterRef('nmae') })))))
}

export async function writing() {
  const rows = await Loan.objects.upsert([{ day: (await Loan.objects.get()).day, book: 1 }], {
    conflict: ['code'],
    update: ['day'],
  })
  eq<(typeof rows)[number], Loan>(true)
  eq<NonNullable<(typeof rows)['created']>, ReadonlySet<Loan>>(true)
  // @ts-expect-error no such field
  Loan.objects.upsert([], { conflict: ['code'], update: ['dya'] })
  const changed = await LongBook.objects.filter({ pages__gt: 1 }).updateReturning({ title: 'x' })
  eq<(typeof changed)[number], LongBook>(true)
  // @ts-expect-error no such field
  LongBook.objects.values('excess')
}

export async function manyRows(book: Book) {
  await Book.objects.bulkUpdate([book], ['title', 'author', 'authorId'], { batchSize: 2 })
  await Book.objects.bulkCreate([book], {
    updateConflicts: true,
    uniqueFields: ['author', 'title'],
    updateFields: ['pages'],
  })
  const byTitle = await Book.objects.inBulk(['x'], { by: 'title' })
  eq<typeof byTitle, Map<string, Book>>(true)
  // @ts-expect-error no such field
  Book.objects.bulkUpdate([book], ['titel'])
  // @ts-expect-error rows of another model are no column
  Book.objects.bulkUpdate([book], ['chapters'])
  // @ts-expect-error no such field
  Book.objects.bulkCreate([], { updateConflicts: true, uniqueFields: ['titel'], updateFields: ['pages'] })
  // @ts-expect-error no such field
  Book.objects.bulkCreate([], { updateConflicts: true, uniqueFields: ['title'], updateFields: ['pagse'] })
  // @ts-expect-error no such column
  Book.objects.inBulk(['x'], { by: 'titel' })
}

export async function relatedSets(author: Author) {
  const [first] = await author.books
    .published()
    .by(author)
    .annotate({ n: Count('chapters') })
  eq<NonNullable<typeof first>['n'], number>(true)
  await author.books.filter({ pages__gt: 1 }).published().count()
  await author.books.create({ title: 'x', pages: 1 })
  const [contributor] = await Book.objects.all()
  await contributor!.contributors.add(author)
  // @ts-expect-error no method of the manager
  author.books.publishd()
  // @ts-expect-error a manager of its own has none either
  contributor!.chapters.published()
}

export async function partsOfAnnotations() {
  const parts = Book.objects.annotate({ o: JSONObject({ p: 'pages', t: 'title' }), when: Max('publishedAt') })
  const [row] = await parts.filter({ o__p__gt: 1, o__t__icontains: 'x', when__year: 2026 }).values('o__p', 'when__year')
  eq<NonNullable<typeof row>, { o__p: number; when__year: number | null }>(true)
  parts.orderBy('o__p', '-when__month')
  // @ts-expect-error no such key
  parts.filter({ o__q: 1 })
  // @ts-expect-error of another type
  parts.filter({ o__p: 'x' })
  // @ts-expect-error no such key
  parts.values('o__q')
  // @ts-expect-error no part of an instant
  parts.values('when__yaer')
}

export async function plainRowsByKey() {
  const titles = Book.objects.values('title')
  const byKey = await titles.inBulk()
  eq<typeof byKey, Map<number, { title: string }>>(true)
  const byTitle = await titles.inBulk(['x'], { by: 'title' })
  eq<typeof byTitle, Map<string, { title: string }>>(true)
  // @ts-expect-error keys are numbers
  titles.inBulk(['x'])
  // @ts-expect-error no such field
  titles.inBulk(['x'], { by: 'titel' })
}

export async function expressionsThatAreSaved(book: Book, author: Author) {
  const saved: Book = await book.save({ set: { pages: Book.F('pages').plus(1), author }, using: 'default' })
  // @ts-expect-error no such field
  saved.save({ set: { pagse: 1 } })
  // @ts-expect-error of another type
  saved.save({ set: { pages: Book.F('title') } })
  // @ts-expect-error of another model
  saved.save({ set: { title: Author.F('name') } })
}

export function operandsAndOrders() {
  Book.F('pages').minus(Book.F('authorId'))
  // @ts-expect-error a path is no operand
  Book.F('pages').minus('authorId')
  // @ts-expect-error nor is a text
  Book.F('title').plus('!')
  Book.objects.orderBy(Lower('title'), Lower('author__name').desc())
  Book.objects.orderBy(F('pages').desc({ nulls: 'last' }), '?')
}
