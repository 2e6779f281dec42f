import { type HttpRequest, respond } from 'nuages/http'
import { csrfExempt } from 'nuages/middleware'
import { guards, routes } from 'nuages/urls'
import { expect, expectTypeOf, test } from 'vitest'
import { isCsrfExempt } from '../../src/middleware/internal.ts'
import { requestOf } from '../http/support.ts'

interface WithShop extends HttpRequest {
  readonly shop: string
}
interface WithTill extends HttpRequest {
  readonly till: number
}
const shop = (request: HttpRequest): WithShop | Response =>
  request.path.startsWith('/shop')
    ? Object.assign(request, { shop: 'Rue Bleue' })
    : new Response('closed', { status: 403 })
const till = async (request: HttpRequest): Promise<WithTill | Response> => Object.assign(request, { till: 3 })
const urls = routes({ paid: 'shop/paid/' })

test('guards() narrows the request by all of them, in order', async () => {
  const view = urls.paid.view(guards(csrfExempt, shop, till), (request) => {
    expectTypeOf(request.shop).toEqualTypeOf<string>()
    expectTypeOf(request.till).toEqualTypeOf<number>()
    return respond(`${request.shop} ${request.till}`)
  })
  expect(await (await view(requestOf('/shop/paid/'), {})).text()).toBe('Rue Bleue 3')
  expect((await view(requestOf('/elsewhere/'), {})).status).toBe(403)
})

test('guards that answer at once keep the view synchronous', () => {
  const view = urls.paid.view(guards(csrfExempt, shop), () => respond('now'))
  expect(view(requestOf('/shop/'), {})).toBeInstanceOf(Response)
})

test('a guard after one that answered is not asked', async () => {
  let asked = false
  const spy = (request: HttpRequest) => {
    asked = true
    return request
  }
  const view = urls.paid.view(guards(shop, spy), () => respond('x'))
  await view(requestOf('/'), {})
  expect(asked).toBe(false)
})

test('csrfExempt is found beside other guards, however they are nested', () => {
  expect(isCsrfExempt(guards(shop, guards(till, csrfExempt)))).toBe(true)
  expect(isCsrfExempt(guards(shop, till))).toBe(false)
  expect(isCsrfExempt(csrfExempt)).toBe(true)
  expect(guards(csrfExempt, shop).name).toBe('csrfExempt + shop')
})

test('what is no view is told with the name of its route', () => {
  expect(() => urls.paid.view(undefined as never)).toThrow(expect.objectContaining({ code: 'urls.bad-view' }))
})
