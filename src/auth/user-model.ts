import { allModels } from '../db/internal.ts'
import type { AnyModel } from '../db/models/meta.ts'
import type { CurrentUser } from '../http/index.ts'
import { AuthError } from './errors.ts'
import { AbstractUser } from './models.ts'
import { authOptions } from './options.ts'

/** Marks the class that migrations record as swappable. */
const SWAPPABLE = Symbol.for('nuages.swappable')

const extendsUser = (model: AnyModel): boolean => {
  let base = model.meta.options.extends as { options?: { extends?: unknown } } | undefined
  while (base !== undefined) {
    if ((base as unknown) === AbstractUser) return true
    base = base.options?.extends as typeof base
  }
  return false
}

/**
 * The project's user model: the one that extends AbstractUser. In a reusable app's foreign key it stands for whatever
 * the project chose:
 *
 *     owner: () => foreignKey(userModel(), { onDelete: 'cascade' })
 *
 * @throws AuthError auth.no-user-model, auth.several-user-models
 */
export function userModel(): UserModel {
  const wanted = authOptions().user
  const found = allModels().filter((model) =>
    wanted ? model.meta.label === wanted : !model.meta.autoCreated && extendsUser(model),
  )
  const [model, ...more] = found
  if (!model)
    throw new AuthError(
      wanted
        ? `There is no model "${wanted}" (auth.user in settings).`
        : 'No model of this project extends AbstractUser.',
      {
        code: 'auth.no-user-model',
        hint: 'Write `class User extends Model<User>()({}, { extends: AbstractUser }) {}` in an app of yours and list the app in settings.',
      },
    )
  if (more.length)
    throw new AuthError(`Several models extend AbstractUser: ${found.map((each) => each.meta.label).join(', ')}.`, {
      code: 'auth.several-user-models',
      hint: "Say which one signs in: `auth: { user: 'accounts.User' }` in settings.",
    })
  Object.defineProperty(model, SWAPPABLE, { value: 'auth.User', configurable: true })
  return model as unknown as UserModel // the model that Register names, or AbstractUser's own shape
}

/** The class of {@link userModel}, as far as every project's user goes. */
export interface UserModel {
  readonly prototype: CurrentUser
  readonly meta: AnyModel['meta']
  // a QuerySet of a class only the project knows; code here uses the checked-at-run-time door
  readonly objects: any
  new (values?: Record<string, unknown>): CurrentUser
}
