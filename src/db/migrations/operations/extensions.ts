/** Extensions of PostgreSQL, which columns and indexes of a migration need. */
import { t } from '../../../i18n/index.ts'
import { MigrationStateError } from '../errors.ts'
import type { Operation } from './operation.ts'

/** What {@link createExtension} gives. */
export interface CreateExtension extends Operation {
  readonly type: 'createExtension'
  readonly name: string
}

/**
 * Installs an extension of PostgreSQL where it is not there yet: `createExtension('btree_gist')`. Going back removes
 * it, which the server refuses while something needs it. Other databases have none: nothing happens there. On PGlite,
 * the database's `extensions` option loads it as well.
 * @throws MigrationStateError migrations.bad-extension for a name with other signs than letters, digits, `_` and `-`
 */
export function createExtension(name: string): CreateExtension {
  // A name cannot be a parameter: nothing else may come into the statement with it.
  if (!/^[a-z][a-z0-9_-]{0,62}$/i.test(name)) {
    throw new MigrationStateError(`"${name.slice(0, 80)}" is not the name of an extension.`, {
      code: 'migrations.bad-extension',
      hint: "Write createExtension('btree_gist').",
    })
  }
  const run =
    (sql: string): Operation['forwards'] =>
    async (step) => {
      if (step.run.vendor === 'postgres' && step.run.allows(step.app, { extension: name })) await step.run.sql(sql)
    }
  return {
    type: 'createExtension',
    args: [name],
    name,
    fragment: `${name.replaceAll('-', '_')}_extension`,
    describe: () => t('Create extension {name}', { name }),
    toState: (state) => state,
    reversible: true,
    forwards: run(`CREATE EXTENSION IF NOT EXISTS "${name}"`),
    backwards: run(`DROP EXTENSION IF EXISTS "${name}"`),
  }
}
