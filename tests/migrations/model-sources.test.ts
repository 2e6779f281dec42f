/**
 * MIG-01 … MIG-05, MIG-07, MIG-09, MIG-20: random pairs of models as people declare them, through makemigrations and migrate. Beside
 * pairs.test.ts and random-changes.test.ts, which begin with states: here the state comes from classes, and the
 * operations are written to files and read back. `NUAGES_LONG`, `NUAGES_RUNS`, `NUAGES_SEED` and `NUAGES_PATH` as there.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { isSqlite } from './history.ts'
import { pairOfProjects } from './model-sources/declarations.ts'
import { checkPair } from './model-sources/run.ts'

test('between two declarations makemigrations finds all changes at once, and migrate makes them, with rows, and back', async () => {
  const numRuns = Number(process.env.NUAGES_RUNS ?? (process.env.NUAGES_LONG ? 1000 : isSqlite ? 15 : 3))
  await fc.assert(
    fc.asyncProperty(pairOfProjects, fc.boolean(), async ([from, to], inModels) => {
      fc.pre((await checkPair(from, to, { inModels })) === 'done')
    }),
    {
      numRuns,
      ...(process.env.NUAGES_SEED
        ? { seed: Number(process.env.NUAGES_SEED), path: process.env.NUAGES_PATH ?? '' }
        : {}),
    },
  )
}, 3_600_000)
