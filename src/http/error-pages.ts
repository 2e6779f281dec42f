import { language, t } from '../i18n/index.ts'
import { html, markSafe } from '../std/html.ts'
import { errorPolicy, errorStyle } from './error-style.ts'
import { statusText } from './errors.ts'
import { HttpResponse } from './response.ts'

/** What happened, in the visitor's words. */
export function publicMessage(status: number): string {
  switch (status) {
    case 400:
      return t('The server could not understand this request.')
    case 401:
      return t('Sign in to see this page.')
    case 403:
      return t('You do not have permission to see this page.')
    case 404:
      return t('There is nothing at this address. It may have moved, or the link may be mistyped.')
    case 405:
      return t('This page cannot be used that way.')
    case 413:
      return t('What was sent is too large.')
    case 429:
      return t('Too many requests. Wait a moment, then try again.')
    case 503:
      return t('The site is not available right now. Try again in a moment.')
    default:
      return status < 500
        ? t('This request could not be answered.')
        : t('Something went wrong on our side. It has been noted.')
  }
}

function publicTitle(status: number): string {
  switch (status) {
    case 400:
      return t('Bad request')
    case 401:
      return t('Sign in first')
    case 403:
      return t('Not allowed')
    case 404:
      return t('Page not found')
    case 405:
      return t('Method not allowed')
    case 413:
      return t('Too large')
    case 429:
      return t('Too many requests')
    case 503:
      return t('Back soon')
    default:
      return status < 500 ? t('Request error') : t('Server error')
  }
}

/**
 * The page visitors see for an error: plain, in their language, light and dark.
 * @param message replaces our sentence; escaped
 */
export function errorPage(status: number, message: string = publicMessage(status)): HttpResponse {
  const title = publicTitle(status)
  const page = html`<!doctype html>
<html lang="${language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${markSafe(errorStyle)}</style>
</head>
<body>
<main class="plain">
<p class="status">${status}</p>
<h1>${title}</h1>
<p>${message}</p>
</main>
</body>
</html>
`
  return pageResponse(status, String(page))
}

/** A page with its policy. */
export function pageResponse(status: number, page: string): HttpResponse {
  const response = new HttpResponse(page, { status })
  response.headers.put('content-type', 'text/html; charset=utf-8')
  response.headers.put('content-security-policy', errorPolicy())
  response.headers.put('x-content-type-options', 'nosniff')
  return response
}

/** True for a message somebody wrote, false for the name of the status. */
export function isOwnMessage(status: number, message: string): boolean {
  return message !== '' && message !== statusText(status)
}
