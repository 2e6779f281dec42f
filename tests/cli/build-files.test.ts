import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { projectFiles } from '../../src/cli/build/files.ts'

const root = mkdtempSync(join(tmpdir(), 'nuages-build-'))
afterAll(() => rmSync(root, { recursive: true }))

test('attack: no database and no secrets go out with a build, whatever a database is called', () => {
  const data = ['db.sqlite3', 'db.sqlite3-wal', 'data.db', 'data.db-shm', 'site.sqlite', 'site.sqlite-journal', '.env']
  for (const name of [...data, '.env.production', 'settings.ts']) writeFileSync(join(root, name), '')
  expect(projectFiles(root, [])).toEqual(['settings.ts'])
})
