/** A page's blocks as a project on disk: see blocks.test.ts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { declares, exportsOf, filesOf, importsOf, isMarked, type Page, readPage, root } from './blocks.ts'

const tutorial = filesOf(readPage('docs/tutorial.md'))

/** Writes the project of a page, in a folder of its own. Gives that folder, and which files are the page's own. */
export function writeProject(page: Page, parent: string): { folder: string; own: string[] } {
  const folder = join(parent, page.path.replace(/[^\w]+/g, '-').toLowerCase())
  const named = filesOf(page)
  const files = new Map([...(page.path === 'README.md' ? [] : tutorial), ...named])
  files.delete('package.json')
  files.delete('tsconfig.json')
  const seen = new Map<string, string>()
  for (const block of page.blocks) {
    if (block.language !== 'ts' || isMarked(block)) continue
    if (block.file === null) files.set(`block-${block.line}.ts`, completed(block.text, files, seen))
    const at = dirname(block.file ?? '.')
    for (const [name, from] of importsOf(block.text))
      seen.set(
        name,
        from.replace(/'(\.[^']*)'$/, (_, path: string) => `'./${posix.join(at, path)}'`),
      )
  }
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const settings = { extends: relative(folder, join(root, 'tsconfig.json')), include: ['.'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  return { folder, own: [...files.keys()].filter((file) => named.has(file) || file.startsWith('block-')) }
}

/** A block with imports of what it uses: on one line before the first, so that lines are off by nothing but that. */
function completed(text: string, files: ReadonlyMap<string, string>, seen: ReadonlyMap<string, string>): string {
  const known = new Map<string, string>()
  for (const [file, content] of files) {
    if (!file.endsWith('.ts') || file.startsWith('block-') || /(?:^|\/)(?:urls|admin|views)\.ts$/.test(file)) continue
    for (const name of exportsOf(content)) known.set(name, `{ ${name} } from './${file}'`)
  }
  for (const [name, from] of seen) known.set(name, from)
  if (files.has('library/urls.ts') && !known.has('urls')) known.set('urls', "{ urls } from './library/urls.ts'")
  const code = text.replace(/\/\/.*$/gm, '').replace(/'[^'\n]*'/g, "''")
  const needed = [...known].filter(
    ([name]) => new RegExp(`(?<![.\\w$])${name}(?![\\w$])(?!\\s*:)`).test(code) && !declares(text, name),
  )
  const lines = needed.map(([, from]) => (from.startsWith('type ') ? `import ${from}` : `import ${from}`))
  return `${lines.join('; ')}; export {}\n${text}`
}
