import type { AnonymousUser } from 'nuages/http'
import { type HttpRequest, type Middleware, redirect, requestValue } from 'nuages/http'
import { reverse } from 'nuages/urls'
import { eq } from '../library/eq.ts'
import type { User } from './accounts/models.ts'
import { urls } from './urls.ts'

export const basket = requestValue(async (request) => ({
  owner: request.user.id,
  lines: [] as { sku: string; n: number }[],
}))

export const tenantMiddleware: Middleware = async (request, next) => next(Object.assign(request, { tenant: null }))

export const home = urls.home.view(async (request) => {
  eq<typeof request.user, User | AnonymousUser>(true)
  if (!request.user.isAuthenticated) return redirect(reverse('library:bookList'))
  eq<typeof request.user, User>(true)
  const shelf = await request.user.shelf()
  const { lines } = await basket(request)
  return redirect(
    reverse(
      'library:bookDetail',
      { year: lines.length + shelf.length, slug: request.user.displayName },
      { query: { t: request.tenant?.name } },
    ),
  )
})

/** Outside `view()` a function annotates its request, and may be any web handler. */
export function helper(request: HttpRequest) {
  return request.user.isAuthenticated ? request.user.email : null
}

eq<ReturnType<typeof urls.shop.bookDetail>, string>(true)
urls.shop.bookDetail({ shop: 's', year: 1, slug: 'x' })
