// Lookups of the project's own, typed by declaring them.
import { type LookupPart, registerLookup } from 'nuages/db'
import { Author } from './author.ts'

declare module 'nuages/db' {
  interface CustomLookups<V> {
    soundsLike: V extends string ? string : never
    shouted: LookupPart<string>
  }
}
registerLookup('soundsLike', { sql: 'SOUNDEX($1) = SOUNDEX($2)', on: ['char', 'text'] })
registerLookup('shouted', { sql: 'UPPER($1)', on: ['char', 'text'], gives: 'text' })

Author.objects.filter({ name__soundsLike: 'Jango', company__name__shouted__startswith: 'S' })
Author.objects.orderBy('-name__shouted')
// @ts-expect-error a text is looked for
Author.objects.filter({ name__soundsLike: 3 })
// @ts-expect-error not a lookup
Author.objects.filter({ name__soundLike: 'x' })
// @ts-expect-error not a lookup of texts
Author.objects.filter({ name__shouted__year: 3 })
// @ts-expect-error not a kind
registerLookup('x', { sql: '$1', on: ['string'] })
