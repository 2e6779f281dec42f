/**
 * Finds what changed between two states and says it as operations, split into migrations that depend on one another.
 * Renames are asked for first and applied to the old state; the rest is a plain difference. After
 * django/db/migrations/autodetector.py; the steps are in detect/, sorting and splitting into files in drafts.ts.
 */
import { Detection, type DetectOptions } from './detect/detection.ts'
import { dropped } from './detect/dropped.ts'
import { changeFields } from './detect/fields.ts'
import { createModels, deleteModels } from './detect/models.ts'
import { addIndexes, changeOptions, dropIndexes } from './detect/options.ts'
import { renameFields, renameModels } from './detect/renames.ts'
import { assertSwapped } from './detect/user-model.ts'
import { type DraftMigration, draftMigrations } from './drafts.ts'

export type { DetectOptions } from './detect/detection.ts'

/**
 * Migrations that make `from` into `to`, in an order in which they can be applied. Empty when nothing changed.
 * @throws UnansweredError for what nobody answered: all of it at once
 * @throws MigrationStateError migrations.no-user-model
 */
export async function detectChanges(options: DetectOptions): Promise<DraftMigration[]> {
  assertSwapped(options)
  const detection = new Detection(options)
  await renameModels(detection)
  await renameFields(detection)
  createModels(detection)
  for (const [before, after] of detection.kept()) {
    dropIndexes(detection, before, after)
    await changeFields(detection, before, after)
    changeOptions(detection, before, after)
    addIndexes(detection, before, after)
  }
  deleteModels(detection)
  const drafts = draftMigrations(detection.drafts, options)
  options.questioner.settle?.(dropped(drafts, options.from))
  return drafts
}
