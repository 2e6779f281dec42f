/** docs/reference/settings.md: from the doc comments of src/conf/settings.ts. */
import { heading, plainComment, sourceFile, table } from './source.ts'

interface Entry {
  readonly name: string
  readonly type: string
  readonly comment: string
}
interface Declared {
  readonly comment: string
  readonly entries: readonly Entry[]
}

/** The interfaces of a file: their comments and members. */
function interfaces(text: string): Map<string, Declared> {
  const found = new Map<string, Declared>()
  for (const [, comment = '', name, body] of text.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?(?:\/\/[^\n]*\n)?export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g,
  )) {
    const entries = [...body!.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+)\??: ([^\n]+)/g)].map(
      ([, about = '', key, type]) => ({ name: key!, type: type!, comment: plainComment(about) }),
    )
    found.set(name!, { comment: plainComment(comment), entries })
  }
  return found
}

/** As you write it. */
function written(type: string): string {
  return type
    .replace(/Readonly<Record<string, DatabaseConfig>>/, 'Record<string, URL or parts>')
    .replace(/\(\(\) => Promise<object>\) \| null/, '() => import')
    .replace(/readonly (\w+)\[\]/g, '$1[]')
}

export function settingsPage(): string {
  const all = interfaces(sourceFile('src/conf/settings.ts').text.replace(/export interface \w+ \{\}\n/g, ''))
  const main = all.get('ResolvedSettings')!.entries
  const rows = (entries: readonly Entry[]) =>
    entries
      .filter(({ type }) => !all.has(type) || type === 'HstsSettings')
      .map(({ name, type, comment }) => [
        `\`${name}\``,
        type === 'HstsSettings' ? '[object](#securityhsts)' : `\`${written(type)}\``,
        comment.replace(/</g, '&lt;'),
      ])
  const headings = ['Setting', 'Type', 'Meaning, default']
  const groups = main.filter(({ type }) => all.has(type))
  const sections = groups.map(
    ({ name, type }) => `## ${name}\n\n${all.get(type)!.comment}\n\n${table(headings, rows(all.get(type)!.entries))}`,
  )
  const hsts = all.get('HstsSettings')!
  sections.push(`## security.hsts\n\n${hsts.comment}\n\n${table(headings, rows(hsts.entries))}`)
  const about =
    'What `defineSettings({ … })` takes. All but `secretKey` have defaults; any value may come from the environment ' +
    '(`env.*`). See [settings](../guides/settings.md).'
  return `${heading('Settings', about)}${table(headings, rows(main))}\n\n${sections.join('\n\n')}`
}
