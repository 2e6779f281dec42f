/**
 * No block of README.md and docs/ is only text: what is not compiled by blocks.test.ts is read here by the language it is
 * in. Left are outputs (`text`), and commands, of which the names and options are checked by shell.test.ts.
 */
import { spawnSync } from 'node:child_process'
import { stripTypeScriptTypes } from 'node:module'
import { Engine, memoryLoader } from 'nuages/templates'
import { describe, expect, test } from 'vitest'
import { allPages, type Block, isMarked } from './blocks.ts'

const pages = allPages()

/** How a block is checked; null when nothing would tell that it is wrong. */
function checkOf({ language, ...block }: Block): string | null {
  if (block.info.startsWith('theirs')) return { ts: 'syntax', python: 'syntax', prisma: 'shown' }[language] ?? null
  if (language === 'ts') return isMarked(block as Block) ? 'applied by the test of its page' : 'compiled'
  return (
    { html: 'compiled as a template', json: 'parsed', sh: 'commands', text: 'output', css: 'shown' }[language] ?? null
  )
}

const blocksOf = (check: string) =>
  pages.flatMap((page) =>
    page.blocks
      .filter((block) => checkOf(block) === check)
      .map((block) => ({ at: `${page.path}:${block.line}`, block })),
  )

test('every block is checked or run', () => {
  const unchecked = pages.flatMap((page) =>
    page.blocks
      .filter((block) => checkOf(block) === null)
      .map((block) => `${page.path}:${block.line} ${block.language}`),
  )
  expect(unchecked).toEqual([])
})

test('only the tutorial, which has a test of its own, has lines that a test applies', () => {
  const others = blocksOf('applied by the test of its page').filter(({ at }) => !at.startsWith('docs/tutorial.md'))
  expect(others).toEqual([])
})

test('comparisons show both codes', () => {
  for (const page of pages) {
    for (const [i, block] of page.blocks.entries()) {
      if (!block.info.startsWith('theirs')) continue
      const next = page.blocks[i + 1]
      expect(`${page.path}:${block.line} ${next?.info.startsWith('theirs') ?? 'alone'}`).toMatch(/ false$/)
    }
  }
})

describe("another framework's code can be read by its language", () => {
  const theirs = blocksOf('syntax')
  const typescript = theirs.filter(({ block }) => block.language === 'ts')
  const python = theirs.filter(({ block }) => block.language === 'python')
  const interpreter = spawnSync('python3', ['--version']).status === 0

  test.each(typescript)('$at', ({ block }) => {
    expect(() => stripTypeScriptTypes(block.text, { mode: 'transform' })).not.toThrow()
  })

  test.runIf(interpreter && python.length > 0)(`${python.length} blocks of Python`, () => {
    const program = 'import ast, json, sys\nfor at, text in json.load(sys.stdin):\n  ast.parse(text, at)'
    const input = JSON.stringify(python.map(({ at, block }) => [at, block.text]))
    expect(spawnSync('python3', ['-c', program], { input, encoding: 'utf8' }).stderr).toBe('')
  })
})

describe('templates compile', () => {
  test.each(blocksOf('compiled as a template'))('$at', ({ block }) => {
    const engine = new Engine({ loaders: [memoryLoader({ 'page.html': block.text })] })
    expect(engine.check('page.html')).toBeNull()
  })
})

describe('JSON is JSON', () => {
  test.each(blocksOf('parsed'))('$at', ({ block }) => {
    expect(() => JSON.parse(block.text)).not.toThrow()
  })
})
