import { loginRequired, permissionRequired, staffRequired } from 'nuages/auth'
import { json, respond } from 'nuages/http'
import { addMessage, takeMessages } from 'nuages/messages'
import { render } from 'nuages/shortcuts'
import { urls } from './urls.ts'

export const home = urls.home.view((request) => respond(request.csrfToken))
export const whoAmI = urls.whoAmI.view((request) => respond(String(request.user)))
export const plain = urls.plain.view(() => respond('plain'))
export const rendered = urls.rendered.view((request) =>
  render(request, 'pages/rendered.html', { show: request.query.has('user') }),
)
export const members = urls.members.view(loginRequired, (request) => respond(request.user.email))
export const staff = urls.staff.view(staffRequired, (request) => respond(request.user.email))
export const change = urls.change.view(permissionRequired('pages.change_page'), (request) =>
  respond(request.user.email),
)
export const keep = urls.keep.view((request, { value }) => {
  request.session.set('kept', value)
  addMessage(request, 'info', `kept ${value}`)
  return respond('kept')
})
export const fail = urls.fail.view((request) => {
  request.session.set('kept', 'by a page that failed')
  throw new Error('broken')
})
export const told = urls.told.view((request) =>
  json({ kept: request.session.get('kept') ?? null, messages: takeMessages(request) }),
)
