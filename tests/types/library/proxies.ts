// Proxies are typed as the model they stand for, with what they add (MOD-25).
import { ProxyModel } from 'nuages/db'
import { Book } from './book.ts'
import { eq } from './eq.ts'

export class LongBook extends ProxyModel<LongBook>()(Book, { ordering: ['-pages'], getLatestBy: ['pages'] }) {
  excess(): number {
    return this.pages - 500
  }
}

export async function use(): Promise<void> {
  const [long] = await LongBook.objects.filter({ pages__gt: 500, author__name: 'x' }).orderBy('-title')
  eq<typeof long, LongBook | undefined>(true)
  eq<ReturnType<NonNullable<typeof long>['excess']>, number>(true)
  const book: Book = long!
  await LongBook.objects.update({ pages: LongBook.F('pages').plus(1) })
  await book.save()
  const loaded = await LongBook.objects.selectRelated('author').get({ id: 1 })
  eq<typeof loaded.author.name, string>(true)
  // @ts-expect-error no such field
  LongBook.objects.filter({ page: 1 })
  // @ts-expect-error a Book need not have what the proxy adds
  book.excess()
}

// @ts-expect-error no such field
ProxyModel<LongBook>()(Book, { ordering: ['page'] })
// @ts-expect-error a proxy has no table of its own
ProxyModel<LongBook>()(Book, { dbTable: 'x' })
// @ts-expect-error no model
ProxyModel<LongBook>()({})
