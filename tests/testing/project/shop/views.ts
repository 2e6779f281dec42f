import { contentTypeId } from 'nuages/auth'
import { atomic, onCommit } from 'nuages/db'
import { json, redirect, respond, ServiceUnavailable, stream } from 'nuages/http'
import { getObjectOr404, render } from 'nuages/shortcuts'
import { Book, Order } from './models.ts'
import { orderPlaced } from './signals.ts'
import { urls } from './urls.ts'

/** What was sent after a commit. */
export const sent: string[] = []

export const books = urls.books.view(async (request) => {
  if (request.method === 'POST') {
    const form = await request.form()
    const book = await Book.objects.create({ title: form.get('title') ?? '' })
    return redirect(urls.buy({ id: book.id }), { status: 303 })
  }
  return json(await Book.objects.orderBy('title').valuesList('title', { flat: true }))
})

/** Everything of a sale, or nothing of it. */
export const buy = urls.buy.view(async (request, { id }) => {
  const book = await getObjectOr404(Book.objects, { id })
  if (request.method !== 'POST') return respond(book.title)
  await atomic(async () => {
    await Book.objects.filter({ id }).update({ stock: Book.F('stock').minus(1) })
    const { title } = await Book.objects.get({ id })
    await Order.objects.create({ book: id, at: new Date() })
    await onCommit(async () => {
      sent.push(title)
      await orderPlaced.send({ title })
    })
    if (request.query.has('fail')) throw new ServiceUnavailable('The cash register is broken.')
  })
  return respond('sold')
})

/** What arrived. */
export const echo = urls.echo.view(async (request) => {
  const type = request.headers.get('content-type') ?? ''
  const base = {
    method: request.method,
    query: [...request.query],
    type: type.replace(/;.*/, ''),
    headers: { note: request.headers.get('x-note'), cookie: request.headers.get('cookie') },
    host: request.host,
    secure: request.isSecure,
    ip: request.clientIp,
  }
  if (type.includes('json')) return json({ ...base, json: await request.json() })
  if (!type.includes('form')) return json({ ...base, text: await request.text() })
  const form = await request.form()
  const files = await Promise.all(
    [...form.files].map(async ([name, file]) => [name, file.name, file.type, await file.text()]),
  )
  return json({ ...base, form: [...form], files })
})

export const whoAmI = urls.whoAmI.view((request) => respond(String(request.user.pk)))

export const visits = urls.visits.view(async (request) => {
  const count = (request.session.get<number>('visits') ?? 0) + 1
  request.session.set('visits', count)
  return respond(String(count))
})

export const cookie = urls.cookie.view((request, { name }) => {
  const response = respond('set')
  const { query } = request
  const maxAge = query.get('maxAge')
  response.setCookie(name, query.get('value') ?? 'x', {
    path: query.get('path') ?? '/',
    ...(maxAge === null ? {} : { maxAge: Number(maxAge) }),
  })
  return response
})

export const go = urls.go.view((request, { status }) =>
  redirect(request.query.get('to') ?? urls.echo(), { status: status as 302 }),
)
export const round = urls.round.view(() => redirect(urls.round()))
export const away = urls.away.view(() => redirect('https://example.com/', { status: 302 }))

export const slow = urls.slow.view(async () => {
  await atomic(async () => {
    const before = await Book.objects.count()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await Book.objects.create({ title: `book ${before}` })
  })
  return json({ type: await contentTypeId(Order) })
})

export const report = urls.report.view(() =>
  stream(
    (async function* () {
      yield 'one,'
      yield `${await Book.objects.count()} books,`
      yield 'three'
    })(),
  ),
)
export const brokenStream = urls.brokenStream.view(() =>
  stream(
    (async function* () {
      yield 'one,'
      throw new Error('the printer burns')
    })(),
  ),
)
export const form = urls.form.view((request) => render(request, 'shop/form.html', {}))
export const fails = urls.fails.view(() => {
  throw new Error('a bug in the shop')
})
export const busy = urls.busy.view(() => {
  throw new ServiceUnavailable('Come back later.')
})
