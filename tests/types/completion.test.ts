/** What an editor offers at every step of a path: asked of `tsc --lsp`, which is what editors ask. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Editor } from './editor.ts'
import { root } from './tsc.ts'

const folder = join(root, 'tests', 'types')
const file = join(folder, 'library', 'typed-just-now.ts') // exists in the editor only
const imports = [
  "import { Count, F } from 'nuages/db'",
  "import { Author } from './author.ts'",
  "import { Book } from './book.ts'",
  '',
].join('\n')
let editor: Editor

beforeAll(async () => {
  editor = await Editor.open(folder)
}, 60_000)
afterAll(() => editor.close())

/** `offered`: among what is offered; `not`: what would be wrong there. */
test.each([
  { at: 'filter({ | })', offered: ['title', 'title__icontains', 'author', 'author__name'], not: ['titel', 'name'] },
  { at: 'filter({ au| })', offered: ['author', 'author__name'] },
  { at: 'filter({ author__| })', offered: ['author__name', 'author__name__in', 'author__company__country'] },
  { at: 'filter({ pages: 1, author__company__| })', offered: ['author__company__country'], not: ['author__name'] },
  { at: 'filter({ author__company__name__| })', offered: ['author__company__name__startswith'] },
  { at: 'filter({ title__| })', offered: ['title__icontains'], not: ['title__year'] },
  { at: 'filter({ publishedAt__year__| })', offered: ['publishedAt__year__gte'] },
  { at: 'filter({ author__settings__| })', offered: ['author__settings__theme', 'author__settings__hasKey'] },
  { at: "filter({ status: '|' })", offered: ['draft', 'published'] },
  { at: "annotate({ n: Count('chapters') }).filter({ n__| })", offered: ['n__gte'] },
  { at: "annotate({ n: Count('|') })", offered: ['chapters', 'title', '*'] },
  { at: "annotate({ n: Count('chapters__|') })", offered: ['chapters__number'], not: ['title'] },
  { at: "filter({ pages__gt: F('author__|') })", offered: ['author__id', 'author__companyId'], not: ['pages'] },
  { at: "orderBy('|')", offered: ['title', 'author', 'author__name'] },
  { at: "orderBy('title', '-author__|')", offered: ['-author__name', '-author__company'], not: ['-title'] },
  { at: "orderBy('author__company__|')", offered: ['author__company__country'], not: ['author__name'] },
  { at: "values('title', 'author__|')", offered: ['author__name'], not: ['title'] },
  { at: "values('author__settings__|')", offered: ['author__settings__theme', 'author__settings__perPage'] },
  { at: "values('publishedAt__|')", offered: ['publishedAt__year'], not: ['publishedAt__in'] },
  { at: "valuesList('author__company__|')", offered: ['author__company__name'] },
  { at: "only('|')", offered: ['title'] },
  { at: "selectRelated('|')", offered: ['author'], not: ['chapters', 'title'] },
  { at: "selectRelated('author__|')", offered: ['author__company', 'author__profile'], not: ['author__books'] },
  { at: "prefetchRelated('|')", offered: ['chapters', 'tags'], not: ['title'] },
  { at: "prefetchRelated('author__|')", offered: ['author__books'] },
  { at: 'filter(Book.Q({ author__| }))', offered: ['author__name'] },
  { at: 'create({ | })', offered: ['title', 'author'], not: ['chapters'] },
])(
  'offers what goes on from $at',
  async ({ at, offered, not = [] }) => {
    const found = await editor.complete(file, `${imports}Book.objects.${at}`)
    expect(found).toEqual(expect.arrayContaining(offered))
    for (const wrong of not) expect(found).not.toContain(wrong)
  },
  60_000,
)
