import { createHandler, type Middleware, type Resolver, toFetch, type View } from 'nuages/http'

/** A site of one view behind some middleware, asked with web requests. */
export function site(
  middleware: readonly Middleware[],
  view: View,
  options: { debug?: boolean; onError?: () => void } = {},
) {
  const resolver: Resolver = {
    match: (path) => (path === '/missing/' ? null : { view, params: {}, name: 'page', pattern: path }),
    patterns: () => ['/'],
  }
  const handler = createHandler({ middleware, resolver, allowedHosts: ['testserver', '.example.com'], ...options })
  const fetch = toFetch(handler)
  return (path: string, init: RequestInit & { secure?: boolean; host?: string } = {}): Promise<Response> => {
    const { secure = false, host = 'testserver', ...rest } = init
    return fetch(new Request(`${secure ? 'https' : 'http'}://${host}${path}`, rest))
  }
}
