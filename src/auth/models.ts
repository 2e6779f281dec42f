import { AbstractModel, boolean, char, dateTime, foreignKey, Model, manyToMany, unique } from '../db/index.ts'
import { tLazy } from '../i18n/index.ts'
import { ContentType } from './contenttypes/models.ts'
import { signInEmail } from './email.ts'
import { checkPassword, makePassword } from './passwords.ts'
import { permissionsOf } from './permissions.ts'

/** Something a user may be allowed: `library.change_book`. Made for each model after `migrate`. */
export class Permission extends Model<Permission>()(
  {
    name: char({ maxLength: 255, verboseName: tLazy('name') }),
    contentType: () => foreignKey(ContentType, { onDelete: 'cascade', verboseName: tLazy('content type') }),
    codename: char({ maxLength: 100, verboseName: tLazy('codename') }),
  },
  {
    dbTable: 'auth_permission',
    verboseName: tLazy('permission'),
    verboseNamePlural: tLazy('permissions'),
    ordering: ['contentType', 'codename'],
    naturalKey: ['codename', 'contentType'],
    constraints: [unique(['contentType', 'codename'])],
  },
) {
  override toString() {
    return this.name
  }
}

/** A named set of permissions. */
export class Group extends Model<Group>()(
  {
    name: char({ maxLength: 150, unique: true, verboseName: tLazy('name') }),
    permissions: () => manyToMany(Permission, { blank: true, verboseName: tLazy('permissions') }),
  },
  {
    dbTable: 'auth_group',
    ordering: ['name'],
    naturalKey: ['name'],
    verboseName: tLazy('group'),
    verboseNamePlural: tLazy('groups'),
  },
) {
  override toString() {
    return this.name
  }
}

/**
 * What every project's user has: signs in by e-mail, with a hashed password, groups and permissions.
 *
 *     export class User extends Model<User>()({ displayName: char({ maxLength: 100 }) }, { extends: AbstractUser }) {}
 *     declare module 'nuages' { interface Register { user: User } }
 */
export abstract class AbstractUser extends AbstractModel({
  password: char({ maxLength: 128, secret: true, editable: false, default: '!', verboseName: tLazy('password') }),
  lastLogin: dateTime({ null: true, blank: true, editable: false, verboseName: tLazy('last login') }),
  isSuperuser: boolean({ default: false, verboseName: tLazy('superuser'), helpText: tLazy('Has every permission.') }),
  email: signInEmail(),
  isStaff: boolean({ default: false, verboseName: tLazy('staff'), helpText: tLazy('May sign in to the admin.') }),
  isActive: boolean({
    default: true,
    verboseName: tLazy('active'),
    helpText: tLazy('May sign in at all. Untick this instead of deleting an account.'),
  }),
  dateJoined: dateTime({ default: () => new Date(), editable: false, verboseName: tLazy('date joined') }),
  groups: () => manyToMany(Group, { blank: true, verboseName: tLazy('groups') }),
  userPermissions: () => manyToMany(Permission, { blank: true, verboseName: tLazy('user permissions') }),
}) {
  get isAuthenticated(): true {
    return true
  }

  get isAnonymous(): false {
    return false
  }

  /** Hashes and keeps a password; `save()` writes it. null: nothing will open this account. */
  async setPassword(password: string | null): Promise<void> {
    this.password = await makePassword(password)
  }

  /** True when this is the user's password. */
  async checkPassword(password: string): Promise<boolean> {
    return (await checkPassword(password, this.password)).correct
  }

  /** Everything this user may do, own permissions and those of groups: `library.change_book`. One set per instance. */
  permissions(): Promise<ReadonlySet<string>> {
    return permissionsOf(this)
  }

  /** True for a permission such as `library.change_book`; always for an active superuser, never for an inactive user. */
  async hasPerm(permission: string): Promise<boolean> {
    if (!this.isActive) return false
    return this.isSuperuser || (await this.permissions()).has(permission)
  }

  /** True when the user may do anything at all with this app. */
  async hasModulePerms(app: string): Promise<boolean> {
    if (!this.isActive) return false
    if (this.isSuperuser) return true
    for (const permission of await this.permissions()) if (permission.startsWith(`${app}.`)) return true
    return false
  }

  override toString(): string {
    return this.email
  }
}

/** The type of the user until a project names its own; belongs to no app and has no table. */
export class User extends Model<User>()({}, { extends: AbstractUser }) {}
