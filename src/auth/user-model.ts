import type { AnyModel, QuerySet } from '../db/index.ts'
import { allModels, extendsModel, modelCount, SWAPPABLE } from '../db/internal.ts'
import type { CurrentUser } from '../http/index.ts'
import { AuthError } from './errors.ts'
import { AbstractUser } from './models.ts'
import { authOptions } from './options.ts'

/** What migrations of apps that are shared between projects write in place of the class. */
const ORIGINAL = 'auth.User'

/** The class that {@link userModel} gives: what is known of every project's user. */
export interface UserModel {
  readonly name: string
  readonly prototype: CurrentUser
  readonly meta: AnyModel['meta']
  readonly objects: QuerySet<CurrentUser>
  new (values?: Record<string, unknown>): CurrentUser
}

/**
 * The project's user model: the one that extends AbstractUser. In a reusable app's foreign key it stands for whatever
 * the project chose:
 *
 *     owner: () => foreignKey(userModel(), { onDelete: 'cascade' })
 *
 * Call it inside arrows and functions, never while modules load: the apps have to be imported first.
 *
 * @throws AuthError auth.no-user-model, auth.several-user-models
 */
export function userModel(): UserModel {
  const { user: wanted } = authOptions()
  // Asked for at each request of somebody signed in.
  if (last === null || last.wanted !== wanted || last.count !== modelCount()) {
    last = { wanted, model: findUserModel(wanted), count: modelCount() }
  }
  return last.model
}

let last: { readonly wanted: string | null; readonly count: number; readonly model: UserModel } | null = null

function findUserModel(wanted: string | null): UserModel {
  const users = allModels().filter((model) => extendsModel(model, AbstractUser))
  const found = wanted === null ? users : users.filter((model) => model.meta.label === wanted)
  const [model] = found
  if (model === undefined) throw noUserModel(wanted, users)
  if (found.length > 1)
    throw new AuthError(`Several models extend AbstractUser: ${labels(found)}.`, {
      code: 'auth.several-user-models',
      hint: `Say which one signs in: auth: { user: '${model.meta.label}' } in settings.`,
    })
  if (!Object.hasOwn(model, SWAPPABLE)) Object.defineProperty(model, SWAPPABLE, { value: ORIGINAL, configurable: true })
  return model as unknown as UserModel // it extends AbstractUser, and is the one that Register names
}

function noUserModel(wanted: string | null, users: readonly AnyModel[]): AuthError {
  if (wanted !== null)
    return new AuthError(`No model ${wanted} extends AbstractUser; the setting auth.user names it.`, {
      code: 'auth.no-user-model',
      hint: users.length > 0 ? `Models that do: ${labels(users)}.` : 'Is its app listed in settings?',
    })
  return new AuthError('No model of this project extends AbstractUser.', {
    code: 'auth.no-user-model',
    hint: 'Write `class User extends Model<User>()({}, { extends: AbstractUser }) {}` in an app of yours, and list the app in settings.',
  })
}

const labels = (models: readonly AnyModel[]): string => models.map((model) => model.meta.label).join(', ')
