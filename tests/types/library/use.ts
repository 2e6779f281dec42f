/** How models are used, with exact types. Compiled, never run. */
import { Avg, Count, Decimal, F, Max, Q, type QuerySet, Sum } from 'nuages/db'
import { Author, type Company, Employee, type Profile } from './author.ts'
import { Book, type BookQuerySet, type Chapter, Contribution, Loan, Tag } from './book.ts'
import { eq } from './eq.ts'

export async function reading() {
  const found = Book.objects.filter({
    title__icontains: 'x',
    author__company__name: 'y',
    pages__gte: 10,
    publishedAt__year: 2026,
    publishedAt__date__gte: undefined,
    meta__langs__0: 'fr',
    author__settings__theme: 'dark',
  })
  eq<typeof found, BookQuerySet>(true)
  const book = await found.get({ id: 1 })
  eq<typeof book.title, string>(true)
  eq<typeof book.status, 'draft' | 'published'>(true)
  eq<typeof book.publishedAt, Date | null>(true)
  eq<typeof book.authorId, number>(true)
  eq<typeof book.id, number>(true)
  eq<typeof book.pk, number>(true)
  eq<typeof book.age, number>(true) // from the abstract base
  eq<typeof book.meta, { isbn?: string; langs: string[] } | null>(true)
  book.title = 'y'
  book.isLong
  await book.publish()
  const author = await book.author
  eq<typeof author, Author>(true)
  eq<typeof author.royalty, Decimal>(true)
  eq<typeof author.companyId, number | null>(true)
  const company = await author.company
  eq<typeof company, Company | null>(true)
  const profile = await author.profile
  eq<typeof profile, Profile | null>(true)
  // @ts-expect-error not loaded
  book.author.name
  author.books.filter({ title: 'x' })
  await author.books.create({ title: 't', pages: 1 }) // the relation gives the author
  await book.tags.add('jazz', await Tag.objects.get({ slug: 'swing' }))
  const tag = await Tag.objects.get({ slug: 'x' })
  eq<typeof tag.pk, string>(true)
  // @ts-expect-error no implied id where a primary key is declared
  tag.id
  const contribution = await Contribution.objects.first()
  eq<typeof contribution, Contribution | null>(true)
  eq<NonNullable<typeof contribution>['pk'], [number, number, 'editor' | 'translator' | 'illustrator']>(true)
  const loan = await Loan.objects.get({ book, stamp: 5 })
  eq<typeof loan.code, string>(true)
  eq<typeof loan.stamp, bigint | null>(true)
  Book.objects.by(author)
}

export async function loading() {
  const one = await Book.objects.selectRelated('author__company').published().get({ pages__lt: 100 })
  eq<typeof one.author.name, string>(true)
  one.author.company?.name
  one.isLong
  // @ts-expect-error company may be null
  one.author.company.name
  const both = await Author.objects.selectRelated('profile', 'company').get({ id: 1 })
  eq<NonNullable<typeof both.profile>['bio'], string>(true)
  // @ts-expect-error a reverse one-to-one may have no row
  both.profile.bio
  const ahead = await Book.objects.prefetchRelated('chapters', 'tags').first()
  for (const chapter of ahead!.chapters) eq<typeof chapter, Chapter>(true)
  ahead!.tags.items[0]!.label
  const authors = await Author.objects.prefetchRelated('profile')
  authors[0]!.profile?.bio
  // @ts-expect-error not prefetched
  for (const _ of ahead!.contributors) _
  for await (const contributor of ahead!.contributors) contributor.email
}

export async function shaping() {
  const rows = await Book.objects.values('title', 'author__name', 'author__company__name', 'publishedAt__year')
  eq<
    (typeof rows)[0],
    { title: string; author__name: string; author__company__name: string | null; publishedAt__year: number | null }
  >(true)
  const keys = await Book.objects.values('author', 'author__company', 'meta__langs', 'meta__isbn')
  eq<(typeof keys)[0]['author'], number>(true)
  eq<(typeof keys)[0]['author__company'], number | null>(true)
  eq<(typeof keys)[0]['meta__isbn'], string | null>(true)
  const lists = await Book.objects.valuesList('title', 'pages')
  eq<(typeof lists)[0], [string, number]>(true)
  const titles = await Book.objects.valuesList('title', { flat: true })
  eq<typeof titles, string[]>(true)
  const annotated = Book.objects
    .annotate({ n: Count('chapters'), oldest: Max('author__bornOn'), rate: Sum('author__royalty') })
    .published()
    .filter({ n__gt: 3, title__startswith: 'A', rate__gte: new Decimal(1) })
    .orderBy('-n', 'author__name')
  const first = (await annotated)[0]!
  eq<typeof first.n, number>(true)
  eq<typeof first.oldest, Date | null>(true)
  eq<typeof first.rate, Decimal | null>(true)
  first.isLong
  const some = await annotated.values('n', 'title')
  eq<(typeof some)[0], { n: number; title: string }>(true)
  const totals = await Book.objects.aggregate({ avg: Avg('pages'), n: Count('id') })
  eq<typeof totals, { avg: number | null; n: number }>(true)
  const groups = await Book.objects
    .values('status')
    .annotate({ n: Count('id') })
    .orderBy('-n')
  eq<(typeof groups)[0], { status: 'draft' | 'published'; n: number }>(true)
}

export async function writing(author: Author) {
  await Author.objects.create({ name: 'a', email: 'x@y.z' })
  await Author.objects.create({
    name: 'a',
    email: 'x@y.z',
    company: 3,
    royalty: '0.25',
    settings: { theme: 'dark', perPage: 1 },
    bornOn: null,
  })
  await Book.objects.create({ title: 't', pages: 1, author })
  await Book.objects.filter({ id: 1 }).update({ status: 'published', author: 4, pages: Book.F('pages').plus(1) })
  new Book({ title: 't' }).save({ using: 'replica' })
}

export function conditions() {
  Book.objects.filter(Book.Q({ title__icontains: 'x' }).or({ author__name: 'y' }))
  Book.objects.filter(Q({ title__icontains: 'x' }))
  Book.objects.filter({ pages__gt: F('author__id') }).exclude({ status__in: ['draft'] })
  Book.objects.filter({ pages__gt: Book.F('author__id').plus(1) })
  Author.objects.filter({
    books__title__icontains: 'x',
    books__chapters__number__gte: 2,
    contributions__role: 'editor',
  })
  Employee.objects.filter({ manager__manager__manager__manager__name: 'boss', reports__age__gt: 3 })
  Tag.objects.filter({ books__author__profile__bio: 'x' })
  Author.objects.filter({ royalty__gte: '0.5', company: null, books__isnull: true })
  Author.objects.filter({ books__in: Book.objects.published(), id__in: Book.objects.values('author') })
  const rows: QuerySet<Author> = Author.objects.all()
  return rows
}
