import { loginRequired, permissionRequired } from 'nuages/auth'
import { json, redirect } from 'nuages/http'
import { Book } from './models.ts'
import { urls } from './urls.ts'

// No annotation anywhere; views link to each other and to themselves.
export const bookList = urls.bookList.view(async (request) => {
  const q = request.query.get('q') ?? ''
  return json(await Book.objects.published().filter({ title__icontains: q }).values('title', 'owner__displayName'))
})

export const bookDetail = urls.bookDetail.view(async (request, { year, slug }) => {
  const book = await Book.objects.get({ slug, publishedAt__year: year })
  if (book.status === 'draft') return redirect(urls.bookEdit({ year, slug }))
  return json({ title: book.title, tenant: request.tenant?.name })
})

export const bookEdit = urls.bookEdit.view(loginRequired, async (request, { year, slug }) => {
  await Book.objects.filter({ slug }).update({ owner: request.user }) // User: narrowed by loginRequired
  return redirect(urls.bookDetail({ year, slug }))
})

export const bookNew = urls.bookNew.view(permissionRequired('library.add_book'), async (request) => {
  const book = await Book.objects.create({ title: request.user.displayName, slug: 's', pages: 1, author: 1 })
  return redirect(book.absoluteUrl())
})
