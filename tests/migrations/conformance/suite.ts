/** Cases of files, run one after another on one server or on a file each. */
import { readFileSync } from 'node:fs'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import type { Engine } from '../../db/backends/fresh.ts'
import type { MigrationCase } from './format.ts'
import { runCase } from './run.ts'
import { malformed } from './shape.ts'

/** Cases of a file: a list in JSON, or one case a line (`.jsonl`). @throws Error that names file and line */
export function readCases(file: string): MigrationCase[] {
  const text = readFileSync(file, 'utf8')
  if (!file.endsWith('.jsonl')) {
    const cases = parsed(text, file)
    if (!Array.isArray(cases)) throw new Error(`${file} is not a list of cases.`)
    return cases as MigrationCase[] // looked at one by one before they run
  }
  const lines = [...text.split('\n').entries()].filter(([, line]) => line.trim() !== '')
  return lines.map(([i, line]) => parsed(line, `${file}, line ${i + 1},`) as MigrationCase) // the same
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${where} is not JSON: ${(error as Error).message}`, { cause: error })
  }
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
  const wrong = new Map(cases.map((each) => [each, malformed(each)]))
  const own = cases.filter((each) => wrong.get(each) !== null || (each.databases?.includes(name) ?? true))
  const fresh = await engine.fresh(own.length)
  try {
    for (const each of own) {
      const unread = wrong.get(each) ?? null
      if (unread !== null) {
        tell(each, `malformed: ${unread}`)
        continue
      }
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
