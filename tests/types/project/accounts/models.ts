import { AbstractUser } from 'nuages/auth'
import { char, foreignKey, Model, reverse, text } from 'nuages/db'
import { Book } from '../library/models.ts'

export class Tenant extends Model<Tenant>()({ name: text(), users: () => reverse(User, 'tenant') }) {}

export class User extends Model<User>()(
  {
    displayName: char({ maxLength: 100 }),
    tenant: () => foreignKey(Tenant, { null: true, onDelete: 'setNull' }),
    books: () => reverse(Book, 'owner'),
  },
  { extends: AbstractUser, ordering: ['email', '-displayName'] },
) {
  shelf() {
    return Book.objects.published().filter({ owner: this })
  }
  override async hasPerm(permission: string) {
    return permission.startsWith('library.') || super.hasPerm(permission)
  }
}

declare module 'nuages' {
  interface Register {
    user: User
  }
}
declare module 'nuages/http' {
  interface HttpRequest {
    readonly tenant: Tenant | null
  }
}
