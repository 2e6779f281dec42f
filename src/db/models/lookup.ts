/** Finding models: by label, by what they extend. */
import { definitionOf, lineage } from './definition.ts'
import type { AnyModel } from './meta.ts'
import { type ListOptions, live } from './registry.ts'

/** Every model of the project, in order of the apps; `autoCreated` adds the tables between. */
export function allModels(options?: ListOptions): AnyModel[] {
  return live.models(options)
}
/** How many models were registered: tells whether what was found among them may have changed. */
export function modelCount(): number {
  return live.size
}
/** The model of a label, `library.Book`. @throws ModelError db.unknown-model, with the nearest label */
export function modelByLabel(label: string): AnyModel {
  return live.get(label)
}
/** Whether a model extends an abstract base, directly or through others. */
export function extendsModel(model: object, base: object): boolean {
  const definition = definitionOf(model)
  return definition !== undefined && lineage(definition).some((each) => each.options.extends === base)
}
