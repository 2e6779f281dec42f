// Each statement is one mistake; what the compiler says about it is in expected.txt.
import {
  Avg,
  Count,
  char,
  check,
  F,
  foreignKey,
  index,
  Max,
  Model,
  manyToMany,
  Prefetch,
  Sum,
  text,
  unique,
  Value,
  Window,
} from 'nuages/db'
import { Coalesce, Concat, JSONObject, Lower, Rank } from 'nuages/db/functions'
import { Author } from '../library/author.ts'
import { Book, Chapter } from '../library/book.ts'

Book.objects.filter({ titel__icontains: 'x' })
Book.objects.filter({ title__icontain: 'x' })
Book.objects.filter({ author__nam: 'x' })
Book.objects.filter({ author__company__name__starts: 'x', pages: 1 })
Book.objects.filter({ pages__gte: '10' })
Book.objects.filter({ status: 'drafft' })
Book.objects.filter({ pages__year: 3 })
Book.objects.filter({ publishedAt__yeer: 3 })
Book.objects.filter({ author__settings__them: 'x' })
Book.objects.filter({ author__settings__theme: 'drak' })
Book.objects.orderBy('-autor__name')
Book.objects.values('title', 'author__nme')
Book.objects.valuesList('title', 'pags')
Book.objects.selectRelated('author__compny')
Book.objects.prefetchRelated('chaptrs')
Book.objects.annotate({ n: Count('chapterz') })
Book.objects.annotate({ n: Count('chapters') }).filter({ m__gt: 3 })
Book.objects.filter({ pages__gt: F('author__idd') })
Book.objects.filter({ id: 1 }).update({ pages: F('pages').plus(1) })
Book.objects.valuesList('title', 'pages', { flat: true })
Book.objects.create({ title: 'x', pages: 1 })
Book.objects.create({ title: 'x', pages: 1, author: 1, statuss: 'draft' })
Book.objects.create({ title: 'x', pages: 1, author: 1, status: 'drft' })
Book.objects.filter({ id: 1 }).update({ titel: 'x' })
Book.Q({ titl: 'x' })
declare const book: Book
book.author.name
for (const _ of book.chapters) _
declare const author: Author
author.books.create({ title: 'x' })

export class Wrong extends Model<Wrong>()(
  {
    title: text(),
    name: char({}),
    number: () => foreignKey(5, { onDelete: 'cascade' }),
    author: () => foreignKey(Book, {}),
  },
  {
    ordering: ['-titel'],
    indexes: [index(['titel', '-name'])],
    constraints: [unique(['nam'])],
  },
) {}
export class Checked extends Model<Checked>()(
  { title: text() },
  { constraints: [check({ titel__gt: 'x' })], ordering: ['book'] },
) {}

const counted = Book.objects.annotate({ count: Count('chapters') })
counted.filter({ coutn__gt: 3 })
counted.Q({ count__gth: 3 })
Book.objects.filter(counted.Q({ count: 3 }))
Book.objects.only('titel')
Book.objects.orderBy('author__settings__them')
Book.objects.values('author__company__nme', 'publishedAt__yaer')
Book.objects.prefetchRelated(new Prefetch('chapters', Book.objects.all()))
Book.objects.prefetchRelated(new Prefetch('chaptres', Chapter.objects.all()))
Book.objects.selectRelated('chapters')
Book.objects.aggregate({ most: Max('page') })
Book.objects.annotate({ place: Window(Rank(), { orderBy: ['-pagse'] }) })
Book.objects.inBulk(['x'])
Book.objects.upsert([], { conflict: ['titel'], update: [] })
Book.objects.join(Book.objects.values('author'), { authro: 'author' })
Book.objects.filter({ author: Author.OuterRef('nmae') })
declare const path: string
Book.objects.orderBy(path)
manyToMany(Book, { through: Date })
Book.objects.annotate({ n: Count('chapters', { default: 0 }) })
Book.objects.annotate({ n: Sum('pages', { default: 'x' }) })
Book.objects.annotate({ n: Coalesce(Sum('page'), 0) })
Book.objects.annotate({ n: Sum('title') })
Book.objects.aggregate({ n: Avg('publishedAt') })
Book.objects.annotate({ n: Lower('titel') })
Book.objects.filter({ title: Lower('author__nme') })
Book.objects.annotate({ n: Concat('titel', Value('!')) })
declare const partial: Awaited<ReturnType<typeof withoutPages.get>>
const withoutPages = Book.objects.defer('pages')
export const pages: number = partial.pages
export const whole: Book = partial
author.books.publishd()
Book.objects.annotate({ n: Sum(Lower('title')) })
Book.F('pages').minus('authorId')
book.save({ set: { pagse: 1 } })
Book.objects.values('title').inBulk(['x'])
const parts = Book.objects.annotate({ o: JSONObject({ p: 'pages' }), when: Max('publishedAt') })
parts.filter({ o__q: 1 })
parts.values('o__q')
parts.values('when__yaer')
parts.valuesList('wen')
Book.objects.inBulk(['x'], { by: 'titel' })
Book.objects.bulkUpdate([book], ['titel'])
Book.objects.bulkUpdate([book], ['chapters'])
Book.objects.bulkCreate([], { updateConflicts: true, uniqueFields: ['titel'], updateFields: ['pages'] })
Book.objects.bulkCreate([], { updateConflicts: true, uniqueFields: ['title'], updateFields: ['pagse'] })
