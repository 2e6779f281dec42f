/** MIG-05: many files are read as one graph of modules; what each gives and says is what `import()` of it would. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

let folder = ''
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reads files in a process of Node's own: Vitest has another loader. */
function read(how: 'together' | 'apart', files: Readonly<Record<string, string>>) {
  folder = mkdtempSync(join(tmpdir(), 'nuages-import-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const done = spawnSync(process.execPath, [join(import.meta.dirname, 'import-files-child.ts'), how, folder], {
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(done.stderr)
  const text = done.stdout.replaceAll(folder, '<folder>')
  rmSync(folder, { recursive: true })
  // What the child prints; `first`: what had run before a file was asked for.
  return JSON.parse(text) as {
    told: [name: string, what: { default?: unknown; error?: string }][]
    ran: string[]
    first: string[]
  }
}

const runs = (name: string) => `(globalThis.ran ??= []).push('${name}')\n`
const fine = {
  '0001.mts': `${runs('1')}export default 1 as number`,
  '0002.mts': `${runs('2')}await null\nexport default 2`,
  '0003.cjs': `${runs('3')}module.exports = 3`,
  '0004.mjs': `import { x } from './helper.mjs'\n${runs('4')}export default x`,
  'helper.mjs': 'export const x = 4',
  'with space % ü.mts': `${runs('s')}export default 's'`,
}
const broken = {
  'a syntax error': 'export default const',
  'an enum': 'enum X { A }\nexport default X.A',
  'a name that is not exported': "import { y } from './helper.mjs'\nexport default y",
  'an import that leads nowhere': "import './gone.mjs'",
  'an error': `${runs('error')}throw new Error('boom')`,
  'an error after waiting': `${runs('error')}await null\nthrow new Error('boom')`,
  'what is no error': 'throw null',
}

test('MIG-05 files read together export what they would alone, in their order, each run once', () => {
  const together = read('together', fine)
  expect(together.ran).toEqual(['1', '2', '3', '4', 's'])
  expect(together.first).toEqual(together.ran)
  expect(together).toEqual({ ...read('apart', fine), first: together.ran })
})

test.for(Object.entries(broken))(
  'MIG-05 of %s among them is said what import() says, and nothing runs twice',
  ([, text]) => {
    const files = { ...fine, '0003.mts': text }
    const together = read('together', files)
    const apart = read('apart', files)
    expect(together.told).toEqual(apart.told)
    expect(together.told.find(([name]) => name === '0003.mts')![1].error).toBeDefined()
    // What comes after one that awaits does not wait for it, where they are read together.
    expect(together.ran.toSorted()).toEqual(apart.ran.toSorted())
  },
)
