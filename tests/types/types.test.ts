/**
 * What compiles, what does not and what is said then, and what it costs. After a change on purpose:
 *
 *     UPDATE_TYPES=1 vitest run tests/types        writes expected.txt and cost.json anew
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generateImports, generateModels, generateRoutes } from './generate.ts'
import { compile, root, sortUnions, within } from './tsc.ts'

const here = join(root, 'tests', 'types')
const update = process.env.UPDATE_TYPES !== undefined

/** The file with what the compiler is expected to say; written anew on request. */
function expected(file: string, found: readonly string[]): string {
  const path = join(here, file)
  if (update || !existsSync(path)) writeFileSync(path, `${found.join('\n')}\n`)
  return readFileSync(path, 'utf8').trimEnd()
}

describe('models and queries', () => {
  test('good code compiles, and each mistake is told in words', async () => {
    const report = await compile('tests/types')
    expect(within('library', report)).toEqual([])
    const mistakes = within('rejected', report)
    // A sentence, never the name of a type that holds it.
    expect(mistakes.filter((each) => /Mistake<(?![["])/.test(each))).toEqual([])
    expect(mistakes.join('\n')).toBe(expected('rejected/expected.txt', mistakes))
  }, 120_000)
  test('declarations of models can be written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nuages-types-'))
    const report = await compile(
      'tests/types',
      '--noEmit',
      'false',
      '--declaration',
      '--emitDeclarationOnly',
      '--rootDir', // without it, sources reached through the package's own name are written beside themselves
      root,
      '--outDir',
      folder,
    )
    expect(within('library', report)).toEqual([])
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const book = files.find((file) => file.endsWith(join('library', 'book.d.ts')))!
    expect(readFileSync(join(folder, book), 'utf8')).toContain('ForeignKey<typeof Author')
    rmSync(folder, { recursive: true })
  }, 120_000)
})

describe('settings', () => {
  test('of the framework and of apps: what is misspelt or of another type is told where it is written', async () => {
    const report = await compile('tests/types/settings')
    const [mistakes, others] = [[] as string[], [] as string[]]
    for (const each of within('settings', report)) (each.startsWith('mistakes.ts') ? mistakes : others).push(each)
    expect(others).toEqual([])
    expect(mistakes.join('\n')).toBe(expected('settings/expected.txt', mistakes))
  }, 120_000)
})

describe('a project', () => {
  test('routes, views, links and users go round in cycles; each mistake is told in words', async () => {
    const report = await compile('tests/types/project')
    const [mistakes, others] = [[] as string[], [] as string[]]
    for (const each of within('project', report)) (each.startsWith('mistakes.ts') ? mistakes : others).push(each)
    expect(others).toEqual([])
    expect(mistakes.join('\n')).toBe(expected('project/expected.txt', mistakes))
  }, 120_000)
})

describe('cost', () => {
  const costs = join(here, 'cost.json')
  const record = (existsSync(costs) ? JSON.parse(readFileSync(costs, 'utf8')) : {}) as Record<string, number>
  // Instantiations, which do not depend on the machine, beyond those of the framework's own sources: they grow with
  // every room, and users have declarations. `most` is what we promise ourselves at all.
  test.each([
    {
      name: 'models' as const,
      project: 'a hundred models in a cycle with 500 queries',
      generate: () => generateModels(100, 500),
      most: 1_100_000,
    },
    {
      name: 'routes' as const,
      project: 'three hundred routes with views and 600 links',
      generate: () => generateRoutes(300),
      most: 100_000,
    },
  ])(
    '$project stay cheap to check',
    async ({ name, generate, most }) => {
      generate()
      const report = await compile(`tests/types/.generated/${name}`)
      expect(within(`.generated/${name}`, report)).toEqual([])
      generateImports(name)
      const sources = await compile(`tests/types/.generated/${name}-imports`)
      const cost = report.instantiations - sources.instantiations
      if (update || record[name] === undefined) {
        record[name] = cost
        writeFileSync(costs, `${JSON.stringify(record, null, 2)}\n`)
      }
      expect(cost).toBeGreaterThan(0)
      expect(cost).toBeLessThan(most)
      expect(cost).toBeLessThan(record[name]! * 1.15)
    },
    120_000,
  )
})

test('unions are compared without their order', () => {
  expect(sortUnions(`'"b" | Expr<B, "z" | "y"> | "a"' is not '{ b: 2 | 1; }'`)).toBe(
    `'"a" | "b" | Expr<B, "y" | "z">' is not '{ b: 1 | 2; }'`,
  )
  expect(sortUnions(`type '() => Promise<"b" | "a">'.`)).toBe(`type '() => Promise<"a" | "b">'.`)
})
