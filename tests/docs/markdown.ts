/** What a page links to, and what may be linked to on it. */
import { anchorOf } from '../../docs/.vitepress/anchor.ts'

/** Targets of the page's links, those to other sites left out. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*\]\([^`\n]*`/g, '') // `char[](39)` is no link
  const inText = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
  const inFront = [...(/^---\n([\s\S]*?)\n---/.exec(prose)?.[1] ?? '').matchAll(/^\s*(?:link|src): (\S+)$/gm)]
  const inMarkup = [...prose.matchAll(/\b(?:href|src)="([^"]+)"/g)]
  return [...inText, ...[...inFront, ...inMarkup].map(([, target]) => target!)].filter(
    (target) => !/^[a-z]+:/.test(target),
  )
}

/** Ids of the page's headings, as the site and repositories make them. */
export function anchorsOf(markdown: string): Set<string> {
  const found = new Set<string>()
  for (const [, heading = ''] of markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const base = anchorOf(heading)
    let id = base
    for (let n = 1; found.has(id); n++) id = `${base}-${n}`
    found.add(id)
  }
  return found
}
