/** What went wrong once, and must go right. Compiled, never run. */
import { type AnyQuerySet, Count, F, foreignKey, integer, json, Model, type QuerySet, reverse, text } from 'nuages/db'
import type { Author } from './author.ts'
import { Book } from './book.ts'

// Methods whose inferred return types go round the cycle.
export class Team extends Model<Team>()({ name: text(), players: () => reverse(Player, 'team') }) {
  best() {
    return Player.objects.filter({ team: this, goals__gt: 3 }).orderBy('-goals')
  }
  async captain() {
    return (await this.best().first())?.shirt()
  }
  static recent() {
    // biome-ignore lint/complexity/noThisInStatic: polymorphic static this is the trap
    return this.objects.filter({ name__startswith: 'A' })
  }
}
export class Player extends Model<Player>()({
  name: text(),
  goals: integer(),
  team: () => foreignKey(Team, { null: true, onDelete: 'setNull' }),
  extra: json<any>({ null: true }),
}) {
  shirt() {
    return this.name.toUpperCase()
  }
  async mates() {
    const team = await this.team
    return team ? team.best().exclude({ id: this.id }) : null
  }
}

declare const word: string | undefined
declare const team: Team
declare const author: Author
// Conditional filters.
Book.objects.filter({ ...(word ? { title__icontains: word } : {}), pages__gt: 3 })
Book.objects.filter(word ? { title: word } : { pages: 1 })
const where = { title: 'x', pages__lt: 10 }
Book.objects.filter(where)
const bad = { titl: 'x' }
// @ts-expect-error also for a variable
Book.objects.filter(bad)
// Assignability.
export const plain: QuerySet<Book> = Book.objects
  .selectRelated('author')
  .annotate({ n: Count('chapters') })
  .published()
const unknown: AnyQuerySet = Book.objects.filter({ id: 1 })
unknown.dynamic({ whatever: 1 }).slice(0, 10)
function page<T>(rows: QuerySet<T>, n: number) {
  return rows.slice(n * 10, n * 10 + 10)
}
page(Book.objects, 2).filter({ title: 'x' })
function keep<S extends AnyQuerySet>(rows: S): S {
  return rows.slice(0, 10)
}
keep(Book.objects.published()).by(author)
// An instance in filters; null; any JSON.
Player.objects.filter({ team: null })
Player.objects.filter({ team, extra: 3, extra__a__b: 4 })
// @ts-expect-error Book.author is not nullable
Book.objects.filter({ author: null })
// A path from a variable of a union type.
declare const direction: 'title' | '-pages'
Book.objects.orderBy(direction)
declare const raw: string
// @ts-expect-error text known only at run time needs dynamicOrderBy
Book.objects.orderBy(raw)
// F carries a type: number against number, nullable allowed.
Book.objects.filter({ pages__gt: F('id'), title: F('author__name'), pages__lt: F('author__companyId') })
// @ts-expect-error text compared with a number
Book.objects.filter({ pages__gt: F('author__name') })
// @ts-expect-error to-many relations are prefetched, not joined
Book.objects.selectRelated('chapters')
