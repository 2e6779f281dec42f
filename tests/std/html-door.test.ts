import { html, markSafe } from 'nuages/html'
import { respond } from 'nuages/http'
import { expect, test } from 'vitest'

test('a typed template is a page: values escaped, lists joined, nothing for false', async () => {
  const books = [{ title: '<b>Nuages</b>' }, { title: 'Djangology' }]
  const page = html`<ul>${books.map(({ title }) => html`<li>${title}</li>`)}</ul>${false}${markSafe('<hr>')}`
  expect(await respond(page).text()).toBe('<ul><li>&lt;b&gt;Nuages&lt;/b&gt;</li><li>Djangology</li></ul><hr>')
  expect(respond(page).headers.get('content-type')).toContain('text/html')
})
