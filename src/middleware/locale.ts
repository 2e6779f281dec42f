import { after, type HttpRequest, type Middleware } from '../http/index.ts'
import { withLanguage } from '../i18n/index.ts'
import { middlewareOptions } from './options.ts'

/** The cookie a language switch sets, as Django's. */
export const LANGUAGE_COOKIE = 'django_language'
/** Longer headers are cut: nobody speaks that many languages. */
const MAX_HEADER = 500

/**
 * The language of each request: the visitor's cookie, else `Accept-Language`, else the project's. Responses say so in
 * `Content-Language` and `Vary`.
 *
 * @param languages   those offered, the default first; default: the setting `languages`
 */
export function localeMiddleware(languages?: readonly string[]): Middleware {
  return function localeMiddleware(request, next) {
    const offered = languages ?? middlewareOptions().languages
    const tag = chooseLanguage(request, offered)
    return withLanguage(tag, () =>
      after(next(request), (response) => {
        response.headers.putDefault('content-language', tag)
        response.headers.addToken('vary', 'Accept-Language')
        response.headers.addToken('vary', 'Cookie') // a cache must not give one visitor's choice to the next
        return response
      }),
    )
  }
}

function chooseLanguage(request: HttpRequest, offered: readonly string[]): string {
  const cookie = request.cookies.get(LANGUAGE_COOKIE)
  const known = cookie === undefined ? null : matchLanguage(cookie, offered)
  if (known !== null) return known
  for (const wanted of readAcceptLanguage(request.headers.get('accept-language') ?? '')) {
    if (wanted === '*') break
    const found = matchLanguage(wanted, offered)
    if (found !== null) return found
  }
  return offered[0]!
}

/** Exactly; else the wider one offered (`fr` for `fr-CA`); else a narrower one (`pt-BR` for `pt`). */
function matchLanguage(wanted: string, offered: readonly string[]): string | null {
  const tag = wanted.toLowerCase()
  const [base] = tag.split('-')
  const exact = offered.find((item) => item.toLowerCase() === tag)
  const wider = () => offered.find((item) => tag.startsWith(`${item.toLowerCase()}-`))
  const narrower = () => offered.find((item) => item.toLowerCase().startsWith(`${base}-`))
  return exact ?? wider() ?? narrower() ?? null
}

/** Tags of an Accept-Language header, the most wanted first; what is malformed is skipped, quality 0 dropped. */
export function readAcceptLanguage(header: string): string[] {
  const found: { tag: string; quality: number }[] = []
  for (const part of header.slice(0, MAX_HEADER).split(',')) {
    const match = /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(part)
    const quality = match?.[2] === undefined ? 1 : Number(match[2])
    if (match && quality > 0 && quality <= 1) found.push({ tag: match[1]!, quality })
  }
  return found.sort((a, b) => b.quality - a.quality).map(({ tag }) => tag)
}
