import {
  boolean,
  char,
  choice,
  dateTime,
  decimal,
  email,
  foreignKey,
  integer,
  json,
  Model,
  oneToOne,
  reverse,
  reverseOne,
  text,
} from 'nuages/db'
import { Timestamped } from './bases.ts'
import { Book, Contribution } from './book.ts'

export class Company extends Model<Company>()({
  name: char({ maxLength: 200 }),
  country: choice({ fr: 'France', jp: 'Japan', us: 'United States' }),
  authors: () => reverse(Author, 'company'),
}) {}

export class Author extends Model<Author>()(
  {
    name: char({ maxLength: 100 }),
    email: email({ unique: true }),
    bornOn: dateTime({ null: true }),
    active: boolean({ default: true }),
    royalty: decimal({ maxDigits: 5, decimalPlaces: 2, default: '0.1' }),
    company: () => foreignKey(Company, { null: true, onDelete: 'setNull' }),
    books: () => reverse(Book, 'author'),
    contributions: () => reverse(Contribution, 'author'),
    profile: () => reverseOne(Profile, 'author'),
    settings: json<{ theme: 'light' | 'dark'; perPage: number; more?: { tags: string[] } }>({
      default: { theme: 'light', perPage: 20 },
    }),
  },
  { extends: Timestamped, ordering: ['name', '-createdAt', 'id'] },
) {
  get initials() {
    return this.name
      .split(' ')
      .map((word) => word[0])
      .join('')
  }
  override describe() {
    return `${this.name}, ${super.describe()}`
  }
  override async save(options?: { using?: string }) {
    this.name = this.name.trim()
    return super.save(options)
  }
}

export class Profile extends Model<Profile>()({
  author: () => oneToOne(Author, { onDelete: 'cascade' }),
  bio: text({ default: '' }),
}) {}

export class Employee extends Model<Employee>()({
  name: text(),
  age: integer(),
  manager: () => foreignKey(Employee, { null: true, onDelete: 'setNull' }),
  reports: () => reverse(Employee, 'manager'),
}) {}
