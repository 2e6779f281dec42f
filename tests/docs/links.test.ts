import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contents, pages } from '../../docs/.vitepress/contents.ts'
import { allPages, root } from './blocks.ts'
import { anchorsOf, linksOf } from './markdown.ts'

const paths = allPages().map((page) => page.path)
/** Whether `npm run screenshots` has run. */
const pictures =
  existsSync(join(root, 'docs/public/screenshots')) && readdirSync(join(root, 'docs/public/screenshots')).length > 0
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** The file that a link of a page leads to, from the repository's root; an address of the site begins with a slash. */
function targetOf(page: string, link: string): string {
  const path = link.replace(/[#?].*$/, '')
  if (path === '') return page
  if (!path.startsWith('/')) return relative(root, join(root, dirname(page), path))
  if (path === '/contents') return 'docs/README.md'
  return existsSync(join(root, 'docs/public', path)) || path.startsWith('/screenshots/')
    ? `docs/public${path}`
    : `docs${path}.md`
}

test.each(paths)('links of %s lead to files and headings that are there', (page) => {
  const broken = linksOf(read(page)).filter((link) => {
    if (link.startsWith('/screenshots/') && !pictures) return false
    const target = targetOf(page, link)
    if (!existsSync(join(root, target))) return true
    const anchor = /#(.+)$/.exec(link)?.[1]
    return anchor !== undefined && !anchorsOf(read(target)).has(anchor)
  })
  expect(broken).toEqual([])
})

describe('the table of contents', () => {
  test('names every page: the site has no group of leftovers', () => {
    expect(contents().find((group) => group.text === 'More')).toBeUndefined()
    expect(contents().flatMap((group) => group.items)).toHaveLength(pages().length)
  })

  test('a page has one title, its first line; no group has two of the same', () => {
    for (const path of pages()) {
      const text = read(join('docs', path)).replace(/^```[\s\S]*?^```/gm, '')
      expect([path, text.startsWith('# '), text.match(/^# /gm)]).toEqual([path, true, ['# ']])
    }
    for (const { items } of contents()) expect(new Set(items.map((item) => item.text)).size).toBe(items.length)
  })
})
