/** The code blocks of a page: what they are, which file they are part of, what the project of a page is made of. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * A fenced block. Its mark says how it is checked, where that is not by its language alone:
 * `theirs` is another framework's code, read for its syntax only; `applied` are lines that the page's own test puts into
 * a file of the page; `no-run` is a command that is not run, or an output that nothing is expected to print.
 */
export interface Block {
  readonly language: string
  /** What follows the language: a file's name, `theirs`, `applied`, `no-run`. */
  readonly info: string
  readonly text: string
  /** The file it is, said by its first line (`// library/models.ts`) or by its info; null for a part of one. */
  readonly file: string | null
  /** Line of its fence in the page, from 1. */
  readonly line: number
  /** The heading (`## …`) it stands under; empty before the first. */
  readonly chapter: string
}

/** A page with its blocks in order. */
export interface Page {
  /** From the repository's root: `docs/guides/models.md`. */
  readonly path: string
  readonly blocks: readonly Block[]
}

const FILE = /^(?:\/\/ )?([\w.-]+(?:\/[\w.-]+)*\.(?:ts|json|html|css))$/

function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  let chapter = ''
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.startsWith('## ')) chapter = lines[i]!.slice('## '.length)
    const fence = /^```(\w+) ?(.*)$/.exec(lines[i]!)
    if (fence === null) continue
    const start = i + 1
    do i++
    while (i < lines.length && lines[i] !== '```')
    const [, language = '', info = ''] = fence
    const body = lines.slice(start, i)
    const file = (FILE.exec(info) ?? (language === 'ts' ? FILE.exec(body[0] ?? '') : null))?.[1] ?? null
    blocks.push({ language, info, text: `${body.join('\n')}\n`, file, line: start, chapter })
  }
  return blocks
}

/** Whether a block is no module of its page's project: another framework's code, or lines that a test applies. */
export function isMarked({ info }: Block): boolean {
  return /^(?:theirs|applied)\b/.test(info)
}

/** One page by its path from the repository's root. */
export function readPage(path: string): Page {
  return { path, blocks: readBlocks(readFileSync(join(root, path), 'utf8')) }
}

/** README.md and every page below docs/. */
export function allPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const paths = docs
    .filter((name) => name.endsWith('.md') && !/(?:^|\/)(?:node_modules|\.vitepress)\//.test(name))
    .map((name) => relative(root, join(root, 'docs', name)))
  return ['README.md', ...paths.sort()].map(readPage)
}

/** Files that blocks show whole, by name; the last one wins where a file is shown again. */
export function filesOf(blocks: readonly Block[]): Map<string, string> {
  const shown = blocks.filter((block) => block.file !== null && !isMarked(block))
  return new Map(shown.map((block) => [block.file!, block.text]))
}

const IMPORT = /^import (type )?\{([^}]*)\} from '([^']+)'$/gm

/** Names a module's text imports: name as used → its import, without `import`. */
export function importsOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, allTypes, list, from] of text.matchAll(IMPORT)) {
    for (const part of list!.split(',')) {
      const [, type, imported, used] = /^\s*(type )?([\w$]+)(?: as ([\w$]+))?\s*$/.exec(part) ?? []
      if (imported === undefined) continue
      const name = used === undefined ? imported : `${imported} as ${used}`
      found.set(used ?? imported, `${allTypes || type ? 'type ' : ''}{ ${name} } from '${from}'`)
    }
  }
  return found
}

/** Names a module's text exports by declaring them. */
export function exportsOf(text: string): string[] {
  return [...text.matchAll(/^export (?:abstract )?(?:const|class|function|async function) ([\w$]+)/gm)].map(
    ([, name]) => name!,
  )
}

/** Whether the text has its own import or declaration of a name. */
export function declares(text: string, name: string): boolean {
  const declared = new RegExp(`\\b(?:const|let|class|function|interface|type)\\s+${name}\\b`)
  return declared.test(text) || importsOf(text).has(name)
}
