import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { interop } from './interop.ts'

const folder = mkdtempSync(join(tmpdir(), 'nuages-django-'))
const shared = (name: string) => ({
  ours: { engine: 'sqlite', url: `sqlite:${join(folder, name)}` },
  django: { ENGINE: 'django.db.backends.sqlite3', NAME: join(folder, name) },
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interop('SQLite', async () => ({
  old: shared('old.sqlite3'),
  empty: shared('empty.sqlite3'),
  third: shared('third.sqlite3'),
  bare: { engine: 'sqlite', url: 'sqlite::memory:' },
}))
