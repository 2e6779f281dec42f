import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { runtimeImports } from '../../scripts/arrows.ts'

const src = join(import.meta.dirname, '../../src')

/** Files that a file loads at once, itself included. */
function loadedBy(file: string): string[] {
  const imports = runtimeImports(src)
  const seen = new Set([join(src, file)])
  for (const from of seen) for (const each of imports) if (each.from === from) seen.add(each.to)
  return [...seen].map((path) => relative(src, path))
}

test.each(['http/index.ts', 'urls/index.ts', 'middleware/index.ts'])(
  '%s loads no users, sessions or database',
  (door) => {
    const rooms = loadedBy(door).filter((file) => /^(auth|sessions|messages|db|forms|templates)\//.test(file))
    expect(rooms).toEqual([])
  },
)

test.each(['auth/index.ts', 'auth/app.ts', 'admin/index.ts', 'sessions/index.ts'])(
  '%s loads no migrations: only commands run them',
  (door) => {
    const files = loadedBy(door).filter((file) => file.startsWith('db/migrations/'))
    expect(files.filter((file) => file !== 'db/migrations/signals.ts')).toEqual([])
  },
)

test('the models of auth load neither views, forms, templates nor the admin', () => {
  const rooms = loadedBy('auth/models.ts').filter((file) => /^(forms|templates|admin|cli)\/|views/.test(file))
  expect(rooms).toEqual([])
})
