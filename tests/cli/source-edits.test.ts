import { describe, expect, test } from 'vitest'
import { addImport, addToApps, addToRoutes } from '../../src/cli/source-edits.ts'

describe('a name more in apps', () => {
  test.each([
    ['  apps: [auth, admin],', '  apps: [auth, admin, blog],'],
    ['  apps: [],', '  apps: [blog],'],
    ['  apps: [...base.apps],', '  apps: [...base.apps, blog],'],
    ['  apps: [auth, admin,],', '  apps: [auth, admin, blog],'],
    ['  apps: [\n    auth,\n    admin,\n  ],', '  apps: [\n    auth,\n    admin,\n    blog,\n  ],'],
    ['  apps: [\n    auth,\n    admin\n  ],', '  apps: [\n    auth,\n    admin,\n    blog,\n  ],'],
  ])('%j', (before, after) => {
    expect(addToApps(before, 'blog')).toBe(after)
  })

  test.each(['', '  apps: list,', '  apps: [auth], // x\n  apps: [admin],', '  apps: [auth /* first */],'])(
    '%j is left alone',
    (text) => expect(addToApps(text, 'blog')).toBe(null),
  )
})

describe('a line more in the routes', () => {
  test('goes to the end of the table', () => {
    const before = "export const urls = routes({\n  home: '',\n})\n"
    expect(addToRoutes(before, "blog: include('blog/', blogUrls)")).toBe(
      "export const urls = routes({\n  home: '',\n  blog: include('blog/', blogUrls),\n})\n",
    )
    expect(addToRoutes('export const urls = routes({\n})\n', "a: ''")).toBe(
      "export const urls = routes({\n  a: '',\n})\n",
    )
  })

  test.each(['', 'export const urls = routes(table)\n', "export const urls = routes({\n  home: ''\n})\n", null])(
    '%j is left alone',
    (text) => expect(addToRoutes(text, "a: ''")).toBe(null),
  )
})

describe('one import more', () => {
  test('follows the last, in its quotes', () => {
    expect(addImport("import a from 'a'\nimport {\n  b,\n} from './b.ts'\n\nb()\n", '{ c }', './c.ts')).toBe(
      "import a from 'a'\nimport {\n  b,\n} from './b.ts'\nimport { c } from './c.ts'\n\nb()\n",
    )
    expect(addImport('import a from "a";\n', '{ c }', './c.ts')).toBe(
      'import a from "a";\nimport { c } from "./c.ts";\n',
    )
  })
  test('needs one to follow', () => expect(addImport('a()\n', '{ c }', './c.ts')).toBe(null))
})
