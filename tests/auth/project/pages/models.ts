import { userModel } from 'nuages/auth'
import { char, foreignKey, Model } from 'nuages/db'

/** What a reusable app would have: a foreign key to whoever the project's user is. */
export class Page extends Model<Page>()(
  {
    title: char({ maxLength: 100 }),
    owner: () => foreignKey(userModel(), { onDelete: 'cascade' }),
  },
  { permissions: [['publish_page', 'Can publish pages']] },
) {}

/** What nobody may change, and so nobody needs a permission for. */
export class Visit extends Model<Visit>()({ path: char({ maxLength: 100 }) }, { defaultPermissions: ['view'] }) {}
