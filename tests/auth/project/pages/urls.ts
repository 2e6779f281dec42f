import { routes } from 'nuages/urls'

export const urls = routes({
  home: '',
  whoAmI: 'who/',
  plain: 'plain/',
  rendered: 'rendered/',
  members: 'members/',
  staff: 'staff/',
  change: 'pages/change/',
  keep: 'keep/<str:value>/',
  fail: 'fail/',
  told: 'told/',
})
