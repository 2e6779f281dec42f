import { char, Model } from 'nuages/db'

export class Book extends Model<Book>()({
  title: char({ maxLength: 200 }),
}) {}
