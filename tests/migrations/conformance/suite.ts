/** Cases of files, run one after another on one server or on a file each. */
import { readFileSync } from 'node:fs'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import type { Engine } from '../../db/backends/fresh.ts'
import type { MigrationCase } from './format.ts'
import { runCase } from './run.ts'

/** Cases of a file: a list in JSON, or one case a line (`.jsonl`). */
export function readCases(file: string): MigrationCase[] {
  const text = readFileSync(file, 'utf8')
  if (!file.endsWith('.jsonl')) return JSON.parse(text) as MigrationCase[]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => JSON.parse(line) as MigrationCase)
}

/** The names cases know databases by, of the engines of tests. */
const NAMES: Readonly<Record<string, string>> = {
  SQLite: 'sqlite',
  PostgreSQL: 'postgres',
  PGlite: 'postgres',
  MariaDB: 'mysql',
}

/** Runs cases on empty databases of an engine, and tells of each: null, or what does not hold. Others than its own are left out. */
export async function runCases(
  engine: Engine,
  cases: readonly MigrationCase[],
  tell: (given: MigrationCase, problem: string | null) => void,
): Promise<void> {
  const name = NAMES[engine.name]!
  const own = cases.filter(({ databases }) => databases?.includes(name) ?? true)
  const fresh = await engine.fresh(own.length)
  try {
    for (const each of own) {
      configureDatabases({ default: fresh() })
      await database().open()
      let problem: string | null
      try {
        problem = await runCase(each, name)
      } catch (error) {
        problem = String(error)
      }
      await closeDatabases()
      tell(each, problem)
    }
  } finally {
    await closeDatabases()
    await engine.drop()
  }
}
