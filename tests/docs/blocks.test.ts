/**
 * Every ts block of README.md and docs/ compiles as a user would compile it.
 *
 * A page is a project: the files of the tutorial, replaced and completed by the blocks of the page that name a file in
 * their first line. Other blocks are modules beside them. A reader who has seen an import does not need to see it
 * again, so names that a block uses and does not declare are imported from where the page imported them before, or
 * from the page's own files. Blocks marked `no-check` are left out: their page says why.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, declares, exportsOf, filesOf, importsOf, type Page, readPage, root } from './blocks.ts'

const generated = join(root, 'tests/docs/.generated')
const tutorial = filesOf(readPage('docs/tutorial.md'))
const pages = allPages().filter((page) => page.blocks.some((block) => block.language === 'ts'))

beforeAll(() => rmSync(generated, { recursive: true, force: true }))

describe('code of the documentation compiles', () => {
  test.concurrent.each(pages)('$path', { timeout: 60_000 }, async (page) => {
    const { folder, own } = writeProject(page)
    const output = await compile(folder)
    const problems = output.split('\n').filter((line) => own.some((file) => line.startsWith(`${file}(`)))
    expect(problems.map((line) => withLineOfPage(page, line))).toEqual([])
    // A page that breaks the files it stands on would hide its own mistakes. The framework's are another test's.
    const others = output.split('\n').filter((line) => /^(?!\.\.)\S.*error TS/.test(line))
    expect(page.path === 'README.md' ? [] : others).toEqual([])
  })
})

/** Writes the project of a page. Gives its folder, and which files are the page's own. */
function writeProject(page: Page): { folder: string; own: string[] } {
  const folder = join(generated, page.path.replace(/[^\w]+/g, '-').toLowerCase())
  const named = filesOf(page)
  const files = new Map([...(page.path === 'README.md' ? [] : tutorial), ...named])
  files.delete('package.json')
  files.delete('tsconfig.json')
  const seen = new Map<string, string>()
  for (const block of page.blocks) {
    if (block.language !== 'ts' || block.info === 'no-check') continue
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
  const settings = { extends: '../../../../tsconfig.json', include: ['.'], exclude: [] }
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

const run = promisify(execFile)
let running = 0
const waiting: (() => void)[] = []

/** What the compiler says; a few at a time. */
async function compile(folder: string): Promise<string> {
  if (running >= availableParallelism()) await new Promise<void>((resolve) => waiting.push(resolve))
  running++
  try {
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.', '--pretty', 'false'], { cwd: folder })
    return stdout
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    running--
    waiting.shift()?.()
  }
}

/** `block-12.ts(3,1): error …` as `docs/guides/models.md:14: error …`. */
function withLineOfPage(page: Page, line: string): string {
  const [, file = '', row = '1', rest = ''] = /^(.*?)\((\d+),\d+\): (.*)$/.exec(line) ?? []
  const block = page.blocks.find((each) => each.file === file || file === `block-${each.line}.ts`)
  const offset = block?.file === null ? -1 : 0
  return block === undefined ? line : `${page.path}:${block.line + Number(row) + offset}: ${rest}`
}
