/** Operations in the form that lets others read and write a large table meanwhile. */
import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import type { ModelConstraint, ModelIndex } from '../../models/meta.ts'
import { renderState } from '../render.ts'
import { addConstraint, addIndex, removeIndex } from './indexes.ts'
import { bySchema, type Operation, stateOnly } from './operation.ts'

/** What {@link addIndexConcurrently} gives. */
export interface AddIndexConcurrently extends Operation {
  readonly type: 'addIndexConcurrently'
  readonly model: string
  readonly index: ModelIndex
}

/**
 * Adds an index while others write to the table: `CREATE INDEX CONCURRENTLY` on PostgreSQL, which is part of no
 * transaction (the migration says `atomic: false`). One that a failure left invalid is dropped and built again by the
 * next run. On other databases the same as `addIndex`.
 */
export function addIndexConcurrently(model: string, added: ModelIndex): AddIndexConcurrently {
  return {
    ...addIndex(model, added),
    type: 'addIndexConcurrently',
    apart: 'postgres',
    describe: () => t('Add index {name} to {model} concurrently', { name: added.name, model }),
    ...bySchema(() => ({ online: 'whole' })),
  }
}

/** What {@link removeIndexConcurrently} gives. */
export interface RemoveIndexConcurrently extends Operation {
  readonly type: 'removeIndexConcurrently'
  readonly model: string
  readonly name: string
}

/** Removes an index while others use the table; as {@link addIndexConcurrently}. */
export function removeIndexConcurrently(model: string, name: string): RemoveIndexConcurrently {
  return {
    ...removeIndex(model, name),
    type: 'removeIndexConcurrently',
    apart: 'postgres',
    describe: () => t('Remove index {name} from {model} concurrently', { name, model }),
    ...bySchema(() => ({ online: 'whole' })),
  }
}

/** What {@link addConstraintNotValid} gives. */
export interface AddConstraintNotValid extends Operation {
  readonly type: 'addConstraintNotValid'
  readonly model: string
  readonly constraint: ModelConstraint
}

/**
 * Adds a check that holds for rows written from now on: those that are there are not looked at, so that the table is
 * locked for a moment only (PostgreSQL). {@link validateConstraint}, in a later migration, looks at them. On other
 * databases the same as `addConstraint`.
 */
export function addConstraintNotValid(model: string, added: ModelConstraint): AddConstraintNotValid {
  return {
    ...addConstraint(model, added),
    type: 'addConstraintNotValid',
    describe: () => t('Add constraint {name} to {model}, for new rows', { name: added.name, model }),
    ...bySchema(() => ({ online: 'unchecked' })),
  }
}

/** What {@link validateConstraint} gives. */
export interface ValidateConstraint extends Operation {
  readonly type: 'validateConstraint'
  readonly model: string
  readonly name: string
}

/**
 * Looks at the rows that were there before {@link addConstraintNotValid}, while others read and write. In a migration of
 * its own: in one transaction with the other, the table would be locked all the time.
 */
export function validateConstraint(model: string, name: string): ValidateConstraint {
  return {
    ...stateOnly,
    type: 'validateConstraint',
    args: [model, name],
    model,
    name,
    fragment: `validate_${camelToSnake(model)}_${name}`,
    describe: () => t('Validate constraint {name} of {model}', { name, model }),
    toState(state, app) {
      state.get(`${app}.${model}`)
      return state
    },
    async forwards({ app, to, run }) {
      if (run.vendor !== 'postgres' || !run.allows(app, { model: `${app}.${model}` })) return
      const { table } = renderState(to).get(`${app}.${model}`).meta
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
      await run.sql(`ALTER TABLE ${quote(table)} VALIDATE CONSTRAINT ${quote(name)}`)
    },
  }
}
