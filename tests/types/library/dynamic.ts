// Names known at run time: what is written is text, what comes out is not known.
import { type AnyModel, Count, type DynamicInstance, dynamicQ, dynamicQuery, F } from 'nuages/db'
import { Book } from './book.ts'
import { eq } from './eq.ts'

declare const model: AnyModel
declare const name: string

const rows = await dynamicQuery(model)
  .filter({ [name]: 3 })
  .orderBy(`-${name}`, F(name).desc({ nulls: 'last' }))
eq<typeof rows, DynamicInstance[]>(true)
await rows[0]?.save({ fields: [name] })

const counted = await dynamicQuery(Book.objects.filter({ pages__gte: 3 }))
  .annotate({ n: Count(name) })
  .exclude(dynamicQ({ n: 0 }).or(dynamicQ({ [name]: null })))
  .values('pk', name)
eq<typeof counted, Record<string, unknown>[]>(true)

const [row, created] = await dynamicQuery(model).getOrCreate({ [name]: 1 })
eq<typeof created, boolean>(true)
eq<typeof row.pk, unknown>(true)

// @ts-expect-error an expression, not text
dynamicQuery(model).annotate({ n: name })
// @ts-expect-error paths are text
dynamicQuery(model).orderBy(1)
// @ts-expect-error a model or a query set
dynamicQuery('Book')
