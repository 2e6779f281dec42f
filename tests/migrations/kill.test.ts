import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const child = join(import.meta.dirname, 'kill-child.ts')

/** Runs the child, killing it after so many operations; gives what it printed. */
function runChild(file: string, killAfter: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [child, file, ...(Number.isFinite(killAfter) ? ['wait'] : [])]
    const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let problems = ''
    running.stderr.on('data', (part) => (problems += part))
    running.stdout.on('data', (part: Buffer) => {
      printed += part
      if (printed.length >= killAfter) running.kill('SIGKILL')
    })
    running.on('close', (code) => (code === 0 || code === null ? resolve(printed) : reject(new Error(problems))))
  })
}

/** Applied migrations, and the tables with their columns. */
function look(file: string) {
  const db = new DatabaseSync(file)
  const names = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join(' '))
  const applied = names("select name from sqlite_master where name = 'nuages_migrations'").length
    ? names('select name from nuages_migrations order by id')
    : []
  const tables = names("select name from sqlite_master where type = 'table' and name like 'library%' order by 1")
  const columns = tables.includes('library_book') ? names("select name from pragma_table_info('library_book')") : []
  const broken = names('pragma foreign_key_check').concat(
    names('pragma integrity_check').filter((line) => line !== 'ok'),
  )
  db.close()
  return { applied, tables, columns, broken }
}

test('killed at any operation, the file is as before or after a migration, and the next run completes it', async () => {
  for (const killAfter of [1, 2, 3, 4, 5]) {
    const folder = mkdtempSync(join(tmpdir(), 'nuages-kill-'))
    const file = join(folder, 'test.sqlite3')
    await runChild(file, killAfter)
    const killed = look(file)
    expect(killed.broken).toEqual([])
    if (killed.applied.length === 0) expect(killed.tables).toEqual([])
    if (killed.applied.length === 1) expect(killed.columns).toEqual(['id', 'author_id'])
    expect(await runChild(file, Number.POSITIVE_INFINITY)).toMatch(/done$/)
    expect(look(file)).toEqual({
      applied: ['0001_initial', '0002_pages'],
      tables: ['library_author', 'library_book'],
      columns: ['id', 'author_id', 'pages', 'isbn'],
      broken: [],
    })
    rmSync(folder, { recursive: true })
  }
})
