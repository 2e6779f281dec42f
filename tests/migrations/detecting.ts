/** Runs the autodetector on small states and says what it made, in lines that tests compare. */
import { expect } from 'vitest'
import { detectChanges } from '../../src/db/migrations/autodetector.ts'
import type { DraftMigration } from '../../src/db/migrations/drafts.ts'
import { MigrationGraph } from '../../src/db/migrations/graph.ts'
import { type Answers, FlagQuestioner } from '../../src/db/migrations/questioner.ts'
import { differingModel, type ModelState, ProjectState } from '../../src/db/migrations/state.ts'

const at = new Date('2026-01-31T09:30:00Z')

export interface Detected {
  readonly before?: readonly ModelState[]
  readonly after: readonly ModelState[]
  readonly answers?: Answers
  readonly user?: string
}

/** What is made of the models before and after: apps that had models have a migration. Sees that it leads to those after. */
export async function detect({ before = [], after, answers = {}, user }: Detected): Promise<DraftMigration[]> {
  const [from, to] = [new ProjectState(before, user ?? null), new ProjectState(after, user ?? null)]
  const apps = [...new Set(before.map((each) => each.app))]
  const graph = new MigrationGraph(
    apps.map((app) => ({ app, name: '0001_initial', file: null, operations: [], dependencies: [] })),
  )
  const made = await detectChanges({ from, to, graph, questioner: new FlagQuestioner(answers), at })
  let reached = from
  for (const draft of made) for (const each of draft.operations) reached = each.toState(reached, draft.app)
  expect(differingModel(reached, to)).toBe(null)
  return made
}

/** `app.0001_name (what it depends on): what it does` */
export function said(made: readonly DraftMigration[]): string[] {
  return made.map((each) => {
    const needs = each.dependencies.map((one) => (Array.isArray(one) ? one.join('.') : 'the user')).sort()
    const does = each.operations.map((operation) => operation.describe()).join('; ')
    return `${each.app}.${each.name} (${needs.join(', ')}): ${does}`
  })
}
