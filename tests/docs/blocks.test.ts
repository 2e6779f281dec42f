/**
 * Every ts block of README.md and docs/ compiles as a user would compile it.
 *
 * A page is a project: the files of the tutorial, replaced and completed by the blocks of the page that name a file in
 * their first line. Other blocks are modules beside them. A reader who has seen an import does not need to see it
 * again, so names that a block uses and does not declare are imported from where the page imported them before, or
 * from the page's own files. Blocks that are marked (blocks.ts) are checked by every-block.test.ts.
 */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { allPages, isMarked, type Page, root } from './blocks.ts'
import { writeProject } from './project.ts'

const generated = join(root, 'tests/docs/.generated/types')
const pages = allPages().filter((page) => page.blocks.some((block) => block.language === 'ts' && !isMarked(block)))

beforeAll(() => rmSync(generated, { recursive: true, force: true }))

describe('code of the documentation compiles', () => {
  test.concurrent.each(pages)('$path', { timeout: 300_000 }, async (page) => {
    const { folder, own } = writeProject(page, generated)
    const output = await compile(folder)
    const problems = output.split('\n').filter((line) => own.some((file) => line.startsWith(`${file}(`)))
    expect(problems.map((line) => withLineOfPage(page, line))).toEqual([])
    // A page that breaks the files it stands on would hide its own mistakes. The framework's are another test's.
    const others = output.split('\n').filter((line) => /^(?!\.\.)\S.*error TS/.test(line))
    expect(page.path === 'README.md' ? [] : others).toEqual([])
  })
})

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
    const { code, stdout } = error as { code: unknown; stdout: string }
    if (code === 1 || code === 2) return stdout // it found mistakes
    throw error
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
