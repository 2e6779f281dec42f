/** A new class that is the user from now on, beside the one that was it. */
import { t } from '../../../i18n/index.ts'
import { MigrationStateError } from '../errors.ts'
import { isUserModel } from '../migration.ts'
import type { DetectOptions } from './detection.ts'

/** What tells a user model from others: `AbstractUser` brings them. */
const MARKS = ['password', 'lastLogin', 'isSuperuser']

/**
 * Refuses a new user model while the one before stays a model: what refers to the user would be of the new one's empty
 * table, and of what is in the database nothing would follow.
 * @throws MigrationStateError migrations.no-user-model
 */
export function assertSwapped({ from, to, graph }: Pick<DetectOptions, 'from' | 'to' | 'graph'>): void {
  const { user } = to
  if (user === null || from.user === null || from.find(from.user) !== null) return
  if (!graph.all().some(({ dependencies }) => dependencies?.some(isUserModel))) return
  const stays = [...from.models].find(
    ([label, { fields }]) => to.find(label) !== null && MARKS.every((name) => name in fields),
  )
  if (stays === undefined) return
  const [old] = stays
  throw new MigrationStateError(
    t('The user model {user} is in no migration yet, and {old}, which was the user model, is still there.', {
      user,
      old,
    }),
    {
      code: 'migrations.no-user-model',
      hint: t(
        'To swap it with its rows, and with what refers to them: take the class {old} away, then nuages makemigrations --rename {old}:{user}. To add another model, let auth.user name {old}.',
        { old, user },
      ),
    },
  )
}
