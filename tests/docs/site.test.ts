/** What the site of the documentation is made with; `npm run docs` builds it, which is not part of the tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchorOf } from '../../docs/.vitepress/anchor.ts'
import { contents, pages } from '../../docs/.vitepress/contents.ts'
import { root } from './blocks.ts'
import { anchorsOf, linksOf } from './markdown.ts'

interface Lock {
  readonly packages: Record<
    string,
    { version?: string; resolved?: string; optionalDependencies?: Record<string, string> }
  >
}

describe('the lock of docs/', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'docs/package-lock.json'), 'utf8')) as Lock

  test('names no registry', () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([])
  })

  test('has an entry for every optional package, so that npm ci installs anywhere', () => {
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).filter((name) => !packages[`node_modules/${name}`]?.version),
    )
    expect(missing).toEqual([])
  })

  test('belongs to the site alone: the framework depends on nothing of it', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(Object.keys({ ...dependencies, ...devDependencies })).not.toContain('vitepress')
  })
})

test('the sidebar begins with the tutorial and has the titles of the pages', () => {
  expect(contents()[0]).toMatchObject({ text: 'Start', items: [{ link: '/tutorial' }, {}, {}, {}] })
  expect(pages()).not.toContain('index.md')
  const settings = contents().flatMap(({ items }) => items.filter((item) => item.link.endsWith('/settings')))
  expect(settings.map(({ text }) => text)).toEqual(['Settings', 'Settings'])
})

test('ids of headings are those of repositories', () => {
  expect(
    ['security.hsts', '1. A folder', '`html` in code', 'Q, F, aggregates', 'Two people, one row'].map(anchorOf),
  ).toEqual(['securityhsts', '1-a-folder', 'html-in-code', 'q-f-aggregates', 'two-people-one-row'])
  expect([...anchorsOf('# A\n## B c\n```\n# no\n```\n## B c\n')]).toEqual(['a', 'b-c', 'b-c-1'])
})

test('links are found in text, front matter and markup, not in code', () => {
  const page =
    '---\nlink: /a\n---\n[b](b.md#c) <a href="d.md">d</a> [out](https://example.com)\n```\n[no](no.md)\n```\n'
  expect(linksOf(page)).toEqual(['b.md#c', '/a', 'd.md'])
})
