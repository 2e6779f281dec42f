/** What a hurried user does: each mistake is told in words, with a code, what to do and an exit code; never a stack. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { type Ended, repository } from '../cli/nuages.ts'
import { copySite, type Site } from './site.ts'

/** A mistake: what is changed in the project, what is run, the exit code, and what must be read in the output. */
interface Mistake {
  readonly change?: (site: Site) => void
  readonly run?: readonly string[]
  readonly env?: Record<string, string | undefined>
  readonly code?: number
  readonly says: readonly (string | RegExp)[]
}

// Each test starts processes, and a machine may have other work.
vi.setConfig({ testTimeout: 60_000 })

const sites: Site[] = []
afterAll(() => {
  for (const site of sites) site.remove()
})

function siteOfTest(): Site {
  const site = copySite()
  sites.push(site)
  return site
}

async function assertTold({ change, run = ['check'], env, code = 1, says }: Mistake): Promise<void> {
  const site = siteOfTest()
  change?.(site)
  told(await site.run(run, env), code, says)
}

function told({ code, out, err }: Ended, wanted: number, says: Mistake['says']): void {
  const text = out + err
  for (const each of says) expect(text).toMatch(each instanceof RegExp ? each : literally(each))
  expect(code).toBe(wanted)
  expect(text).not.toMatch(/^ +at .*(node:|\/(src|bin)\/)/m)
}

const literally = (text: string) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
const table = (mistakes: Record<string, Mistake>) => Object.entries(mistakes)

describe.concurrent('settings', () => {
  test.for(
    table({
      'a wrong value is told with its name, itself and what would be right': {
        change: (site) => site.edit('settings.ts', /debug: .*/, "timeZone: 'Europe/Pari',"),
        says: [
          /^error conf\.E001 settings\.timeZone settings\.ts:\d+$/m,
          'timeZone = "Europe/Pari": must be a time zone such as "Europe/Paris".',
          'Set timeZone in your settings file.',
        ],
      },
      'several are told at once, unknown ones with the name that was meant': {
        change: (site) =>
          site.edit(
            'settings.ts',
            /debug: .*/,
            "timeZone: 'Mars', port: 'abc', sessions: { maxage: 3, sameSite: 'loose' }, allowedHost: [],",
          ),
        run: ['showmigrations'],
        says: [
          '5 settings are wrong.',
          'allowedHost: is not a setting. Did you mean "allowedHosts"?',
          'sessions.maxage: is not a setting. Did you mean "sessions.maxAge"?',
          'sessions.sameSite = "loose": must be one of "lax", "strict", "none".',
          'port = "abc": must be a whole number between 0 and 65535.',
          'timeZone = "Mars"',
        ],
      },
      'a missing secret is told with the variable it comes from': {
        env: { SECRET_KEY: undefined },
        says: ['secretKey: is not set: expected a secret.', 'Set the environment variable SECRET_KEY'],
      },
      'a short secret is told, and not shown': {
        env: { SECRET_KEY: 'swordfish' },
        says: [/^(?![\s\S]*swordfish)[\s\S]*secretKey = \*{8}: must be at least 32 characters long; this one has 9\./],
      },
      'a variable that cannot be read is told': {
        env: { DEBUG: 'maybe' },
        says: ['debug = "maybe": must be true or false', 'Set the environment variable DEBUG'],
      },
      'a database URL that is none is told': {
        env: { DATABASE_URL: 'foo' },
        says: ['databases.default = "foo": must be a database URL such as sqlite:./db.sqlite3'],
      },
      'a syntax error is told with file and line': {
        change: (site) => site.edit('settings.ts', /$/, 'export const x = {'),
        says: [
          /^CommandError cli\.unreadable-file: .*\n.*settings\.ts:\d+\n(.*\n)?export const x = \{/m,
          'Unexpected token',
        ],
      },
      'syntax that Node does not strip is told with file and line': {
        change: (site) => site.edit('settings.ts', /$/, 'enum A { B }'),
        says: [/settings\.ts:\d+/, 'TypeScript enum is not supported in strip-only mode'],
      },
      'an import that leads nowhere is told with who imports it': {
        change: (site) => site.edit('settings.ts', /^/, "import { x } from './nowhere.ts'\n"),
        says: ['cli.unreadable-file', /Cannot find module '.*nowhere\.ts' imported from .*settings\.ts/],
      },
      'a name that is not exported is told with file and line': {
        change: (site) => site.edit('settings.ts', /^/, "import { defineSetings } from 'nuages'\n"),
        says: [/settings\.ts:1\n/, "does not provide an export named 'defineSetings'"],
      },
      'an error thrown in the settings is told with its line only': {
        change: (site) => site.edit('settings.ts', /$/, "throw new Error('boom')"),
        says: [/^Error: boom\n +at .*settings\.ts:\d+:\d+\n\(--trace shows the whole stack\.\)$/m],
      },
      'a file without a default export is told what to write': {
        change: (site) => site.edit('settings.ts', 'export default', 'export const settings ='),
        says: [
          'CommandError cli.settings-without-default: settings.ts has no default export.',
          'export default defineSettings',
        ],
      },
      'a file that is not there is told where it was looked for': {
        run: ['check', '--settings', 'nowhere.ts'],
        says: ['CommandError cli.no-such-settings: There is no settings file "nowhere.ts".', 'Looked for /'],
      },
    }),
  )('%s', ([, mistake]) => assertTold(mistake))
})

describe.concurrent('names that are misspelt', () => {
  test.for(
    table({
      'in the columns of an admin list': {
        change: (site) => site.edit('library/admin.ts', "'pages', 'published'", "'pags', 'published'"),
        says: [
          /^error admin\.E001 library\.Book library\/admin\.ts:\d+$/m,
          'names "pags", which is not there.',
          'Did you mean "pages"?',
        ],
      },
      'in the filters of the admin': {
        change: (site) => site.edit('library/admin.ts', "'author', 'inPrint'", "'author', 'inprint'"),
        says: ['admin.E002', 'Did you mean "inPrint"?'],
      },
      'behind a relation, in the search of the admin': {
        change: (site) => site.edit('library/admin.ts', "search: ['title', 'author__name']", "search: ['author__nam']"),
        says: ['admin.E003', 'author__name'],
      },
      'in the order of the admin': {
        change: (site) => site.edit('library/admin.ts', "'-pages'", "'-pags'"),
        says: ['admin.E004', 'Did you mean "pages"?'],
      },
      'in the name of an admin option': {
        change: (site) => site.edit('library/admin.ts', "search: ['name']", "serch: ['name']"),
        says: ['admin.E014', '"serch" is not an option of admin.register().', 'Did you mean "search"?'],
      },
      'in the order of a model': {
        change: (site) => site.edit('library/models.ts', "ordering: ['title']", "ordering: ['titel']"),
        says: [
          /^error db\.E001 library\.Book library\/models\.ts:\d+$/m,
          '"titel" is not a field of library.Book.',
          'Did you mean "title"?',
        ],
      },
      'in an index': {
        change: (site) => site.edit('library/models.ts', "'-pages'", "'-pags'"),
        says: ['db.E006', '"pags" in an index of library.Book is not one of its fields.', 'Did you mean "pages"?'],
      },
      'in an option of a model': {
        change: (site) => site.edit('library/models.ts', "ordering: ['title']", "ordring: ['title']"),
        says: ['db.E017', '"ordring" is not an option of a model.', 'Did you mean "ordering"?'],
      },
      'in the option of a field': {
        change: (site) => site.edit('library/models.ts', 'maxLength: 200', 'maxLenght: 200'),
        says: ['db.bad-field-option', 'maxLenght is no option of char(), did you mean maxLength?'],
      },
      'in the pattern of a route': {
        change: (site) => site.edit('library/urls.ts', '<int:id>', '<itn:id>'),
        says: ['urls.unknown-converter', 'uses a converter "itn" that does not exist.', 'Did you mean "int"?'],
      },
      'in a view': {
        change: (site) => site.edit('library/views.ts', 'export const search =', 'export const serach ='),
        says: [/^error urls\.E003 library:search library\/urls\.ts:\d+$/m, '"library:search" (/search/) has no view'],
      },
      'in a filter of a template': {
        change: (site) => site.write('library/templates/library/x.html', 'one\n{{ name|uper }}'),
        says: [
          /^error templates\.E001 library\/x\.html:2 library\/templates\/library\/x\.html:2$/m,
          'There is no filter "uper".',
        ],
      },
      'in a tag of a template': {
        change: (site) => site.write('library/templates/library/x.html', '{% iff a %}'),
        says: ['library/x.html:1', 'There is no tag "iff".'],
      },
      'in a query': {
        run: ['shell', '-c', 'await Book.objects.filter({ titel: 1 })'],
        says: [/^FieldNameError db\.unknown-field: "titel" is not a field of library\.Book\.\nDid you mean "title"\?/],
      },
    }),
  )('%s', ([, mistake]) => assertTold(mistake))

  test('keep serve from starting', async () => {
    const site = siteOfTest()
    site.edit('library/models.ts', "ordering: ['title']", "ordering: ['titel']")
    told(await site.run(['serve', '--port', '0']), 1, [
      'db.E001',
      'CommandError cli.checks-failed: The checks found an error',
    ])
  })
})

describe.concurrent('apps and files', () => {
  test.for(
    table({
      'an app listed twice': {
        change: (site) => site.edit('settings.ts', 'accounts, library]', 'accounts, library, library]'),
        says: [
          'error apps.E001 apps.duplicate-name',
          'The app "library" is listed twice.',
          'Remove the second from apps',
        ],
      },
      'two apps of one name': {
        change: (site) => site.edit('library/app.ts', "name: 'library'", "name: 'accounts'"),
        run: ['showmigrations'],
        says: ['AppError apps.duplicate-name: Two apps are named "accounts"', 'Rename one of them'],
      },
      'an app that is not there': {
        change: (site) => site.edit('settings.ts', 'accounts, library]', 'accounts, undefined]'),
        says: ['apps.3: must not be undefined: do the modules import one another in a circle?'],
      },
      'an app that is none': {
        change: (site) => site.edit('settings.ts', 'accounts, library]', "accounts, { name: 'x' }]"),
        says: ['apps.3 = {"name":"x"}: must be an app made by defineApp.'],
      },
      'an app with a name that no table can have': {
        change: (site) => site.edit('library/app.ts', "name: 'library'", "name: 'my library'"),
        says: ['AppError apps.bad-name: "my library" is not a name for an app.', 'lower case letters'],
      },
      'a model without an app that others point at': {
        change: (site) => site.edit('library/app.ts', 'models: { Author, Book }', 'models: { Book }'),
        says: ['The model Author belongs to no app.', 'models: { Author }'],
      },
      'views with a syntax error': {
        change: (site) => site.edit('library/views.ts', /$/, '\nconst x = ('),
        says: [/^error urls\.E002$/m, /library\/views\.ts:\d+\n(.*\n)* +const x = \(/],
      },
      'views that throw while they load': {
        change: (site) => site.edit('library/views.ts', /$/, "\nthrow new Error('boom')"),
        says: [/^error urls\.E002$/m, /Error: boom\n +at .*library\/views\.ts:\d+/],
      },
      'a command with the name of a built-in one': {
        change: (site) => site.write('library/commands/check.ts', "export { default } from './hold.ts'\n"),
        code: 0,
        says: [/^warning cli\.W001 library$/m, 'The command "check" of library cannot be called'],
      },
      'a command that is none': {
        change: (site) => site.write('library/commands/bad.ts', 'export default 5\n'),
        run: ['bad'],
        says: ['CommandError cli.not-a-command', 'export default defineCommand('],
      },
      'a command with a syntax error': {
        change: (site) => site.write('library/commands/bad.ts', 'x y\n'),
        run: ['bad'],
        says: [/library\/commands\/bad\.ts:1\nx y/],
      },
    }),
  )('%s', ([, mistake]) => assertTold(mistake))

  test('two copies of nuages are told, with their places', async () => {
    const site = siteOfTest()
    // A second copy as npm would install it: in the node_modules of an app, and already JavaScript.
    const copy = 'shop/node_modules/nuages'
    site.write(`${copy}/package.json`, '{ "name": "nuages", "type": "module", "exports": "./dist/index.js" }')
    site.write(
      `${copy}/dist/index.js`,
      "const key = Symbol.for('nuages.copies')\n;(globalThis[key] ??= new Set()).add(new URL('..', import.meta.url).pathname)\n" +
        `export { defineApp } from '${join(repository, 'src/apps/define.ts')}'\n`,
    )
    site.write(
      'shop/app.ts',
      "import { defineApp } from 'nuages'\nexport const shop = defineApp({ name: 'shop', root: import.meta.url })\n",
    )
    site.edit('settings.ts', /^/, "import { shop } from './shop/app.ts'\n")
    site.edit('settings.ts', 'accounts, library]', 'accounts, library, shop]')
    told(await site.run(['check']), 1, [
      /ConfigurationError std\.two-copies: Nuages is installed 2 times: (.* and )?\S*\/shop\/node_modules\/nuages\//,
      'npm dedupe',
    ])
  })
})

describe.concurrent('command lines', () => {
  test.for(
    table({
      'an unknown command': {
        run: ['migrat'],
        code: 2,
        says: ['There is no command "migrat".\nDid you mean "migrate"?'],
      },
      'a command of an app, where the settings cannot be read': {
        change: (site) => site.edit('settings.ts', /$/, "throw new Error('boom')"),
        run: ['hold'],
        code: 2,
        says: ['There is no command "hold".', 'Commands of apps could not be looked up:\nError: boom'],
      },
      'an unknown option': {
        run: ['migrate', '--pln'],
        code: 2,
        says: ['cli.usage', '--pln', 'Did you mean "--plan"?'],
      },
      'an option without its value': {
        run: ['serve', '--port'],
        code: 2,
        says: ['argument missing', 'Usage: nuages serve'],
      },
      'a port that is none': {
        run: ['serve', '--port', '99999'],

        says: ['cli.bad-port: "99999" in --port is not a port.'],
      },
      'a word too many': { run: ['check', 'a', 'b'], code: 2, says: ['Too many arguments', 'Usage: nuages check'] },
      'a word too few': { run: ['hold'], code: 2, says: ['Missing required argument "milliseconds"'] },
      'an app that is not there': { run: ['migrate', 'librry'], says: ['migrations.unknown-app', 'Apps: '] },
      'a migration that is not there': {
        run: ['migrate', 'library', '0009'],
        says: ['unknown-migration', '0001_initial'],
      },
      'a database that is not there': {
        run: ['migrate', '--database', 'x'],
        says: ['db.unknown-database', 'Databases: default.'],
      },
      'an address that is not ours': {
        run: ['serve', '--port', '0', '--host', '203.0.113.1'],
        says: ['http.cannot-listen', '0.0.0.0'],
      },
      'a syntax error in the shell': {
        run: ['shell', '-c', 'await ('],
        says: [/^CommandError cli\.bad-code: The code cannot be read: /],
      },
    }),
  )('%s', ([, mistake]) => assertTold(mistake))

  test('--trace shows the stack', async () => {
    const { err } = await siteOfTest().run(['migrate', 'librry', '--trace'])
    expect(err).toMatch(/MigrationGraphError migrations\.unknown-app[\s\S]*\n +at /)
  })

  test('the shell can import', async () => {
    const { out } = await siteOfTest().run(['shell', '-c', "(await import('node:path')).sep"])
    expect(out).toBe('/\n')
  })

  test('output that nobody reads ends no command in the middle', async () => {
    const site = siteOfTest()
    const bin = join(repository, 'bin/nuages.js')
    const child = spawn(process.execPath, ['--conditions=nuages-source', bin, 'migrate'], {
      cwd: site.folder,
      env: { ...process.env, SECRET_KEY: 'a key for tests that is long enough to be accepted', NODE_OPTIONS: '' },
    })
    child.stdout.destroy() // as `| head` does
    let err = ''
    child.stderr.on('data', (text) => (err += text))
    expect([await new Promise((done) => child.on('close', done)), err]).toEqual([0, ''])
    expect((await site.run(['migrate', '--check'])).code).toBe(0)
  })
})
