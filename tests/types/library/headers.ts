/** What a model's header may say of its own columns: what must not compile is in ../rejected/headers.ts. */
import { check, dateTime, F, foreignKey, index, integer, json, Model, Own, text, unique } from 'nuages/db'
import { Lower } from 'nuages/db/functions'
import { Author } from './author.ts'
import { Timestamped } from './bases.ts'

export class Stock extends Model<Stock>()(
  {
    title: text({ null: true }),
    count: integer(),
    on: dateTime(),
    size: json<{ width: number; deep: { list: string[] } }>(),
    author: () => foreignKey(Author, { onDelete: 'cascade' }),
  },
  {
    extends: Timestamped,
    indexes: [
      index(['size'], { where: { size__width__gt: 1, size__deep__list__0: 'x', size__hasKey: 'width' } }),
      index(['on'], { where: { on__year__gte: 3, createdAt__date__year: 2020, title__isnull: true } }),
      index([Lower('title').desc()], { where: { author__isnull: false, author__in: [1] } }),
    ],
    constraints: [
      check({ count__gte: F('count').plus(1), title: Lower('title'), id__gt: 0 }),
      check(Own({ count__gt: 3 }).or({ count: 2 })),
      unique(['count'], { where: { title__in: ['x'], count__range: [1, 2] } }),
    ],
  },
) {}

const shared = [check({ title: 'x' }), check({ title__gt: 'y' })]
export class Spread extends Model<Spread>()(
  { title: text() },
  { constraints: [...shared, check({ title__gte: 'a' }), check(Own({ title__lt: 'z' }).not())] },
) {}
