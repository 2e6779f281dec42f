/** An app whose models are a whole module: `import * as models from './models.ts'`. */
import { execFileSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import { defineApp } from '../../src/apps/define.ts'
import * as models from './modules/models.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

test('every model the module exports is the app’s, and nothing else of it', () => {
  const storage = defineApp({ name: 'storage', root: import.meta.url, models })
  expect(Object.keys(storage.models).sort()).toEqual(['Box', 'Shelf'])
  expect(models.Shelf.meta.label).toBe('storage.Shelf')
  expect(models.Elsewhere.meta.label).toBe('elsewhere.Elsewhere')
})

test('in an object that was written out, what is no model is refused', () => {
  expect(() => defineApp({ name: 'other', root: import.meta.url, models: { LIMIT: models.LIMIT } })).toThrow(
    expect.objectContaining({ code: 'apps.bad-model' }),
  )
})

test('a models.ts that imports its app says so, instead of a name that is not initialized', () => {
  // In Node itself: the runner's modules are no real ones while they load.
  const file = new URL('./modules/circle-models.ts', import.meta.url).href
  const code = `import(${JSON.stringify(file)}).catch((error) => console.log(error.code, error.message))`
  const out = execFileSync(process.execPath, ['--eval', code], { encoding: 'utf8' })
  expect(out).toMatch(/^apps\.circular-import models\.Round of the app circle/)
})
