import { AbstractUser } from 'nuages/auth'
import { char, dateTime, foreignKey, integer, Model } from 'nuages/db'

export class Customer extends Model<Customer>()({}, { extends: AbstractUser }) {}

export class Book extends Model<Book>()({
  title: char({ maxLength: 100, unique: true }),
  stock: integer({ default: 1 }),
}) {}

export class Order extends Model<Order>()({
  book: () => foreignKey(Book, { onDelete: 'protect' }),
  at: dateTime(),
}) {}
