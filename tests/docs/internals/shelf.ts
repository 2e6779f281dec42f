// shelf/models.ts
import { char, foreignKey, integer, Model } from 'nuages/db'

export class Author extends Model<Author>()({
  name: char({ maxLength: 100 }),
}) {}

export class Book extends Model<Book>()({
  title: char({ maxLength: 200 }),
  pages: integer({ default: 0 }),
  author: () => foreignKey(Author, { onDelete: 'cascade' }),
}) {}
