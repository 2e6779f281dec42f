/** Names of templates relative to the one that names them. */
import { syntaxError } from './errors.ts'

/**
 * `./row.html` and `../base.html` as seen from a template.
 * @throws TemplateSyntaxError templates.bad-relative-name when it leads outside
 */
export function relativeTo(name: string, from: string, tag: string): string {
  if (!name.startsWith('./') && !name.startsWith('../')) return name
  const parts = from.split('#', 1)[0]!.split('/').slice(0, -1)
  for (const part of name.split('/')) {
    if (part === '..') {
      if (parts.length === 0) {
        throw syntaxError(`"${name}" in the "${tag}" tag of "${from}" leads outside the template folders.`, {
          code: 'templates.bad-relative-name',
        })
      }
      parts.pop()
    } else if (part !== '.') parts.push(part)
  }
  const found = parts.join('/')
  if (tag === 'extends' && found === from) {
    throw syntaxError(`The "extends" tag names its own template, "${name}".`, { code: 'templates.bad-relative-name' })
  }
  return found
}
