import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectStatic, createHandler, readManifest, respond, ServerError, staticFiles, staticUrls } from 'nuages/http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renameInCss, renameInModule, resolveReference } from '../../src/http/static/references.ts'
import { always, raw, serve } from './support.ts'

let base: string
const at = (...parts: string[]) => join(base, ...parts)
async function write(path: string, content: string): Promise<void> {
  await mkdir(join(at(path), '..'), { recursive: true })
  await writeFile(at(path), content)
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'nuages-static-'))
  await write(
    'one/app/base.css',
    '@import "parts/buttons.css"; body { background: url( "img/sky é.png?v=1#x" ) } /* url(none.png) */',
  )
  await write(
    'one/app/parts/buttons.css',
    "a { background: url(../img/sky%20%C3%A9.png), url('data:image/png,x'), url(#clip), url(/abs.png) }",
  )
  await write('one/app/img/sky é.png', 'sky')
  await write('one/app/code.js', 'run()\n//# sourceMappingURL=code.js.map\n')
  await write('one/app/code.js.map', '{}')
  await write('one/app/lib.js', 'run()\n//# sourceMappingURL=lib.js.map\n')
  await write('one/shared.txt', 'first')
  await write('two/shared.txt', 'second')
  await write('two/only.txt', 'two')
  await write('one/.env', 'SECRET=1')
  await write('one/.git/config', 'secret')
  await write('one/draft.txt~', 'draft')
  await write('one-evil/x.txt', 'evil')
  await write('secret.txt', 'secret')
  await symlink(at('secret.txt'), at('one/link.txt'))
  await symlink(at('one/shared.txt'), at('one/inner.txt'))
})
afterAll(() => rm(base, { recursive: true }))

const dirs = () => [
  { dir: at('one') },
  { dir: at('two'), prefix: '' },
  { dir: at('two'), prefix: 'second/' },
  { dir: at('missing') },
]

describe('static files during development', () => {
  test('come from the first directory that has them, to be asked for each time', async () => {
    const { url } = await serve(() => respond('view'), { middleware: [staticFiles({ dirs: dirs() })] })
    const get = async (path: string) => {
      const response = await fetch(`${url}static/${path}`)
      return [response.status, response.ok ? await response.text() : '']
    }
    expect(await get('shared.txt')).toEqual([200, 'first'])
    expect(await get('only.txt')).toEqual([200, 'two'])
    expect(await get('second/shared.txt')).toEqual([200, 'second'])
    expect(await get('app/img/sky%20%C3%A9.png')).toEqual([200, 'sky'])
    expect(await get('inner.txt')).toEqual([200, 'first'])
    expect((await get('none.txt'))[0]).toBe(404)
    expect((await get('app'))[0]).toBe(404)
    expect((await get(''))[0]).toBe(404)
    const response = await fetch(`${url}static/shared.txt`)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const again = await fetch(`${url}static/shared.txt`, {
      headers: { 'if-none-match': response.headers.get('etag')! },
    })
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'no-cache'])
    expect(await (await fetch(`${url}other`)).text()).toBe('view')
  })

  test('never come from anywhere else, however the path is written', async () => {
    const { port } = await serve(() => respond('view'), { middleware: [staticFiles({ dirs: [{ dir: at('one') }] })] })
    const paths = [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..\\secret.txt',
      '..%5csecret.txt',
      'app/../../secret.txt',
      'app/..%2f..%2fsecret.txt',
      '%252e%252e%252fsecret.txt',
      '../one-evil/x.txt',
      '/etc/passwd',
      '//etc/passwd',
      '%2fetc%2fpasswd',
      'shared.txt%00.png',
      'shared.txt/',
      './shared.txt',
      'link.txt',
      '.env',
      '.git/config',
      'draft.txt~',
      'shared.txt%0a',
      '%ff',
    ]
    for (const path of paths) {
      const answer = await raw(port, `GET /static/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect([
        path,
        /^HTTP\/1\.1 (400|404) /.test(answer),
        /^(?:secret|evil|root:|first|SECRET|draft)/.test(answer.split('\r\n\r\n')[1]!),
      ]).toEqual([path, true, false])
    }
  })

  test('are read only', async () => {
    const { url } = await serve(() => respond('view'), { middleware: [staticFiles({ dirs: dirs() })] })
    const response = await fetch(`${url}static/shared.txt`, { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect((await fetch(`${url}static/shared.txt`, { method: 'HEAD' })).headers.get('content-length')).toBe('5')
  })

  test('under another host are not served here', async () => {
    const middleware = [staticFiles({ dirs: dirs(), url: 'https://cdn.example.com/static/' })]
    const handler = createHandler({ resolver: always(() => respond('view')), middleware, allowedHosts: ['*'] })
    const { requestOf } = await import('./support.ts')
    expect(await (await handler(requestOf('/static/shared.txt'))).text()).toBe('view')
  })
})

describe('collected static files', () => {
  test('have names made of their content, with references renamed, and a manifest', async () => {
    const root = at('collected')
    const directories = [{ dir: at('one') }, { dir: at('two') }]
    expect(await collectStatic(directories, root)).toEqual({ copied: 9, unchanged: 0 })
    expect(await collectStatic(directories, root)).toEqual({ copied: 0, unchanged: 9 })
    const manifest = (await readManifest(root))!
    expect([...manifest.paths.keys()]).toEqual([
      'app/base.css',
      'app/code.js',
      'app/code.js.map',
      'app/img/sky é.png',
      'app/lib.js',
      'app/parts/buttons.css',
      'inner.txt',
      'only.txt',
      'shared.txt',
    ])
    const hashed = (path: string) => manifest.paths.get(path)!
    expect(hashed('shared.txt')).toMatch(/^shared\.[0-9a-f]{12}\.txt$/)
    const css = await readFile(join(root, hashed('app/base.css')), 'utf8')
    const sky = encodeURI(hashed('app/img/sky é.png').slice('app/img/'.length))
    expect(css).toBe(
      `@import "parts/${hashed('app/parts/buttons.css').slice('app/parts/'.length)}"; body { background: url( "img/${sky}?v=1#x" ) } /* url(none.png) */`,
    )
    expect(await readFile(join(root, hashed('app/parts/buttons.css')), 'utf8')).toContain(
      `url(../img/${sky}), url('data:image/png,x'), url(#clip), url(/abs.png)`,
    )
    expect(await readFile(join(root, hashed('app/code.js')), 'utf8')).toContain(
      `sourceMappingURL=${hashed('app/code.js.map').slice(4)}`,
    )
    expect(await readFile(join(root, hashed('app/lib.js')), 'utf8')).toContain('sourceMappingURL=lib.js.map')
    expect(await readFile(join(root, 'shared.txt'), 'utf8')).toBe('first')
    expect((await readdir(root)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('are modules whose imports have the new names', async () => {
    const root = at('modules-out')
    await write('modules/js/shared/dom.js', 'export const find = 1\n')
    await write('modules/js/side.mjs', "export * from './shared/dom.js'\n")
    await write(
      'modules/js/main.js',
      [
        "import { find } from './shared/dom.js'",
        "import './side.mjs?v=1'",
        'import a, {',
        '  b,',
        '} from "../js/shared/dom.js";export { c } from \'./shared/dom.js\'',
        "const later = () => import('./side.mjs')",
        "import bare from 'lib'",
        "import typed from './source.ts'",
        "/* import './not-there.js' */",
        "// import './not-there.js'",
        "const text = './side.mjs'",
      ].join('\n'),
    )
    await collectStatic([{ dir: at('modules') }], root)
    const { paths } = (await readManifest(root))!
    const dom = paths.get('js/shared/dom.js')!.slice('js/shared/'.length)
    const side = paths.get('js/side.mjs')!.slice('js/'.length)
    expect(await readFile(join(root, paths.get('js/side.mjs')!), 'utf8')).toBe(`export * from './shared/${dom}'\n`)
    expect((await readFile(join(root, paths.get('js/main.js')!), 'utf8')).split('\n')).toEqual([
      `import { find } from './shared/${dom}'`,
      `import './${side}?v=1'`,
      'import a, {',
      '  b,',
      `} from "../js/shared/${dom}";export { c } from './shared/${dom}'`,
      `const later = () => import('./${side}')`,
      "import bare from 'lib'",
      "import typed from './source.ts'",
      "/* import './not-there.js' */",
      "// import './not-there.js'",
      "const text = './side.mjs'",
    ])
    await write('modules/js/wrong.js', "import './sde.mjs'")
    await expect(collectStatic([{ dir: at('modules') }], root)).rejects.toMatchObject({
      code: 'http.static-missing-reference',
      message: 'js/wrong.js refers to "./sde.mjs", which is not among the static files.',
      hint: expect.stringContaining('Did you mean "js/side.mjs"?'),
    })
  })

  test('change the name of a style sheet when what it refers to changes', async () => {
    const root = at('renamed')
    await write('three/a.css', '@import "b.css";')
    await write('three/b.css', 'b {}')
    await collectStatic([{ dir: at('three') }], root)
    const before = (await readManifest(root))!.paths.get('a.css')
    await write('three/b.css', 'b { color: red }')
    await collectStatic([{ dir: at('three') }], root)
    expect((await readManifest(root))!.paths.get('a.css')).not.toBe(before)
  })

  test('may import one another in a circle', async () => {
    await write('circle/a.css', '@import "b.css";')
    await write('circle/b.css', '@import url(a.css);')
    const root = at('round')
    await collectStatic([{ dir: at('circle') }], root)
    const manifest = (await readManifest(root))!
    expect(await readFile(join(root, manifest.paths.get('a.css')!), 'utf8')).toBe(
      `@import "${manifest.paths.get('b.css')}";`,
    )
    expect(await readFile(join(root, manifest.paths.get('b.css')!), 'utf8')).toBe('@import url(a.css);')
  })

  test('that are referred to and not there are an error with the file and what is meant', async () => {
    await write('wrong/style.css', 'a { background: url(skyy.png) }')
    await write('wrong/sky.png', '')
    await expect(collectStatic([{ dir: at('wrong') }], at('out'))).rejects.toMatchObject({
      code: 'http.static-missing-reference',
      message: 'style.css refers to "skyy.png", which is not among the static files.',
      hint: expect.stringContaining('Did you mean "sky.png"?'),
    })
  })

  test('are not collected into their own directory', async () => {
    for (const root of [at('one'), at('one/sub')]) {
      await expect(collectStatic([{ dir: at('one') }], root)).rejects.toMatchObject({ code: 'http.static-bad-root' })
    }
  })

  test('are served for good under hashed names; what the manifest does not list is not there', async () => {
    const root = at('served')
    await collectStatic([{ dir: at('one') }], root)
    await writeFile(join(root, 'not-collected.txt'), 'x')
    const manifest = (await readManifest(root))!
    const { url } = await serve(() => respond('view'), { middleware: [staticFiles({ dirs: dirs(), root, manifest })] })
    const get = (path: string) => fetch(`${url}static/${encodeURI(path)}`)
    const hashed = await get(manifest.paths.get('app/base.css')!)
    expect([hashed.status, hashed.headers.get('cache-control'), hashed.headers.get('content-type')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'text/css; charset=utf-8',
    ])
    expect((await get(manifest.paths.get('app/img/sky é.png')!)).status).toBe(200)
    expect((await get('shared.txt')).headers.get('cache-control')).toBe('no-cache')
    for (const path of ['not-collected.txt', 'staticfiles.json', 'only.txt', '%2e%2e%2fsecret.txt'])
      expect((await get(path)).status).toBe(404)
    const ranged = await fetch(`${url}static/shared.txt`, { headers: { range: 'bytes=1-2' } })
    expect([ranged.status, await ranged.text()]).toEqual([206, 'ir'])
  })

  test('have URLs by path, and those that are missing say what to do', async () => {
    const url = staticUrls('/static/', {
      paths: new Map([
        ['app/base.css', 'app/base.1234.css'],
        ['a b.png', 'a b.5.png'],
      ]),
    })
    expect([url('app/base.css'), url('/app/base.css?x#y'), url('a b.png')]).toEqual([
      '/static/app/base.1234.css',
      '/static/app/base.1234.css?x#y',
      '/static/a%20b.5.png',
    ])
    expect(url('https://cdn.example.com/x.js')).toBe('https://cdn.example.com/x.js')
    expect(() => url('app/bse.css')).toThrow(ServerError)
    expect(() => url('app/bse.css')).toThrow('There is no static file "app/bse.css".')
    const plain = staticUrls('https://cdn.example.com/', null)
    expect(plain('a b#c.css')).toBe('https://cdn.example.com/a%20b#c.css')
  })

  test('whose manifest is broken are an error at start', async () => {
    await write('broken/staticfiles.json', '{')
    await expect(readManifest(at('broken'))).rejects.toMatchObject({ code: 'http.static-bad-manifest' })
    expect(await readManifest(at('nowhere'))).toBeNull()
  })
})

test('references are found in time that grows with the length, whatever the style sheet or script is', () => {
  const start = process.cpuUsage()
  for (const text of ['url(', 'url("', '/*', '@import "', "url('a", 'url(a ', '@import ', '*/']) {
    renameInCss(text.repeat(20_000), () => null)
  }
  for (const text of ['import ', '\nimport {', ';export * ', 'import("', "import('./", '/*', '*/', '}import a from ']) {
    renameInModule(text.repeat(20_000), () => null)
  }
  expect(process.cpuUsage(start).user).toBeLessThan(2_000_000)
  expect(resolveReference('a/b/c.css', '../../../x.png')).toBeNull()
  expect(resolveReference('a/b/c.css', '.././x.png')).toBe('a/x.png')
})
