// Names of fields, where a method takes them as text: each statement is one mistake, told in the first line.
import { AbstractModel, Model, text } from 'nuages/db'
import { Employee } from '../library/author.ts'
import { Timestamped } from '../library/bases.ts'
import { Book, type Chapter, Loan } from '../library/book.ts'

declare const book: Book
declare const chapter: Chapter

book.save({ fields: ['titel'] })
book.save({ fields: ['title', 'autor'] })
book.save({ fields: ['chapters'] })
book.save({ set: { pagse: 1 } })
chapter.save({ fields: ['zzz'] })
book.refresh({ fields: ['titel'] })
book.refresh({ fields: ['tags'] })
book.fullClean({ exclude: ['titel'] })
const partial = await Book.objects.defer('pages').get()
partial.refresh({ fields: ['pagse'] })
partial.save({ fields: ['titel'] })

export class A extends Model<A>()({ title: text() }, { extends: Timestamped }) {
  rename() {
    return this.save({ fields: ['titel'] })
  }
}
export abstract class B extends AbstractModel({ title: text() }) {
  rename() {
    return this.save({ fields: ['titel'] })
  }
  reset() {
    return this.save({ set: { titel: '' } })
  }
}

// Dates, relations and columns
Book.objects.dates('title', 'month')
Book.objects.dates('titel', 'month')
Loan.objects.dates('book__pages', 'year')
Loan.objects.dates('day', 'mnth')
Loan.objects.datetimes('day', 'hour')
Book.objects.datetimes('publishedAt', 'hours')
Book.objects.walk('chapters')
Employee.objects.walk('manger')
Book.objects.fetchMode('pers')
Book.objects.values('title').inBulk([1], { by: 'titel' })
Book.objects.filter({ publishedAt__year__gtt: 2020 })
Book.objects.filter({ publishedAt__date__yeer: 2020 })
Book.objects.filter({ publishedAt__date__year__lst: 2020 })
