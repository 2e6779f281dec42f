import { PermissionDenied } from '../../http/index.ts'
import { t } from '../../i18n/index.ts'
import type { CsrfReason } from './rules.ts'

/**
 * The refusal, as an error: it becomes the site's 403 page, JSON for API clients, the debug page for developers. Says
 * to visitors what they can do, and the reason's code to whoever runs the site (also in `X-CSRF-Failure`).
 */
export function forbidden(reason: CsrfReason): PermissionDenied {
  return new PermissionDenied(`${forVisitors(reason)} [${reason}]`, {
    code: `csrf.${reason}`,
    hint: forDevelopers(reason),
    headers: { 'x-csrf-failure': reason, 'cache-control': 'no-store' },
  })
}

function forVisitors(reason: CsrfReason): string {
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

function forDevelopers(reason: CsrfReason): string {
  switch (reason) {
    case 'no-token':
    case 'bad-token-format':
      return 'Put {% csrf_token %} into the form; scripts send the value of the cookie in the header X-CSRFToken. For callers that are no browsers, give the view the guard csrfExempt.'
    case 'bad-origin':
    case 'bad-referer':
      return 'If that site may post here, add its origin to csrf.trustedOrigins. Behind a proxy that ends HTTPS, name it in trustedProxies, so that this site knows its own address.'
    default:
      return 'The cookie is set by pages with {% csrf_token %}, or by request.csrfToken.'
  }
}
