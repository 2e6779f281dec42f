/** The real Django: `project.py`, run as a process of its own. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Where Debian installs Django. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3'

/** Settings of a database, as Django's DATABASES takes them. */
export type DjangoDatabase = Readonly<Record<string, unknown>>

/** Runs a command of the project, and gives what it prints. */
export function django(database: DjangoDatabase, words: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(import.meta.dirname, 'project.py'), ...words], {
    env: { ...process.env, DATABASE: JSON.stringify(database), PYTHONIOENCODING: 'utf-8' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(input !== undefined && { input }),
  })
  if (status !== 0) throw new Error(`Django: ${words.join(' ')}: ${stderr || 'python3 did not start'}`)
  return stdout
}
