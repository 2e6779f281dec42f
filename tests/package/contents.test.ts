import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { pack, root, temporaryFolder } from './installed.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const packed = pack(root, folder)
const paths = packed.files.map(({ path }) => path)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>
  bin: Record<string, string>
  imports: Record<string, { default: string }>
}

test('holds the code, its types and what lies beside it, and nothing else', () => {
  const docs = paths.filter((path) => /^docs\/([\w-]+\/)?[\w-]+\.md$/.test(path))
  expect(docs).toContain('docs/guides/models.md')
  const others = paths.filter((path) => !/^(dist|bin)\//.test(path) && !docs.includes(path))
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  const strange = paths.filter((path) => /(^|\/)\.|\.map$|\.tsbuildinfo$|\.test\.|\.md$|(?<!\.d)\.ts$/.test(path))
  expect(strange.filter((path) => ![...others, ...docs].includes(path) && !path.startsWith('bin/'))).toEqual([])
})

test('has every file that its package.json names', () => {
  const named = [
    ...Object.values(manifest.exports).flatMap((each) =>
      typeof each === 'string' ? each : [each.types, each.default],
    ),
    ...Object.values(manifest.bin),
    ...Object.values(manifest.imports).map((each) => each.default),
  ].map((path) => path.replace(/^\.\//, ''))
  expect(named.filter((path) => !paths.includes(path))).toEqual([])
})

test("has the templates, static files and migrations of the framework's own apps", () => {
  for (const path of [
    'dist/admin/templates/admin/base.html',
    'dist/admin/migrations/0001_initial.js',
    'dist/auth/templates/auth/login.html',
    'dist/sessions/migrations/0001_initial.js',
    'dist/package.json',
  ])
    expect(paths).toContain(path)
  expect(paths.some((path) => /^dist\/admin\/static\/admin\/.*\.css$/.test(path))).toBe(true)
})

test('its declarations name it by place: by its name a linked copy does not find itself', () => {
  const declared = paths.filter((path) => path.endsWith('.d.ts') && path.startsWith('dist/'))
  expect(declared.filter((path) => readFileSync(join(root, path), 'utf8').includes('import("nuages'))).toEqual([])
})

test('stays small', () => {
  expect(packed.unpackedSize).toBeLessThan(6_000_000)
})
