// Functions, cases, windows, subqueries, unions and parts of rows: what they are worth.
import {
  Case,
  Cast,
  Count,
  type Decimal,
  decimal,
  Exists,
  type Expr,
  ExpressionWrapper,
  F,
  Is,
  integer,
  OuterRef,
  Subquery,
  Sum,
  Value,
  When,
  Window,
} from 'nuages/db'
import {
  Coalesce,
  Concat,
  Extract,
  JSONObject,
  Lag,
  Least,
  Length,
  Lower,
  NullIf,
  Random,
  Rank,
  Round,
  RowNumber,
  Substr,
  Trunc,
  Upper,
} from 'nuages/db/functions'
import { Author } from './author.ts'
import { Book, Chapter } from './book.ts'
import { eq } from './eq.ts'

const texts = await Book.objects
  .annotate({
    lower: Lower('title'),
    length: Length('title'),
    both: Concat('title', Value(' by '), 'author__name'),
    first: Upper(Substr('title', 1, 1)),
    company: Lower('author__company__name'),
  })
  .alias({ hidden: Length('author__name') })
  .filter({ hidden__gt: 3, lower__icontains: 'x' })
  .get({ id: 1 })
eq<typeof texts.lower, string>(true)
eq<typeof texts.length, number>(true)
eq<typeof texts.both, string>(true)
eq<typeof texts.first, string | null>(true)
eq<typeof texts.company, string | null>(true)
// @ts-expect-error an alias is for filters, not for rows
texts.hidden
// @ts-expect-error not a field
Book.objects.annotate({ lower: Lower('titel') })
// @ts-expect-error not a field
Book.objects.annotate({ both: Concat('title', 'titel') })

const kinds = await Book.objects
  .annotate({
    size: Case([When({ pages__gt: 500 }, Value('long')), When({ pages__gt: 100 }, Value('middling'))], Value('short')),
    price: Case([When({ status: 'draft' }, 0)], 'pages'),
    none: Case([When({ status: 'draft' }, 'pages')]),
    isLong: Is({ pages__gt: 500 }),
    isNew: Is({ publishedAt__year__gt: 2000 }),
    isOut: Is({ publishedAt__isnull: false }),
    isEither: Is(Book.Q({ pages__gt: 500 }).or({ title: 'x' })),
    kept: NullIf('pages', 0),
    least: Least('author__royalty', 'pages'),
    stamped: Book.F('pages').bitAnd(Book.F('author__companyId')),
    code: Cast('title', integer()),
    worth: ExpressionWrapper(Book.F('pages').times(2), decimal({ maxDigits: 9, decimalPlaces: 2 })),
    year: Extract('publishedAt', 'year'),
    month: Trunc('publishedAt', 'month'),
    named: Coalesce('author__company__name', Value('none')),
    rounded: Round('pages', -1),
    object: JSONObject({ title: 'title', pages: 'pages' }),
  })
  .first()
eq<NonNullable<typeof kinds>['size'], 'long' | 'middling' | 'short'>(true)
eq<NonNullable<typeof kinds>['price'], number>(true)
eq<NonNullable<typeof kinds>['none'], number | null>(true)
eq<NonNullable<typeof kinds>['isLong'], boolean>(true)
eq<NonNullable<typeof kinds>['isNew'], boolean | null>(true) // of a null, databases know neither
eq<NonNullable<typeof kinds>['isOut'], boolean>(true)
eq<NonNullable<typeof kinds>['isEither'], boolean | null>(true) // what stands in a Q is not seen
eq<NonNullable<typeof kinds>['kept'], number | null>(true)
eq<NonNullable<typeof kinds>['least'], Decimal>(true) // beside a Decimal, numbers are Decimals
eq<NonNullable<typeof kinds>['stamped'], number | null>(true)
eq<NonNullable<typeof kinds>['code'], number>(true)
eq<NonNullable<typeof kinds>['worth'], Decimal | null>(true)
eq<NonNullable<typeof kinds>['year'], number | null>(true)
eq<NonNullable<typeof kinds>['month'], Date | null>(true)
eq<NonNullable<typeof kinds>['named'], string>(true)
eq<NonNullable<typeof kinds>['rounded'], number>(true)
eq<NonNullable<typeof kinds>['object'], { title: string; pages: number }>(true)

const windows = await Book.objects.annotate({
  place: Window(Rank(), { partitionBy: ['author__company'], orderBy: ['-pages'] }),
  number: Window(RowNumber(), { orderBy: [Book.F('pages').desc({ nulls: 'last' })] }),
  before: Window(Lag('pages'), { orderBy: ['id'] }),
  orNone: Window(Lag('pages', 1, 0), { orderBy: ['id'] }),
  total: Window(Sum('pages'), { orderBy: ['id'], frame: { rows: [null, 0] } }),
})
eq<(typeof windows)[number]['place'], number>(true)
eq<(typeof windows)[number]['before'], number | null>(true)
eq<(typeof windows)[number]['orNone'], number>(true)
eq<(typeof windows)[number]['total'], number | null>(true)
// @ts-expect-error not a field
Book.objects.annotate({ place: Window(Rank(), { partitionBy: ['autor'] }) })

const nested = await Author.objects.annotate({
  latest: Subquery(
    Book.objects
      .filter({ author: OuterRef('id') })
      .orderBy('-publishedAt')
      .valuesList('title', { flat: true }),
  ),
  pages: Subquery(
    Book.objects
      .filter({ author: Author.OuterRef('id') })
      .values('pages')
      .slice(0, 1),
  ),
  published: Exists(Book.objects.filter({ author: OuterRef('id'), status: 'published' })),
})
eq<(typeof nested)[number]['latest'], string | null>(true)
eq<(typeof nested)[number]['pages'], number | null>(true)
eq<(typeof nested)[number]['published'], boolean>(true)
Author.objects.filter(Exists(Book.objects.filter({ author: OuterRef('id') })))
Author.objects.exclude(Exists(Book.objects.filter({ author: OuterRef('id') })))
Author.objects.filter(Author.Q({ name: 'x' }).or(Exists(Book.objects.filter({ author: OuterRef('id') }))))
// @ts-expect-error not a field of Author
Book.objects.filter({ author: Author.OuterRef('idd') })

Book.objects
  .filter({ pages__gt: 3 })
  .union(Book.objects.filter({ status: 'draft' }))
  .orderBy('title')
  .slice(0, 10)
const names = await Book.objects
  .valuesList('title', { flat: true })
  .union(Chapter.objects.valuesList('title', { flat: true }))
eq<typeof names, string[]>(true)
// @ts-expect-error rows of another model
Book.objects.union(Chapter.objects.all())
// @ts-expect-error columns of other types
Book.objects.valuesList('title', { flat: true }).union(Chapter.objects.valuesList('number', { flat: true }))

const [partial] = await Book.objects.only('title', 'pages')
partial!.title.length
// @ts-expect-error was not read
partial!.status.length
const [deferred] = await Book.objects.defer('status')
deferred!.title.length
// @ts-expect-error was not read
deferred!.status.length

Book.objects.annotate({ a: Sum('pages'), b: Avg('pages'), c: StdDev('chapters__number'), d: Sum(F('pages')) })
// @ts-expect-error text is not added up
Book.objects.annotate({ n: Sum('title') })
// @ts-expect-error nor is an instant
Book.objects.aggregate({ n: Avg('publishedAt') })
// @ts-expect-error nor text at a key of JSON
Book.objects.aggregate({ n: Variance('author__settings__theme') })

Book.objects.orderBy(Lower('title').asc(), F('pages'), '-id')
Book.objects.filter({ title: Lower('author__name') })
Book.objects
  .values('status')
  .annotate({ n: Count('*'), pages: Sum('pages') })
  .filter({ n__gt: 2 })
// @ts-expect-error not a field
Book.objects.annotate({ x: Case([When({ titel: 'x' }, 0)]) })
// @ts-expect-error not a field
Book.objects.annotate({ x: Case([When({ title: 'x' }, 'pagess')]) })
// @ts-expect-error not a field
Book.objects.annotate({ x: Is({ titel: 'x' }) })
// @ts-expect-error not a field
Book.objects.annotate({ x: Coalesce('titel', Value('x')) })

// ---------------------------------------------------------------- joined texts, SQL of the project
import { BitOr, char, StringAgg, sql } from 'nuages/db'
import { Collate, defineFunction, RawSQL, UUID7 } from 'nuages/db/functions'

const Soundex = defineFunction('SOUNDEX($1)', char({ maxLength: 4, null: true }))
const joined = await Author.objects
  .annotate({
    titles: StringAgg('books__title', ', ', { orderBy: ['-books__pages'], distinct: true }),
    bits: BitOr('books__pages'),
    sound: Soundex('name'),
    twice: RawSQL(sql`${Author.F('id')} * ${2}`, integer()),
    key: UUID7(),
    initial: Author.F('name').slice(0, 1),
  })
  .orderBy(Collate<'name', Author>('name', 'nocase').asc())
  .get({ id: 1 })
eq<typeof joined.titles, string | null>(true)
eq<typeof joined.bits, number | null>(true)
eq<typeof joined.sound, string | null>(true)
eq<typeof joined.twice, number>(true)
eq<typeof joined.key, string>(true)
eq<typeof joined.initial, string>(true)
// @ts-expect-error not a field
Author.objects.annotate({ titles: StringAgg('books__titel', ', ') })
// @ts-expect-error not a field to order by
Author.objects.annotate({ titles: StringAgg('books__title', ', ', { orderBy: ['-books__page'] }) })
// @ts-expect-error a delimiter is needed
Author.objects.annotate({ titles: StringAgg('books__title') })
// @ts-expect-error not a field
Author.objects.annotate({ sound: Soundex('nam') })

// ---------------------------------------------------------------- aggregates that are not null, and what stands around them
import { Avg, JSONArrayAgg, Max, StdDev } from 'nuages/db'
import { ArrayAgg } from 'nuages/db/postgres'

const filled = await Author.objects
  .annotate({
    pages: Sum('books__pages', { default: 0 }),
    once: Sum('books__pages', { distinct: true }),
    mean: Avg('books__pages', { default: 0.5, filter: Author.Q({ books__status: 'draft' }) }),
    spread: StdDev('books__pages', { default: 0 }),
    last: Max('books__title', { default: '' }),
    lastOrName: Max('books__title', { default: Lower('name') }),
    lastOrCompany: Max('books__title', { default: Lower('company__name') }),
    joined: StringAgg('books__title', ', ', { default: '', orderBy: ['books__title'] }),
    list: JSONArrayAgg(JSONObject({ n: 'books__pages', t: Lower('books__title') }), { default: [] }),
    sum: Coalesce(Sum('books__pages'), 0),
    either: Coalesce(Max('books__title'), Lower('company__name')),
    each: Sum(Author.F('books__pages')).dividedBy(Count('*')),
    first: Coalesce(F('company__name'), Value('none')),
  })
  .get({ id: 1 })
eq<typeof filled.pages, number>(true)
eq<typeof filled.once, number | null>(true)
eq<typeof filled.mean, number>(true)
eq<typeof filled.spread, number>(true)
eq<typeof filled.last, string>(true)
eq<typeof filled.lastOrName, string>(true)
eq<typeof filled.lastOrCompany, string | null>(true)
eq<typeof filled.joined, string>(true)
eq<typeof filled.list, { n: number | null; t: string | null }[]>(true)
eq<typeof filled.sum, number>(true)
eq<typeof filled.either, string | null>(true)
eq<typeof filled.each, number | null>(true)
eq<typeof filled.first, string>(true)
const all = await Book.objects.aggregate({ n: ArrayAgg('title', { default: [] }), m: Sum('pages', { default: 0 }) })
eq<typeof all, { n: string[]; m: number }>(true)
// @ts-expect-error a count is never null
Book.objects.annotate({ n: Count('chapters', { default: 0 }) })
// @ts-expect-error a sum of numbers is a number
Book.objects.annotate({ n: Sum('pages', { default: 'x' }) })
// @ts-expect-error null is what it is without a default
Book.objects.annotate({ n: Sum('pages', { default: null }) })
// @ts-expect-error not a field, inside another expression
Book.objects.annotate({ n: Coalesce(Sum('page'), 0) })

// ---------------------------------------------------------------- expressions of annotations
const counted = Book.objects.annotate({ n: Count('chapters'), last: Max('chapters__title') })
const over = await counted.aggregate({
  mean: Avg(counted.F('n')),
  most: Max(counted.F('n')),
  last: Max(counted.F('last')),
})
eq<typeof over, { mean: number | null; most: number | null; last: string | null }>(true)
const [again] = await counted
  .annotate({ half: counted.F('n').dividedBy(2), named: Coalesce(counted.F('last'), 'title') })
  .filter({ pages__gt: counted.F('n'), n__lt: counted.F('pages') })
  .filter(counted.Q({ n__gt: counted.F('pages') }).or({ title: 'x' }))
  .orderBy(counted.F('n').desc())
eq<NonNullable<typeof again>['half'], number>(true)
eq<NonNullable<typeof again>['named'], string>(true)
const groups = Book.objects.values('author').annotate({ n: Count('id') })
const groupTotals = await groups.aggregate({ most: Max(groups.F('n')) })
eq<typeof groupTotals, { most: number | null }>(true)
// @ts-expect-error neither a field nor an annotation
counted.F('m')
// @ts-expect-error not a column of these rows
groups.F('pages')
// @ts-expect-error a text is no number of pages
counted.filter({ pages__gt: counted.F('last') })

// ---------------------------------------------------------------- expressions that learn their model where they are used
Book.objects.orderBy(Lower('title'), Upper(Lower('author__name')).desc(), F('pages').desc({ nulls: 'last' }))
Book.objects.orderBy(F('pages').plus(1), Book.F('pages').asc(), Random().asc(), Random(), Value(1).desc(), '?')
Book.objects.orderBy(Concat('author__name', Value(' '), Lower('title')).asc(), Coalesce(F('pages'), 0).desc())
counted.orderBy(F('n').desc(), Coalesce('n', 0).asc(), Lower('title'))
Book.objects.annotate({
  place: Window(Rank(), { partitionBy: [Lower('title'), 'author'], orderBy: [Lower('title').desc(), F('id'), '-id'] }),
  list: StringAgg('title', ', ', { orderBy: [Lower('title'), F('pages').desc()] }),
  null: NullIf('title', Value('')),
  same: NullIf('title', 'author__name'),
})
const sizes = Case([When(Book.Q({ pages__gte: 200 }), Value('long'))], Value('short'))
eq<typeof sizes, Expr<Book, 'long' | 'short'>>(true)
Book.objects.annotate({ sizes })
// @ts-expect-error of another model
Book.objects.annotate({ x: Concat('title', Author.F('name')) })
// @ts-expect-error of another model
Book.objects.orderBy(Author.F('name'))
