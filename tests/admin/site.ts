import { type TestSite, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import settings from './project/settings.ts'

export * from './visitors.ts'

/** The test project. */
export function adminSite(): TestSite {
  return testSite(settings, runner)
}
