import { t } from '../i18n/index.ts'
import { BadRequest } from './errors.ts'

/**
 * The path of a request target, decoded once: what is matched is what views and logs see.
 * @throws BadRequest http.malformed-path
 */
export function decodePath(target: string): string {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  if (!path.includes('%')) return path
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch (cause) {
    throw new BadRequest(t('The address has a broken percent escape, or one that is not UTF-8.'), {
      code: 'http.malformed-path',
      cause,
    })
  }
  // No file, key or word holds NUL; databases and file systems fail on it, or stop reading there.
  if (decoded.includes('\0')) {
    throw new BadRequest(t('The address holds a NUL character.'), { code: 'http.malformed-path' })
  }
  return decoded
}

/**
 * A request target as path and query. `GET http://host/path` is what a client sends to a proxy, and may send to us;
 * `OPTIONS *` asks about the server as a whole.
 */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? ''
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** The host inside an absolute target; null where there is none. */
export function targetHost(target: string): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1] ?? null
}
