// Searching: the lookup, over several fields, and ranks.
import { SearchMatch, SearchRank } from 'nuages/db/functions'
import { Book } from './book.ts'
import { eq } from './eq.ts'

Book.objects.filter({ title__search: 'swing', author__name__search: 'django' })
Book.objects.filter(SearchMatch(['title', 'author__name'], 'swing'))
Book.objects.orderBy(SearchRank(['title'], 'swing').desc())
const ranked = await Book.objects
  .annotate({
    rank: SearchRank(['title', 'status'], 'swing', { weights: { title: 1, status: 0.2 }, language: 'english' }),
  })
  .filter({ rank__gt: 0 })
  .get({ id: 1 })
eq<typeof ranked.rank, number>(true)

// @ts-expect-error a number has no words
Book.objects.filter({ pages__search: 'swing' })
// @ts-expect-error a search is a text
Book.objects.filter({ title__search: 5 })
// @ts-expect-error not a field
Book.objects.filter(SearchMatch(['titel'], 'swing'))
// @ts-expect-error not a field that is searched
Book.objects.annotate({ rank: SearchRank(['title'], 'swing', { weights: { pages: 1 } }) })
