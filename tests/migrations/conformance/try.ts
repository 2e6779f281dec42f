import { readFileSync } from 'node:fs'
process.env.TEST_ENGINE = process.argv[3] ?? 'sqlite'
const { engine } = await import('../../db/backends/fresh.ts')
const { closeDatabases, configureDatabases } = await import('../../../src/db/internal.ts')
const { loadBackends } = await import('../../../src/db/connections.ts')
const { runCase } = await import('./run.ts')
const { readTables } = await import('./facts.ts')
await import('nuages/db')
const make = await engine.fresh(1)
const config = make()
await loadBackends({ default: config })
for (const each of JSON.parse(readFileSync(process.argv[2]!, 'utf8'))) {
  configureDatabases({ default: config })
  try { console.log(each.id, await runCase(each, process.argv[3] ?? 'sqlite')) } catch (error) { console.log(each.id, error) }
  if (process.argv[4]) console.dir([...(await readTables()).values()], { depth: 8 })
  await closeDatabases()
}
await engine.drop()
