import { routes } from 'nuages/urls'

export const urls = routes({
  plaintext: 'plaintext',
  json: 'json',
  page: 'page/',
  book: 'books/<int:id>/',
})
