/** Content negotiation, as far as pages and JSON need it (RFC 9110, 12.5.1). */

/** A header of type and parameters, such as Content-Type: the type in lower case. */
export function mediaType(header: string | undefined | null): string {
  if (!header) return ''
  const semicolon = header.indexOf(';')
  return (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase()
}

/** How much an Accept header wants a type: the quality of its most specific range, 0 to 1. */
export function quality(accept: string | null | undefined, type: string): number {
  if (accept === null || accept === undefined) return 1
  const wanted = type.toLowerCase()
  const family = `${wanted.slice(0, wanted.indexOf('/'))}/*`
  let best = 0
  let specificity = 0
  // Ranges with a parameter in quotes do not occur in practice; a comma inside one only makes it unknown.
  for (const range of accept.split(',', 100)) {
    const name = mediaType(range)
    const rank = name === wanted ? 3 : name === family ? 2 : name === '*/*' ? 1 : 0
    if (rank === 0 || rank < specificity) continue
    const q = /;\s*q=([0-9.]+)/i.exec(range)
    const value = q === null ? 1 : Math.min(1, Number(q[1]) || 0)
    best = rank === specificity ? Math.max(best, value) : value
    specificity = rank
  }
  return best
}

/** True when JSON is wanted more than HTML: an API client, not a browser. */
export function prefersJson(accept: string | null | undefined): boolean {
  if (!accept?.includes('json')) return false
  const json = Math.max(quality(accept, 'application/json'), accept.includes('+json') ? 0.5 : 0)
  return json > 0 && json > (accept.includes('text/html') ? quality(accept, 'text/html') : 0)
}
