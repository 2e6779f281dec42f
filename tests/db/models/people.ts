import { boolean, char, date, decimal, email, foreignKey, Model, oneToOne, reverse, reverseOne, text } from 'nuages/db'
import { Timestamped } from './bases.ts'
import { Book } from './library.ts'

export class Company extends Model<Company>()({ name: text(), authors: () => reverse(Author, 'company') }) {}

export class Author extends Model<Author>()(
  {
    name: char({ maxLength: 100 }),
    email: email({ unique: true }),
    password: char({ maxLength: 128, secret: true, default: '!' }),
    bornOn: date({ null: true }),
    active: boolean({ default: true }),
    royalty: decimal({ maxDigits: 6, decimalPlaces: 3, default: '0.100' }),
    company: () => foreignKey(Company, { null: true, onDelete: 'setNull' }),
    books: () => reverse(Book, 'author'),
    profile: () => reverseOne(Profile, 'author'),
  },
  { extends: Timestamped, ordering: ['name'] },
) {
  override describe() {
    return `${this.name}: ${super.describe()}`
  }
  override toString() {
    return this.name
  }
}

export class Profile extends Model<Profile>()({
  author: () => oneToOne(Author, { onDelete: 'cascade' }),
  bio: text({ blank: true }),
}) {}
