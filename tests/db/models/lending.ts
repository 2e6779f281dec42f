/** Loans, and proxies of them: the same rows with other behaviour. */
import { defineApp } from 'nuages'
import { boolean, char, foreignKey, integer, Model, manyToMany, ProxyModel, QuerySet, reverse } from 'nuages/db'

export class Reader extends Model<Reader>()({
  name: char({ maxLength: 40, unique: true }),
  loans: () => reverse(Loan, 'reader'),
}) {}
class LoanQuerySet extends QuerySet<Loan> {
  open(): this {
    return this.filter({ returned: false })
  }
}
export class Loan extends Model<Loan>()(
  {
    reader: () => foreignKey(Reader, { onDelete: 'cascade' }),
    due: integer(),
    returned: boolean({ default: false }),
    friends: () => manyToMany(Reader),
    reminders: () => reverse(Reminder, 'loan'),
  },
  { ordering: ['due'], permissions: [['lend', 'Can lend']], verboseName: 'lending' },
) {
  static override objects = new LoanQuerySet(Loan)
  describe(): string {
    return `until ${this.due}`
  }
}
/** Behaviour and an order of its own. */
export class LateLoan extends ProxyModel<LateLoan>()(Loan, {
  ordering: ['-due'],
  permissions: [['remind', 'Can remind']],
}) {
  remind(): string {
    return `${this.describe()}!`
  }
}
/** A manager of its own. */
export class OpenLoan extends ProxyModel<OpenLoan>()(Loan) {
  static override objects = new QuerySet(OpenLoan).filter({ returned: false })
}
/** A proxy of a proxy. */
export class VeryLateLoan extends ProxyModel<VeryLateLoan>()(LateLoan) {
  override remind(): string {
    return `${super.remind()}!!`
  }
}
/** A relation to a proxy gives instances of it. */
export class Reminder extends Model<Reminder>()({
  loan: () => foreignKey(LateLoan, { onDelete: 'cascade' }),
  text: char({ maxLength: 20, blank: true }),
}) {}

export const lending = defineApp({
  name: 'lending',
  root: import.meta.url,
  models: { LateLoan, OpenLoan, VeryLateLoan, Reader, Loan, Reminder },
})
