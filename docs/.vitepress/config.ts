import { copyFileSync, existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { defineConfig } from 'vitepress'
import { anchorOf } from './anchor.ts'
import { sideBySide } from './compare.ts'
import { contents, folder } from './contents.ts'

export default defineConfig({
  lang: 'en-GB',
  title: 'Nuages',
  description: 'The batteries-included web framework for TypeScript.',
  cleanUrls: true,
  // README.md is what a repository shows of this folder; on the site it is the table of contents.
  rewrites: { 'README.md': 'contents.md' },
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Guides', link: '/contents', activeMatch: '/(guides/|contents)' },
      { text: 'Reference', link: '/reference/settings', activeMatch: '/reference/' },
      {
        text: 'Coming from',
        items: [
          { text: 'Django', link: '/from-django' },
          { text: 'TypeScript', link: '/from-typescript' },
        ],
      },
    ],
    sidebar: contents(),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    footer: { message: 'MIT licence. The code on these pages is compiled or run by tests.' },
  },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    languageAlias: { prisma: 'graphql' },
    anchor: { slugify: anchorOf },
    config(md) {
      md.core.ruler.push('side-by-side', (state) => {
        state.tokens = sideBySide(state as never) as never
      })
      // Pages are about templates: two braces are text, not Vue's.
      for (const name of ['text', 'code_inline'] as const) {
        const render = md.renderer.rules[name]!
        md.renderer.rules[name] = (...given) => render(...given).replaceAll('{{', '&#123;&#123;')
      }
      // Pictures are made by a script: a site can be built before it has run.
      md.core.ruler.push('screenshots', (state) => {
        for (const token of state.tokens) {
          if (token.type !== 'html_block') continue
          const paths = [...token.content.matchAll(/src="(\/screenshots\/[^"]+)"/g)].map(([, path]) => path!)
          if (paths.some((path) => !existsSync(join(folder, 'public', path)))) token.content = ''
        }
      })
      // Links that leave this folder lead into the repository, which the site does not have: their text stays.
      md.core.ruler.push('repository-links', (state) => {
        for (const { children } of state.tokens) {
          let outside = false
          for (const token of children ?? []) {
            if (token.type === 'link_open') outside = leaves(state.env.relativePath, token.attrGet('href') ?? '')
            if (!outside || !token.type.startsWith('link_')) continue
            outside = token.type === 'link_open'
            Object.assign(token, { type: token.type.replace('link', 'em'), tag: 'span', attrs: null })
          }
        }
      })
    },
  },
  buildEnd({ outDir }) {
    copyFileSync(join(folder, 'api.txt'), join(outDir, 'api.txt'))
  },
})

function leaves(page: string, href: string): boolean {
  if (/^[a-z]+:|^[#/]/.test(href)) return false
  return posix.join(posix.dirname(page), href).startsWith('..')
}
