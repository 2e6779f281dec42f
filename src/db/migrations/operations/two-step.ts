/**
 * A rename in two steps, for code of two versions that run side by side: first both columns, kept the same by triggers,
 * then, when the old code is gone, the new one alone.
 */
import { t } from '../../../i18n/index.ts'
import { camelToSnake } from '../../../std/text.ts'
import type { ModelTrigger } from '../../models/meta.ts'
import { MigrationStateError } from '../errors.ts'
import { renderState } from '../render.ts'
import { type FieldState, fieldOptions, type ProjectState } from '../state.ts'
import { renameInOptions } from './fields.ts'
import type { Operation } from './operation.ts'

/** What {@link expandRename} gives. */
export interface ExpandRename extends Operation {
  readonly type: 'expandRename'
  readonly model: string
  readonly oldName: string
  readonly newName: string
}

/**
 * The first step: the new column beside the old one, with what the old one holds. Until {@link contractRename} both may
 * be null, and triggers write to each what is written to the other: code of either version reads what both wrote.
 */
export function expandRename(model: string, oldName: string, newName: string): ExpandRename {
  const names = (app: string) => ({ label: `${app}.${model}`, oldName, newName })
  return {
    type: 'expandRename',
    args: [model, oldName, newName],
    model,
    oldName,
    newName,
    fragment: `expand_${camelToSnake(model)}_${camelToSnake(newName)}`,
    reversible: true,
    describe: () => t('Rename field {oldName} of {model} to {newName}: both for a time', { oldName, model, newName }),
    toState: (state, app) => expanded(state, names(app)),
    async forwards(step) {
      await step.run.transform(step.from, step.to, {})
      await step.run.copyColumn(step.to, names(step.app).label, oldName, newName)
    },
    backwards: ({ from, to, run }) => run.transform(from, to, { restoring: true }),
  }
}

/** What {@link contractRename} gives. */
export interface ContractRename extends Operation {
  readonly type: 'contractRename'
  readonly model: string
  readonly oldName: string
  readonly newName: string
  readonly field: FieldState
}

/** The second step: the old column goes, and the new one becomes what the field says. No code uses the old name any more. */
export function contractRename(model: string, oldName: string, newName: string, field: FieldState): ContractRename {
  return {
    type: 'contractRename',
    args: [model, oldName, newName, field],
    model,
    oldName,
    newName,
    field,
    fragment: `contract_${camelToSnake(model)}_${camelToSnake(newName)}`,
    reversible: true,
    describe: () => t('Rename field {oldName} of {model} to {newName}: the new one alone', { oldName, model, newName }),
    toState(state, app) {
      const label = `${app}.${model}`
      state.field(label, oldName)
      state.field(label, newName)
      const prefix = syncName(model, newName)
      return state.update(label, (before) => {
        const { [oldName]: _, ...fields } = before.fields
        const { triggers = [], ...options } = renameInOptions(before.options, oldName, newName)
        const kept = triggers.filter(({ name }) => !name.startsWith(prefix))
        return {
          fields: { ...fields, [newName]: field },
          options: kept.length > 0 ? { ...options, triggers: kept } : options,
        }
      })
    },
    async forwards({ app, from, to, run }) {
      // PostgreSQL validates what the new column must be while others write; then the old one goes in a moment.
      const online = run.atomic || run.vendor !== 'postgres' ? {} : ({ online: 'whole' } as const)
      const between = from.update(`${app}.${model}`, ({ fields }) => ({ fields: { ...fields, [newName]: field } }))
      if (online.online) await run.transform(from, between, online)
      await run.transform(online.online ? between : from, to, online)
    },
    async backwards({ app, from, to, run }) {
      await run.transform(from, to, { restoring: true })
      await run.copyColumn(to, `${app}.${model}`, newName, oldName)
    },
  }
}

interface Names {
  readonly label: string
  readonly oldName: string
  readonly newName: string
}

function expanded(state: ProjectState, { label, oldName, newName }: Names): ProjectState {
  const old = state.field(label, oldName)
  if (state.get(label).fields[newName] !== undefined) {
    throw new MigrationStateError(`${label} already has a field "${newName}" at this point of the history.`, {
      code: 'migrations.field-exists',
      hint: 'Name one that is free.',
    })
  }
  const { primaryKey } = fieldOptions(old)
  if (primaryKey || old.builder === 'manyToMany' || old.builder === 'generated' || old.builder === 'autoId') {
    throw new MigrationStateError(`${label}.${oldName} cannot be renamed in two steps.`, {
      code: 'migrations.no-two-steps',
      hint: 'Keys, generated and many-to-many fields have no column that a second could follow: use renameField.',
    })
  }
  const both = state.update(label, (before) => ({
    fields: { ...before.fields, [oldName]: withOptions(old, {}), [newName]: withOptions(old, ALONE) },
  }))
  const [table, key, from, to] = columns(both, label, oldName, newName)
  return both.update(label, (before) => ({
    options: {
      ...before.options,
      triggers: [
        ...(before.options.triggers ?? []),
        ...syncTriggers(label.split('.')[1]!, newName, { table, key, from, to }),
      ],
    },
  }))
}

/** What only one of two columns can be, or what would fill the new one with something else than the old. */
const ALONE = {
  unique: undefined,
  index: false,
  dbDefault: undefined,
  default: undefined,
  dbColumn: undefined,
  relatedName: '+',
}

/** The same field, null allowed. */
function withOptions(field: FieldState, changes: Readonly<Record<string, unknown>>): FieldState {
  const options: Record<string, unknown> = { ...fieldOptions(field), ...changes, null: true }
  if (field.builder !== 'foreignKey' && field.builder !== 'oneToOne') delete options.relatedName
  for (const [name, value] of Object.entries(options)) if (value === undefined) delete options[name]
  const given = Object.keys(fieldOptions(field)).length > 0 ? field.args.slice(0, -1) : field.args
  // A one-to-one is unique by what it is: until the second step the new one is a plain reference.
  const builder = field.builder === 'oneToOne' && 'unique' in changes ? 'foreignKey' : field.builder
  return { builder, args: [...given, options] }
}

function columns(
  state: ProjectState,
  label: string,
  oldName: string,
  newName: string,
): readonly [string, string, string, string] {
  const { meta } = renderState(state).get(label)
  const [from, to] = [oldName, newName].map((name) => meta.fields.get(name)!.parts) // both are in the state
  if (from!.length !== 1 || to!.length !== 1 || meta.pk.length !== 1) {
    throw new MigrationStateError(`${label}.${oldName} cannot be renamed in two steps: it has several columns.`, {
      code: 'migrations.no-two-steps',
      hint: 'Use renameField, or a table with a key of one column.',
    })
  }
  return [meta.table, meta.pk[0]!.column!, from![0]!.column!, to![0]!.column!] // parts are columns
}

/** Every database takes this in migrations; see the mode ANSI_QUOTES of MariaDB's sessions. */
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

function syncName(model: string, name: string): string {
  return `sync_${camelToSnake(model)}_${camelToSnake(name)}`.slice(0, 55)
}

/** Code of the new version never writes the old column, nor the other way round: what was written last is the one that changed. */
function syncTriggers(
  model: string,
  name: string,
  {
    table,
    key,
    from,
    to,
  }: { readonly table: string; readonly key: string; readonly from: string; readonly to: string },
): ModelTrigger[] {
  const [o, n, k, of] = [from, to, key, table].map(quote)
  const make = (
    event: 'insert' | 'update',
    sql: { postgres: string; mysql: string; sqlite: string },
  ): ModelTrigger[] => {
    const base = { on: [event], name: `${syncName(model, name)}_${event.slice(0, 3)}` } as const
    // SQLite changes a row once it is written, the others before: one trigger for each.
    const { sqlite, ...others } = sql
    return [
      { ...base, when: 'before', do: { t: 'sql', sql: others } },
      { ...base, name: `${base.name}_a`, when: 'after', do: { t: 'sql', sql: { sqlite } } },
    ]
  }
  return [
    ...make('insert', {
      postgres: `IF NEW.${n} IS NULL THEN NEW.${n} := NEW.${o}; ELSE NEW.${o} := NEW.${n}; END IF;`,
      mysql: `IF NEW.${n} IS NULL THEN SET NEW.${n} = NEW.${o}; ELSE SET NEW.${o} = NEW.${n}; END IF;`,
      sqlite: `UPDATE ${of} SET ${n} = COALESCE(NEW.${n}, NEW.${o}), ${o} = COALESCE(NEW.${n}, NEW.${o}) WHERE ${k} = NEW.${k};`,
    }),
    ...make('update', {
      postgres: `IF NEW.${n} IS DISTINCT FROM OLD.${n} THEN NEW.${o} := NEW.${n}; ELSIF NEW.${o} IS DISTINCT FROM OLD.${o} THEN NEW.${n} := NEW.${o}; END IF;`,
      mysql: `IF NOT (NEW.${n} <=> OLD.${n}) THEN SET NEW.${o} = NEW.${n}; ELSEIF NOT (NEW.${o} <=> OLD.${o}) THEN SET NEW.${n} = NEW.${o}; END IF;`,
      sqlite:
        `UPDATE ${of} SET ${n} = CASE WHEN NEW.${n} IS NOT OLD.${n} THEN NEW.${n} ELSE NEW.${o} END, ` +
        `${o} = CASE WHEN NEW.${n} IS NOT OLD.${n} THEN NEW.${n} ELSE NEW.${o} END ` +
        `WHERE ${k} = NEW.${k} AND NEW.${n} IS NOT NEW.${o};`,
    }),
  ]
}
