/** A page's blocks as a project on disk: see blocks.test.ts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { addImport, addToApps, addToRoutes } from '../../src/cli/source-edits.ts'
import { declares, exportsOf, filesOf, importsOf, isMarked, type Page, readPage, root } from './blocks.ts'

/** Where the guides begin: what `startproject` and `startapp library` give, and the tutorial up to here. */
const LAST_CHAPTER = '4. Pages as files'

function beginning(): Map<string, string> {
  const { blocks } = readPage('docs/tutorial.md')
  const end = blocks.findLastIndex((block) => block.chapter === LAST_CHAPTER)
  if (end === -1) throw new Error(`The tutorial has no chapter ${LAST_CHAPTER}: the guides begin after it.`)
  const read = (path: string) => readFileSync(join(root, 'bin', path), 'utf8').replaceAll('example', 'library')
  const settings = addImport(addToApps(read('project/settings.ts'), 'library')!, '{ library }', './library/app.ts')!
  const included = addToRoutes(read('project/urls.ts'), "library: include('library/', libraryUrls)")
  return new Map([
    ['settings.ts', settings],
    ['urls.ts', addImport(included, '{ urls as libraryUrls }', './library/urls.ts')!],
    ...['main/app.ts', 'main/models.ts', 'main/main.test.ts'].map((name) => [name, read(`project/${name}`)] as const),
    ['library/app.ts', read('app/app.ts')],
    ...filesOf(blocks.slice(0, end + 1)),
  ])
}

const begin = beginning()

/** Writes the project of a page, in a folder of its own. Gives that folder, and which files are the page's own. */
export function writeProject(page: Page, parent: string): { folder: string; own: string[] } {
  const folder = join(parent, page.path.replace(/[^\w]+/g, '-').toLowerCase())
  const named = filesOf(page.blocks)
  const files = new Map([...(page.path === 'README.md' ? [] : begin), ...named])
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
