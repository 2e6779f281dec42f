/** Rows of files, run on one database of an engine. */
import { readFileSync } from 'node:fs'
import { closeDatabases, configureDatabases } from '../../../src/db/internal.ts'
import type { Engine } from '../backends/fresh.ts'
import { makeAdapter } from './adapter.ts'
import { check, readRows } from './check.ts'
import { loadData, loadModels } from './schema.ts'

// The neutral form is JSON without a schema.
type Any = any

/** Runs the rows of files over the models and data of a folder, and tells of each: null, or what is not as recorded. */
export async function runRows(
  engine: Engine,
  files: readonly string[],
  fixtures: string,
  tell: (row: Any, problem: string | null) => void,
): Promise<void> {
  try {
    const config = await engine.fresh(1)
    configureDatabases({ default: config() })
    const models = loadModels(fixtures)
    await loadData(models, fixtures)
    const run = makeAdapter(models)
    for (const file of files) for (const row of readRows(readFileSync(file, 'utf8'))) tell(row, await check(run, row))
  } finally {
    await closeDatabases()
    await engine.drop()
  }
}
