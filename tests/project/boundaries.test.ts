/** `boundaries`: which app may import which, and circles between files and apps. */
import { createProject, defineApp, type Settings } from 'nuages'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cycles, importsOf } from '../../src/checks/imports.ts'
import { folderWith } from './files.ts'

const secretKey = 'a key for tests that is long enough to be accepted'

async function check(
  files: Record<string, string>,
  boundaries: Record<string, readonly string[]> | null,
  names = ['billing', 'accounts', 'mail'],
) {
  const root = folderWith(
    Object.fromEntries([...names.map((name) => [`${name}/app.ts`, '']), ...Object.entries(files)]),
  )
  const apps = names.map((name) => defineApp({ name, root: `file://${root}/${name}/app.ts` }))
  const project = await createProject({ root, secretKey, apps, boundaries } as Settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  const found = await project.checks()
  return found.filter(({ id }) => id.startsWith('boundaries.')).map(({ id, object, place }) => [id, object, place])
}

describe('an import of another app', () => {
  const files = {
    'billing/views.ts':
      "// import { x } from '../mail/x.ts'\nimport { User } from '../accounts/models.ts'\nimport {\n  send,\n} from \"../mail/send.ts\"\n",
    'accounts/models.ts': '',
    'mail/send.ts': '',
  }

  test('is an error where the row does not name it, with file and line', async () => {
    expect(await check(files, { billing: ['accounts'] })).toEqual([
      ['boundaries.E001', 'billing', 'billing/views.ts:3'],
    ])
  })

  test('is right where the row names it, where there is no row, and without the setting', async () => {
    expect(await check(files, { billing: ['accounts', 'mail'] })).toEqual([])
    expect(await check(files, { accounts: [] })).toEqual([])
    expect(await check(files, null)).toEqual([])
  })

  test('counts when it is exported on, and from deeper folders', async () => {
    const deep = {
      'billing/a/b.ts': "export { x } from '../../mail/send.ts'\nexport * from '../../accounts/models.ts'",
    }
    expect(await check(deep, { billing: [] })).toEqual([
      ['boundaries.E001', 'billing', 'billing/a/b.ts:1'],
      ['boundaries.E001', 'billing', 'billing/a/b.ts:2'],
    ])
  })

  test('does not count as a type, in a test, in comments, or of no app', async () => {
    const fine = {
      'billing/views.ts': `import type { User } from '../accounts/models.ts'
import { type User as B } from '../accounts/models.ts'
export type { User } from '../accounts/models.ts'
/*
import { User } from '../accounts/models.ts'
*/
import { shared } from '../shared/x.ts'
import { html } from 'nuages'`,
      'billing/views.test.ts': "import { User } from '../accounts/models.ts'",
      'billing/tests/a.ts': "import { User } from '../../accounts/models.ts'",
      'billing/static/a.js': "import { User } from '../../accounts/models.ts'",
    }
    expect(await check(fine, { billing: [] })).toEqual([])
  })

  test('counts both ways for an app inside another one', async () => {
    const files = { 'shop/views.ts': "import './cart/x.ts'", 'shop/cart/x.ts': "import '../y.ts'", 'shop/y.ts': '' }
    const root = folderWith({ 'shop/app.ts': '', 'shop/cart/app.ts': '', ...files })
    const apps = ['shop', 'shop/cart'].map((at) =>
      defineApp({ name: at.split('/').at(-1)!, root: `file://${root}/${at}/app.ts` }),
    )
    const settings = { root, secretKey, apps, boundaries: { shop: ['cart'], cart: [] } }
    const project = await createProject(settings as unknown as Settings, { mode: 'test', env: {} })
    onTestFinished(() => project.close())
    const found = (await project.checks()).filter(({ id }) => id === 'boundaries.E001')
    expect(found.map(({ place }) => place)).toEqual(['shop/cart/x.ts:1'])
  })
})

test('a name that is no app is told, with the one that was meant', async () => {
  expect(await check({}, { billing: ['acounts'], bank: [] })).toEqual([
    ['boundaries.E002', 'settings.boundaries.billing', undefined],
    ['boundaries.E002', 'settings.boundaries.bank', undefined],
  ])
})

test('circles are told: of files, and of apps whose files make none', async () => {
  const files = {
    'billing/a.ts': "import './b.ts'",
    'billing/b.ts': "import './a.ts'\nimport '../mail/x.ts'",
    'mail/x.ts': '',
    'mail/y.ts': "import '../billing/c.ts'",
    'billing/c.ts': '',
  }
  expect(await check(files, {})).toEqual([
    ['boundaries.W001', 'billing/a.ts', 'billing/a.ts:1'],
    ['boundaries.W002', 'billing', 'billing/b.ts:2'],
  ])
})

test('a thousand files cost less than a second', { timeout: 30_000 }, async () => {
  const files: Record<string, string> = {}
  for (let i = 0; i < 1000; i++)
    files[`billing/f${i}.ts`] = `import { a } from './f${(i + 1) % 1001}.ts'\n${'export const x = 1\n'.repeat(100)}`
  const root = folderWith({ 'billing/app.ts': '', ...files })
  const app = defineApp({ name: 'billing', root: `file://${root}/billing/app.ts` })
  const settings = { root, secretKey, apps: [app], boundaries: {} }
  const project = await createProject(settings as unknown as Settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  await project.checks() // once, so that loading code does not count
  const start = process.cpuUsage() // not the clock: the machine may have other work
  expect((await project.checks()).filter(({ id }) => id === 'boundaries.E001')).toEqual([])
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1000).toBeLessThan(1000)
})

test('imports have their line, whatever stands before', () => {
  const text =
    "/* a\nb */\n'use strict'\nimport a, { b } from './a.ts'\n\nexport * as c from './c.ts'\nimport './d.ts'\n"
  expect(importsOf('/x/y.ts', text).map(({ to, line }) => [to, line])).toEqual([
    ['/x/a.ts', 4],
    ['/x/c.ts', 6],
    ['/x/d.ts', 7],
  ])
})

test('a circle is told step by step, the shortest there is', () => {
  const edges = ['ab', 'bc', 'ca', 'cd', 'dc', 'de'].map(([from, to]) => ({ from: from!, to: to! }))
  expect(cycles(edges).map((circle) => circle.join(''))).toHaveLength(1)
  expect(cycles([{ from: 'a', to: 'a' }])).toEqual([['a']])
  for (const circle of cycles(edges))
    for (const [i, node] of circle.entries())
      expect(edges).toContainEqual({ from: node, to: circle[(i + 1) % circle.length] })
})
