// A misspelt path inside an expression, wherever one is taken. Each statement is one mistake, told in the first line.
import {
  Case,
  Cast,
  Count,
  char,
  Exists,
  ExpressionWrapper,
  F,
  Is,
  integer,
  JSONArrayAgg,
  Max,
  OuterRef,
  Prefetch,
  Q,
  StringAgg,
  Subquery,
  Sum,
  Value,
  When,
  Window,
} from 'nuages/db'
import {
  Coalesce,
  Collate,
  Concat,
  defineFunction,
  Extract,
  Greatest,
  JSONArray,
  JSONObject,
  Lag,
  Length,
  Lower,
  NullIf,
  Rank,
  SearchRank,
  Substr,
  Trunc,
  Upper,
} from 'nuages/db/functions'
import { ArrayAgg } from 'nuages/db/postgres'
import { Author } from '../library/author.ts'
import { Book, Chapter } from '../library/book.ts'

// Orders
Book.objects.orderBy(Lower('titel'))
Book.objects.orderBy(Lower('titel').desc())
Book.objects.orderBy(F('pagse').desc({ nulls: 'last' }))
Book.objects.orderBy(F('pagse').plus(1))
Book.objects.orderBy('title', Upper(Lower('author__nme')).asc())
Book.objects.orderBy('title', Concat('author__name', Value(' '), Lower('titel')).asc())
Book.objects.orderBy(Coalesce('author__company__nme', Value('')).asc())
Book.objects.orderBy(SearchRank(['titel'], 'words').desc())
Book.objects.orderBy(Author.F('name').asc())
Book.objects.annotate({ n: Count('chapters') }).orderBy(F('m').desc())
Book.objects.earliest(Lower('titel'))
Book.objects.values('title').orderBy(Lower('titel'))

// Values and conditions
Book.objects.alias({ n: Upper(Lower('titel')) })
Book.objects.values('title').annotate({ n: Lower('titel') })
Book.objects.aggregate({ n: Max(Lower('titel')) })
Book.objects.filter({ pages__gt: Length('titel') })
Book.objects.exclude(Book.Q({ title: Lower('titel') }))
Book.objects.filter(Q({ titel: 'x' }))
Book.objects.update({ title: Concat('titel', Value('x')) })
Book.objects.update({ pages: F('pagse') })
Book.objects.create({ title: Lower('titel'), pages: 1, author: 1 })
Book.objects.upsert([], { conflict: ['title'], update: { title: Lower('titel') } })
Book.objects.prefetchRelated(new Prefetch('chaptres'))
Book.objects.prefetchRelated(new Prefetch('chapters', Chapter.objects.orderBy(Lower('titel'))))

// Functions
Book.objects.annotate({ n: Concat('title', Value('a'), 'titel') })
Book.objects.annotate({ n: Concat('title', Lower('titel')) })
Book.objects.annotate({ n: Coalesce('titel', Value('x')) })
Book.objects.annotate({ n: Greatest('pages', 'pagse') })
Book.objects.annotate({ n: NullIf('title', 'titel') })
Book.objects.annotate({ n: JSONObject({ a: 'titel' }) })
Book.objects.annotate({ n: JSONObject({ a: Lower('titel') }) })
Book.objects.annotate({ n: JSONArray('title', 'titel') })
Book.objects.annotate({ n: Cast('titel', integer()) })
Book.objects.annotate({ n: Collate('titel', 'nocase') })
Book.objects.annotate({ n: Extract('publishdAt', 'year') })
Book.objects.annotate({ n: Trunc('publishdAt', 'year') })
Book.objects.annotate({ n: Substr('title', Length('titel')) })
Book.objects.annotate({ n: ExpressionWrapper(F('pagse'), integer()) })
Book.objects.annotate({ n: Book.F('pages').plus(F('pagse')) })
const Soundex = defineFunction('SOUNDEX($1)', char({ maxLength: 4, null: true }))
Book.objects.annotate({ n: Soundex('titel') })

// Choices
Book.objects.annotate({ n: Case([When({ titel: 'x' }, 0)]) })
Book.objects.annotate({ n: Case([When({ title: 'x' }, 'titel')]) })
Book.objects.annotate({ n: Case([When({ title: 'x' }, Lower('titel'))]) })
Book.objects.annotate({ n: Case([When({ title: Lower('titel') }, 'title')]) })
Book.objects.annotate({ n: Case([When({ title: 'x' }, 'title')], Lower('titel')) })
Book.objects.annotate({ n: Is({ title: Lower('titel') }) })

// Windows and aggregates
Book.objects.annotate({ n: Window(Rank(), { partitionBy: ['titel'] }) })
Book.objects.annotate({ n: Window(Rank(), { partitionBy: [Lower('titel')] }) })
Book.objects.annotate({ n: Window(Rank(), { orderBy: [Lower('titel')] }) })
Book.objects.annotate({ n: Window(Rank(), { orderBy: ['id', Lower('titel').desc()] }) })
Book.objects.annotate({ n: Window(Lag('titel')) })
Book.objects.annotate({ n: Window(Lag('title', 1, 'titel')) })
Book.objects.annotate({ n: StringAgg('title', ', ', { orderBy: [Lower('titel')] }) })
Book.objects.annotate({ n: ArrayAgg('title', { orderBy: [F('pagse').desc()] }) })
Book.objects.annotate({ n: JSONArrayAgg('titel') })
Book.objects.annotate({ n: Sum('pages', { filter: Q({ titel: 'x' }) }) })
Book.objects.annotate({ n: Sum('pages', { default: Length('titel') }) })

// Subqueries
Author.objects.annotate({ n: Subquery(Book.objects.filter({ author: Author.OuterRef('idd') }).values('title')) })
Author.objects.filter(Exists(Book.objects.filter({ title: Lower('titel') })))
Author.objects.filter(Exists(Book.objects.filter({ author: OuterRef('idd') })))
Author.objects.annotate({ n: Subquery(Book.objects.exclude({ title: OuterRef('company__nme') }).values('title')) })
