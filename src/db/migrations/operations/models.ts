import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import { MigrationStateError } from '../errors.ts'
import type { FieldStates, ModelStateOptions, ProjectState } from '../state.ts'
import { bySchema, calledWith, type Operation } from './operation.ts'

/** What {@link createModel} gives. */
export interface CreateModel extends Operation {
  readonly type: 'createModel'
  readonly name: string
  readonly fields: FieldStates
  readonly options: ModelStateOptions
}

/** Creates a model and its table. */
export function createModel(name: string, fields: FieldStates, options: ModelStateOptions = {}): CreateModel {
  return {
    type: 'createModel',
    args: calledWith(name, fields, options),
    name,
    fields,
    options,
    fragment: camelToSnake(name),
    describe: () => t('Create model {name}', { name }),
    toState(state, app) {
      assertFree(state, `${app}.${name}`)
      return state.with({ app, name, fields, options })
    },
    ...bySchema(),
  }
}

/** What {@link deleteModel} gives. */
export interface DeleteModel extends Operation {
  readonly type: 'deleteModel'
  readonly name: string
}

/** Deletes a model, its table and every row in it. */
export function deleteModel(name: string): DeleteModel {
  return {
    type: 'deleteModel',
    args: [name],
    name,
    fragment: `delete_${camelToSnake(name)}`,
    describe: () => t('Delete model {name}', { name }),
    toState(state, app) {
      state.get(`${app}.${name}`)
      return state.without(`${app}.${name}`)
    },
    ...bySchema(),
  }
}

/** What {@link renameModel} gives. */
export interface RenameModel extends Operation {
  readonly type: 'renameModel'
  readonly oldName: string
  readonly newName: string
}

/** Renames a model, its table unless it is named by hand, and every relation to it. Rows are kept. */
export function renameModel(oldName: string, newName: string): RenameModel {
  return {
    type: 'renameModel',
    args: [oldName, newName],
    oldName,
    newName,
    fragment: `rename_${camelToSnake(oldName)}_${camelToSnake(newName)}`,
    describe: () => t('Rename model {oldName} to {newName}', { oldName, newName }),
    toState(state, app) {
      state.get(`${app}.${oldName}`)
      assertFree(state, `${app}.${newName}`)
      return state.rename(`${app}.${oldName}`, `${app}.${newName}`)
    },
    ...bySchema((app) => ({ renamedModels: { [`${app}.${oldName}`]: `${app}.${newName}` } })),
  }
}

/** What {@link moveModel} gives. */
export interface MoveModel extends Operation {
  readonly type: 'moveModel'
  /** The label it had. */
  readonly from: string
  readonly name: string
}

/**
 * Takes a model over from another app: `moveModel('accounts.User', 'Person')` in a migration of `people`. Its table is
 * renamed unless it is named by hand, every relation follows, and rows are kept. Where it is the user model, what came
 * before means the old one by `userModel`, and what comes after the new one.
 */
export function moveModel(from: string, name: string): MoveModel {
  return {
    type: 'moveModel',
    args: [from, name],
    from,
    name,
    fragment: `move_${camelToSnake(from.replace('.', '_'))}_${camelToSnake(name)}`,
    describe: () => t('Move model {from} here as {name}', { from, name }),
    toState(state, app) {
      state.get(from)
      assertFree(state, `${app}.${name}`)
      return state.rename(from, `${app}.${name}`)
    },
    ...bySchema((app) => ({ renamedModels: { [from]: `${app}.${name}` } })),
  }
}

/** Options that {@link alterModelOptions} sets; those not given go back to their default. */
export type AlterableOptions = Pick<
  ModelStateOptions,
  'ordering' | 'orderWithRespectTo' | 'managed' | 'primaryKey' | 'comment'
>
const alterable = ['ordering', 'orderWithRespectTo', 'managed', 'primaryKey', 'comment'] as const

/** What {@link alterModelOptions} gives. */
export interface AlterModelOptions extends Operation {
  readonly type: 'alterModelOptions'
  readonly name: string
  readonly options: AlterableOptions
}

/** Replaces a model's ordering, `managed` and composite key. */
export function alterModelOptions(name: string, options: AlterableOptions): AlterModelOptions {
  return {
    type: 'alterModelOptions',
    args: [name, options],
    name,
    options,
    fragment: `alter_${camelToSnake(name)}_options`,
    describe: () => t('Change options of {name}', { name }),
    toState: (state, app) =>
      state.update(`${app}.${name}`, (model) => {
        const kept: Record<string, unknown> = { ...model.options }
        for (const key of alterable) delete kept[key]
        return { options: { ...kept, ...options } }
      }),
    ...bySchema(),
  }
}

/** What {@link alterModelTable} gives. */
export interface AlterModelTable extends Operation {
  readonly type: 'alterModelTable'
  readonly name: string
  readonly table: string | null
}

/** Renames a model's table; null gives it the default name. */
export function alterModelTable(name: string, table: string | null): AlterModelTable {
  return {
    type: 'alterModelTable',
    args: [name, table],
    name,
    table,
    fragment: `alter_${camelToSnake(name)}_table`,
    describe: () =>
      table === null
        ? t('Rename the table of {name} to its default', { name })
        : t('Rename the table of {name} to {table}', { name, table }),
    toState: (state, app) =>
      state.update(`${app}.${name}`, (model) => {
        const { dbTable: _, ...options } = model.options
        return { options: table === null ? options : { dbTable: table, ...options } }
      }),
    ...bySchema(),
  }
}

function assertFree(state: ProjectState, label: string): void {
  if (state.find(label) === null) return
  throw new MigrationStateError(`There is already a model ${label} at this point of the history.`, {
    code: 'migrations.model-exists',
    hint: 'Two migrations create it: remove one, or make one depend on the other.',
  })
}
