/** Rows as they are read: columns, paths, JSON, keys; instances, and what is read along. */
import { NotSupportedError, Prefetch, prefetchRelatedObjects, sql } from 'nuages/db'
import { Country, LongWork, Portrait, Topic, Work, Writer } from './models.ts'
import {
  bigint,
  boolean,
  bytes,
  date,
  decimal,
  duration,
  gives,
  instance,
  instant,
  list,
  list0,
  literal,
  map,
  number,
  optional,
  orNull,
  plainDate,
  plainTime,
  row,
  string,
  tuple,
} from './shapes.ts'

const must = {
  title: string,
  pages: number,
  weight: number,
  price: decimal,
  sold: bigint,
  visible: boolean,
  state: literal('draft', 'out'),
  publishedOn: plainDate,
  opensAt: plainTime,
  madeAt: date,
  loggedAt: instant,
  length: duration,
  token: string,
  scan: bytes,
}
const may = {
  subtitle: orNull(string),
  parts: orNull(number),
  rating: orNull(number),
  fee: orNull(decimal),
  printed: orNull(bigint),
  checked: orNull(boolean),
  reprintedOn: orNull(plainDate),
  closesAt: orNull(plainTime),
  seenAt: orNull(date),
  movedAt: orNull(instant),
  pause: orNull(duration),
  other: orNull(string),
  address: orNull(string),
}
const mustNames = [
  'title',
  'pages',
  'weight',
  'price',
  'sold',
  'visible',
  'state',
  'publishedOn',
  'opensAt',
  'madeAt',
  'loggedAt',
  'length',
  'token',
  'scan',
] as const
const mayNames = [
  'subtitle',
  'parts',
  'rating',
  'fee',
  'printed',
  'checked',
  'reprintedOn',
  'closesAt',
  'seenAt',
  'movedAt',
  'pause',
  'other',
  'address',
] as const

export const plain = {
  'columns that have a value': gives(() => Work.objects.values(...mustNames), list(row(must))),
  'columns that may be null': gives(() => Work.objects.values(...mayNames), list(row(may))),
  'the same behind a relation that may lead nowhere': gives(
    () => Writer.objects.values('works__price', 'works__visible', 'works__state', 'works__madeAt', 'works__sold'),
    list(
      row({
        works__price: orNull(decimal),
        works__visible: orNull(boolean),
        works__state: orNull(literal('draft', 'out')),
        works__madeAt: orNull(date),
        works__sold: orNull(bigint),
      }),
    ),
  ),
  'one of several, each by its name': gives(
    () => Work.objects.valuesList('title', 'fee', 'writer__bornOn', 'writer__country__label'),
    list(tuple(string, orNull(decimal), orNull(plainDate), orNull(string))),
  ),
  'one column': gives(() => Work.objects.valuesList('sold', { flat: true }), list(bigint)),
  'one column that may be null': gives(() => Work.objects.valuesList('seenAt', { flat: true }), list(orNull(date))),
  keys: gives(
    () => Work.objects.values('pk', 'id', 'writer', 'writerId', 'editor', 'editor__pk', 'editor__country'),
    list(
      row({
        pk: number,
        id: number,
        writer: number,
        writerId: number,
        editor: orNull(number),
        editor__pk: orNull(number),
        editor__country: orNull(string),
      }),
    ),
  ),
  'relations of the other side': gives(
    () => Writer.objects.values('name', 'works', 'works__title', 'portrait__source', 'portrait', 'works__topics__slug'),
    list(
      row({
        name: string,
        works: orNull(number),
        works__title: orNull(string),
        portrait__source: orNull(string),
        portrait: orNull(number),
        works__topics__slug: orNull(string),
      }),
    ),
  ),
  'parts of dates': gives(
    () =>
      Work.objects.values('publishedOn__year', 'reprintedOn__month', 'madeAt__date', 'seenAt__hour', 'madeAt__time'),
    list(
      row({
        publishedOn__year: number,
        reprintedOn__month: orNull(number),
        madeAt__date: plainDate,
        seenAt__hour: orNull(number),
        madeAt__time: plainTime,
      }),
    ),
  ),
  'keys of JSON': gives(
    () => Work.objects.values('data__lang', 'data__size__w', 'data__tags', 'data__tags__0', 'extra__note'),
    list(
      row({
        data__lang: string,
        data__size__w: orNull(number),
        data__tags: list0(string),
        data__tags__0: orNull(string),
        extra__note: orNull(string),
      }),
    ),
  ),
  'of a proxy': gives(
    () => LongWork.objects.values('title', 'editor__name'),
    list(row({ title: string, editor__name: orNull(string) })),
  ),
  'rows by key': gives(() => Work.objects.values('title').inBulk(), map(number, row({ title: string }))),
  'rows by another column': gives(
    () => Writer.objects.values('bornOn').inBulk(['Django', 'Nobody'], { by: 'name' }),
    map(string, row({ bornOn: orNull(plainDate) })),
  ),
  'days there are': gives(() => Work.objects.dates('publishedOn', 'month'), list(plainDate)),
  'instants there are': gives(() => Work.objects.datetimes('madeAt', 'hour'), list(date)),
  'a page': gives(
    async () => {
      const { rows, next } = await Work.objects.orderBy('id').values('title', 'fee').page({ size: 2 })
      void next
      return rows
    },
    list(row({ title: string, fee: orNull(decimal) })),
  ),
  'the first, and none': [
    gives(() => Work.objects.orderBy('id').values('title').first(), optional(row({ title: string }))),
    gives(() => Work.objects.none().values('title').first(), optional(row({ title: string }))),
  ],
}

export const wholeRows = {
  'columns of instances': gives(
    async () =>
      (await Work.objects.all()).map(({ title, sold, price, state, fee, data, editorId, pk }) => ({
        title,
        sold,
        price,
        state,
        fee,
        lang: data.lang,
        editorId,
        pk,
      })),
    list(
      row({
        title: string,
        sold: bigint,
        price: decimal,
        state: literal('draft', 'out'),
        fee: orNull(decimal),
        lang: string,
        editorId: orNull(number),
        pk: number,
      }),
    ),
  ),
  instances: gives(() => Work.objects.all(), list(instance(Work))),
  'instances of a proxy': gives(() => LongWork.objects.filter({ pages__gt: 1 }), list(instance(LongWork))),
  'by key': gives(() => Work.objects.inBulk(), map(number, instance(Work))),
  'by a key that is text': gives(() => Topic.objects.inBulk(['jazz']), map(string, instance(Topic))),
  'by another column': gives(() => Writer.objects.inBulk(['Django'], { by: 'name' }), map(string, instance(Writer))),
  'one or none': [
    gives(() => Work.objects.getOrNull({ title: 'Nuages' }), optional(instance(Work))),
    gives(() => Work.objects.getOrNull({ title: '?' }), optional(instance(Work))),
  ],
  'relations read with the rows': gives(
    async () =>
      (await Work.objects.selectRelated('writer__country', 'editor')).map((work) => ({
        name: work.writer.name,
        label: work.writer.country?.label ?? null,
        editor: work.editor?.name ?? null,
        is: work.editor !== null,
      })),
    list(row({ name: string, label: orNull(string), editor: orNull(string), is: boolean })),
  ),
  'the other side of one-to-one': gives(
    async () => (await Writer.objects.selectRelated('portrait')).map(({ portrait }) => portrait),
    list(orNull(instance(Portrait))),
  ),
  'the same, in a query of its own': gives(
    async () => (await Writer.objects.prefetchRelated('portrait')).map(({ portrait }) => portrait),
    list(orNull(instance(Portrait))),
  ),
  'sets read ahead': gives(
    async () =>
      (await Writer.objects.filter({ works__isnull: false }).prefetchRelated('works__topics')).map(({ works }) =>
        [...works].map((work) => [...work.topics].map(({ slug }) => slug)),
      ),
    list(list(list0(string))),
  ),
  'attributes of Prefetch': gives(
    async () => {
      const out = Work.objects.filter({ state: 'out' }).selectRelated('editor')
      const rows = await Writer.objects.prefetchRelated(
        new Prefetch('works', out, { toAttr: 'shown' }),
        new Prefetch('portrait', Portrait.objects.only('source'), { toAttr: 'card' }),
      )
      return rows.map(({ shown, card }) => ({
        editors: shown.map(({ editor }) => editor?.name ?? null),
        card: card === null ? null : card.source,
      }))
    },
    list(row({ editors: list0(optional(string)), card: orNull(string) })),
  ),
  'relations of instances': gives(
    async () => {
      const work = await Work.objects.get({ title: 'Swing' })
      const [read] = await prefetchRelatedObjects([work], 'writer', 'editor')
      return { writer: read!.writer.name, editor: read!.editor, awaited: (await work.writer).name }
    },
    row({ writer: string, editor: optional(instance(Writer)), awaited: string }),
  ),
  'relations that are awaited': gives(
    async () => {
      const rows = []
      for (const work of await Work.objects.all()) rows.push({ writer: await work.writer, editor: await work.editor })
      return rows
    },
    list(row({ writer: instance(Writer), editor: orNull(instance(Writer)) })),
  ),
  'some columns': gives(
    async () => (await Work.objects.only('title', 'fee')).map(({ id, title, fee }) => ({ id, title, fee })),
    list(row({ id: number, title: string, fee: orNull(decimal) })),
  ),
  'what was left out, read later': gives(
    async () => {
      const [first] = await Work.objects.defer('data', 'scan').orderBy('id')
      const whole = await first!.refresh({ fields: ['data', 'scan'] })
      return { lang: whole.data.lang, scan: whole.scan }
    },
    row({ lang: string, scan: bytes }),
  ),
  'rows of SQL': gives(() => Country.objects.raw(sql`select * from shelf_country`), list(instance(Country))),
  'changed rows': gives(
    async () => {
      const changed = LongWork.objects.filter({ pages: 90 }).updateReturning({ pages: 91 })
      return await changed.catch((error: unknown) => {
        if (!(error instanceof NotSupportedError && error.code === 'db.no-returning')) throw error
        return LongWork.objects.all().list() // MariaDB and MySQL say that they do not give what they changed
      })
    },
    list(instance(LongWork)),
  ),
  'made, or found': [
    gives(() => Country.objects.getOrCreate({ code: 'jp' }), tuple(instance(Country), boolean)),
    gives(() => Country.objects.updateOrCreate({ code: 'jp' }, { label: 'Japan' }), tuple(instance(Country), boolean)),
  ],
  'made of expressions': gives(
    async () => {
      const { label } = await Country.objects.create({ code: 'it' })
      const [upserted] = await Country.objects.upsert([{ code: 'it', label: 'Italia' }], {
        conflict: ['code'],
        update: ['label'],
      })
      return { label, upserted: upserted! }
    },
    row({ label: optional(string), upserted: instance(Country) }),
  ),
}
