import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Watcher } from '../../src/cli/dev/watcher.ts'

test('CMD-03 a save is told; what npm does in node_modules is not, though apps are installed there', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'nuages-watch-')))
  const installed = join(root, 'node_modules/blog/dist')
  for (const folder of [installed, join(root, 'node_modules/other'), join(root, 'main')])
    mkdirSync(folder, { recursive: true })
  for (const file of ['main/models.ts', 'node_modules/blog/dist/app.js', 'node_modules/other/index.js'])
    writeFileSync(join(root, file), '')
  const changed: string[] = []
  const watcher = new Watcher(root, (paths) => changed.push(...paths))
  await watcher.ready
  try {
    watcher.add([installed, join(root, 'main')], [])
    watcher.add([installed, join(root, 'main')], [])
    await sleep(100)
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}') // what npm and npx do
    utimesSync(join(root, 'node_modules'), new Date(), new Date())
    utimesSync(root, new Date(), new Date())
    writeFileSync(join(root, 'main/models.ts'), 'export {}')
    await expect.poll(() => changed.length).toBeGreaterThan(0)
    await sleep(300)
    expect([...new Set(changed)]).toEqual([join(root, 'main/models.ts')])
  } finally {
    await watcher.close()
    rmSync(root, { recursive: true })
  }
})
