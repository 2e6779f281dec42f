import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import type { ModelTrigger } from '../../models/meta.ts'
import { MigrationStateError } from '../errors.ts'
import type { ModelState } from '../state.ts'
import { bySchema, type Operation } from './operation.ts'

/** A trigger as plain data, for {@link addTrigger}. */
export function trigger(declared: ModelTrigger): ModelTrigger {
  return declared
}

/** What {@link addTrigger} gives. */
export interface AddTrigger extends Operation {
  readonly type: 'addTrigger'
  readonly model: string
  readonly trigger: ModelTrigger
}

/** Adds a trigger to a model's table. */
export function addTrigger(model: string, added: ModelTrigger): AddTrigger {
  return {
    type: 'addTrigger',
    args: [model, added],
    model,
    trigger: added,
    fragment: `${camelToSnake(model)}_${added.name}`,
    describe: () => t('Add trigger {name} to {model}', { name: added.name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => withTriggers(before, (list) => [...list, added])),
    ...bySchema(),
  }
}

/** What {@link removeTrigger} gives. */
export interface RemoveTrigger extends Operation {
  readonly type: 'removeTrigger'
  readonly model: string
  readonly name: string
}

/** Removes a trigger by name. */
export function removeTrigger(model: string, name: string): RemoveTrigger {
  return {
    type: 'removeTrigger',
    args: [model, name],
    model,
    name,
    fragment: `remove_${camelToSnake(model)}_${name}`,
    describe: () => t('Remove trigger {name} from {model}', { name, model }),
    toState: (state, app) =>
      state.update(`${app}.${model}`, (before) => {
        const { triggers = [] } = before.options
        if (!triggers.some((each) => each.name === name)) {
          throw new MigrationStateError(
            `${before.app}.${before.name} has no trigger "${name}" at this point of the history.`,
            {
              code: 'migrations.unknown-trigger',
              hint: `It has: ${triggers.map((each) => each.name).join(', ') || 'none'}.`,
            },
          )
        }
        return withTriggers(before, (list) => list.filter((each) => each.name !== name))
      }),
    ...bySchema(),
  }
}

function withTriggers(model: ModelState, change: (list: readonly ModelTrigger[]) => readonly ModelTrigger[]) {
  const { triggers = [], ...options } = model.options
  const changed = change(triggers)
  return { options: changed.length > 0 ? { ...options, triggers: changed } : options }
}
