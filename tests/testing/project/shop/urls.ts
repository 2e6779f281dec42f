import { routes } from 'nuages/urls'

export const urls = routes({
  books: 'books/',
  buy: 'books/<int:id>/buy/',
  echo: 'echo/',
  whoAmI: 'who/',
  visits: 'visits/',
  cookie: 'cookies/<str:name>/',
  go: 'go/<int:status>/',
  round: 'round/',
  away: 'away/',
  slow: 'slow/',
  report: 'report/',
  brokenStream: 'broken-stream/',
  form: 'form/',
  fails: 'fails/',
  busy: 'busy/',
})
