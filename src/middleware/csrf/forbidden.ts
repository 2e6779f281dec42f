import { type HttpResponse, respond } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import { html } from '../../std/html.ts'
import type { CsrfReason } from './rules.ts'

/** The 403 page: what a visitor can do, and the reason's code for whoever runs the site. */
export function forbiddenPage(reason: CsrfReason): HttpResponse {
  const title = t('This form could not be accepted')
  const page = html`<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main><h1>${title}</h1>
<p>${explain(reason)}</p>
<p><small>403 · CSRF · ${reason}</small></p></main></body></html>
`
  return respond(page, { status: 403, headers: { 'x-csrf-failure': reason, 'cache-control': 'no-store' } })
}

function explain(reason: CsrfReason): string {
  switch (reason) {
    case 'no-cookie':
    case 'bad-cookie':
      return t('Your browser sent no cookie of this site. Allow cookies for it, reload the form and send it again.')
    case 'no-token':
    case 'bad-token-format':
    case 'wrong-token':
      return t('The form is out of date, perhaps because you signed in or out meanwhile. Reload it and send it again.')
    case 'no-referer':
    case 'malformed-referer':
      return t(
        'Your browser did not say which page the form is on. Allow it to send the “Referer” header to this site.',
      )
    case 'bad-origin':
    case 'insecure-referer':
    case 'bad-referer':
      return t('The form was sent from another site. Open the page on this site and send it from there.')
  }
}
