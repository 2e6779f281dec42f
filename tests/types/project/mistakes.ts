// Each statement is one mistake; what the compiler says about it is in expected.txt.
import { defineApp } from 'nuages'
import { loginRequired } from 'nuages/auth'
import { reverse, routes } from 'nuages/urls'
import { Book } from './library/models.ts'
import { urls as library } from './library/urls.ts'
import { urls } from './urls.ts'

routes({ bad: 'x/<itn:year>/' })
library.bookDetial({ year: 1, slug: 's' })
library.bookDetail({ year: 1 })
library.bookDetail({ year: '1', slug: 's' })
library.bookDetail({ year: 1, slug: 's', extra: 1 })
library.bookDetail()
urls.shop.bookList()
reverse('library:bookDetial', { year: 1, slug: 's' })
reverse('libary:bookDetail', { year: 1, slug: 's' })
reverse('library:bookDetail', { year: 1 })
reverse('library:bookDetail', { year: 1, slug: 's', extra: 1 })
library.bookDetail.view(async (_request, { yaer }) => new Response(String(yaer)))
library.bookDetail.view(async () => 'text')
library.bookList.view(async (_request, params: { year: number }) => new Response(String(params.year)))
library.bookEdit.view(async (request) => new Response(request.user.email))
library.bookEdit.view(loginRequired, async (request) => new Response(request.user.emial))
defineApp({ name: 'x', root: '/', urls: library, views: () => import('./views.ts') })
Book.objects.filter({ owner__displayNam: 'x' })
Book.objects.filter({ owner__tenant__nme: 'x' })
