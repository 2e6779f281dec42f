import { userModel } from 'nuages/auth'
import { char, foreignKey, Model } from 'nuages/db'

/** What a reusable app would have: a foreign key to whoever the project's user is. */
export class Page extends Model<Page>()({
  title: char({ maxLength: 100 }),
  owner: () => foreignKey(userModel(), { onDelete: 'cascade' }),
}) {}
