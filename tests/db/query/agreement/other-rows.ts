/** What the database computes of rows beside a row: windows, subqueries, unions, joins. */
import { Avg, CommonTable, Count, Exists, integer, Max, OuterRef, Subquery, Sum, Value, Window } from 'nuages/db'
import {
  CumeDist,
  DenseRank,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  NthValue,
  Ntile,
  PercentRank,
  Rank,
  RowNumber,
} from 'nuages/db/functions'
import { json } from './computed.ts'
import { Part, Work, Writer } from './models.ts'
import {
  bigint,
  boolean,
  date,
  decimal,
  duration,
  gives,
  instant,
  list,
  number,
  optional,
  orNull,
  plainDate,
  row,
  string,
  tuple,
} from './shapes.ts'

const works = Work.objects.filter({ writer: OuterRef('pk') }).orderBy('-pages')

export const ofOtherRows = {
  places: gives(
    () =>
      Work.objects
        .annotate({
          place: Window(Rank(), { orderBy: ['-pages'] }),
          dense: Window(DenseRank(), { orderBy: ['-pages'] }),
          number: Window(RowNumber(), { orderBy: ['id'] }),
          share: Window(PercentRank(), { orderBy: ['id'] }),
          sum: Window(CumeDist(), { orderBy: ['id'] }),
          half: Window(Ntile(2), { orderBy: ['id'] }),
        })
        .values('place', 'dense', 'number', 'share', 'sum', 'half'),
    list(row({ place: number, dense: number, number, share: number, sum: number, half: number })),
  ),
  'values of neighbours': gives(
    () =>
      Work.objects
        .annotate({
          before: Window(Lag('title'), { orderBy: ['id'] }),
          after: Window(Lead('price'), { orderBy: ['id'] }),
          instead: Window(Lag('title', 1, Value('none')), { orderBy: ['id'] }),
          first: Window(FirstValue('madeAt'), { orderBy: ['id'] }),
          last: Window(LastValue('title'), { orderBy: ['id'] }),
          second: Window(NthValue('title', 2), { orderBy: ['id'] }),
        })
        .values('before', 'after', 'instead', 'first', 'last', 'second'),
    list(
      row({
        before: orNull(string),
        after: orNull(decimal),
        instead: string,
        first: optional(date),
        last: optional(string),
        second: orNull(string),
      }),
    ),
  ),
  'aggregates over neighbours': gives(
    () =>
      Work.objects
        .annotate({
          soFar: Window(Sum('pages'), { orderBy: ['id'] }),
          count: Window(Count('id'), { partitionBy: ['writer'] }),
          mean: Window(Avg('price'), { orderBy: ['id'], frame: { rows: [-1, -1] } }),
        })
        .values('soFar', 'count', 'mean'),
    list(row({ soFar: optional(number), count: number, mean: orNull(decimal) })),
  ),
  subqueries: gives(
    () =>
      Writer.objects
        .annotate({
          longest: Subquery(works.valuesList('title', { flat: true })),
          price: Subquery(works.valuesList('price', { flat: true })),
          day: Subquery(works.values('publishedOn')),
          at: Subquery(works.valuesList('loggedAt', { flat: true })),
          long: Subquery(works.valuesList('length')),
          data: Subquery(works.valuesList('data', { flat: true })),
          total: Subquery(
            Work.objects
              .filter({ writer: Writer.OuterRef('id') })
              .values('writer')
              .annotate({ n: Count('id') })
              .values('n'),
          ),
          has: Exists(works),
        })
        .values('longest', 'price', 'day', 'at', 'long', 'data', 'total', 'has'),
    list(
      row({
        longest: orNull(string),
        price: orNull(decimal),
        day: orNull(plainDate),
        at: orNull(instant),
        long: orNull(duration),
        data: orNull(json),
        total: orNull(number),
        has: boolean,
      }),
    ),
  ),
  'a group’s count, alone': gives(
    () =>
      Work.objects
        .values('writer')
        .annotate({ n: Count('id'), most: Max('fee') })
        .valuesList('n', 'most'),
    list(tuple(number, orNull(decimal))),
  ),
  'a union of values': gives(
    () => Work.objects.values('title').union(Work.objects.filter({ visible: true }).values('title'), { all: true }),
    list(row({ title: string })),
  ),
  'a union of rows, as a table': gives(
    () => {
      const out = Work.objects.filter({ state: 'out' })
      return out
        .union(Work.objects.filter({ pages__lt: 100 }))
        .asTable()
        .values('title', 'fee')
    },
    list(row({ title: string, fee: orNull(decimal) })),
  ),
  'a union of rows of two models': gives(
    () => Work.objects.valuesList('title', { flat: true }).union(Writer.objects.valuesList('name', { flat: true })),
    list(string),
  ),
  'joined rows': gives(
    () => {
      const sums = Work.objects.values('writerId').annotate({ n: Count('id'), latest: Max('publishedOn') })
      return Writer.objects.join(sums, { id: 'writerId' }).values('name', 'n', 'latest')
    },
    list(row({ name: string, n: number, latest: optional(plainDate) })),
  ),
  'joined rows, or none': gives(
    () => {
      const sums = Work.objects.values('writerId').annotate({ n: Count('id'), sold: Sum('sold') })
      return Writer.objects.join(sums, { id: 'writerId' }, { left: true }).values('name', 'n', 'sold')
    },
    list(row({ name: string, n: orNull(number), sold: orNull(bigint) })),
  ),
  'a common table': gives(
    () => new CommonTable('dear', Work.objects.values('title', 'price', 'seenAt')).values('price', 'seenAt'),
    list(row({ price: decimal, seenAt: orNull(date) })),
  ),
  'a common table that grows': gives(
    () =>
      CommonTable.recursive(
        'chain',
        Part.objects
          .filter({ parent: null })
          .annotate({ depth: Value(0, integer()) })
          .values('id', 'depth'),
        (table) =>
          Part.objects
            .join(table, { parent: 'id' })
            .annotate({ depth: table.F('depth').plus(1) })
            .values('id', 'depth'),
      ).values(),
    list(row({ id: number, depth: number })),
  ),
  'a walk': gives(
    () => Part.objects.filter({ name: 'root' }).walk('parts').values('name', 'depth', 'path'),
    list(row({ name: string, depth: number, path: string })),
  ),
}
