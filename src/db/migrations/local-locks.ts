/** One migrator at a time where no server keeps locks: beside a file of SQLite, and for PGlite within the process. */
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqlite, type SqliteDatabase } from '../backends/sqlite/sqlite.ts'

/** Milliseconds between two tries. */
const EVERY = 100

/**
 * Runs `fn` while this process alone holds the file `<path>-migrating`, an empty database that is locked: the system
 * gives the lock back when the process dies, and the next one removes the file.
 */
export async function besideFile<T>(path: string, fn: () => Promise<T>, onWaiting: () => void): Promise<T> {
  const file = `${path}-migrating`
  let held = tryFile(file)
  if (held === 'busy') {
    onWaiting()
    do {
      await sleep(EVERY)
      held = tryFile(file)
    } while (held === 'busy')
  }
  // In such a folder SQLite could not write either: migrating says so.
  if (held === 'impossible') return fn()
  try {
    return await fn()
  } finally {
    // First the file, then its lock: nobody may get the lock of a file that is about to go.
    rmSync(file, { force: true, maxRetries: 0 })
    held.close()
  }
}

function tryFile(file: string): SqliteDatabase | 'busy' | 'impossible' {
  let opened: SqliteDatabase | null = null
  try {
    writeFileSync(file, '', { flag: 'a' })
    const before = statSync(file).ino
    opened = openSqlite(file)
    opened.exec('BEGIN EXCLUSIVE')
    // The one before may have removed it since: then others lock another file of that name.
    if (statSync(file, { throwIfNoEntry: false })?.ino === before) return opened
    opened.close()
    return 'busy'
  } catch (error) {
    opened?.close()
    return opened !== null && isBusy(error) ? 'busy' : 'impossible'
  }
}

function isBusy(error: unknown): boolean {
  return /\b(locked|busy)\b/.test(String(error))
}

const running = new Map<string, Promise<unknown>>()

/** Runs `fn` once nothing else of that name runs in this process. */
export async function withinProcess<T>(name: string, fn: () => Promise<T>, onWaiting: () => void): Promise<T> {
  const before = running.get(name)
  if (before !== undefined) onWaiting()
  const mine = (before ?? Promise.resolve()).then(fn, fn)
  running.set(name, mine)
  try {
    return await mine
  } finally {
    if (running.get(name) === mine) running.delete(name)
  }
}
