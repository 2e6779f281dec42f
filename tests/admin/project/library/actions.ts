import { action } from 'nuages/admin'
import { charField, form, integerField } from 'nuages/forms'
import { HttpResponse } from 'nuages/http'
import { ValidationError } from 'nuages/validators'
import { Book } from './models.ts'

/** Asks nothing, changes rows one by one. */
export const draft = action(Book, {
  label: 'Back to draft',
  async run(rows) {
    for (const book of await rows) {
      book.status = 'draft'
      await book.save()
    }
  },
})

/** Asks, with a parameter; fails half-way when it is told to. */
export const publish = action(Book, {
  label: 'Publish',
  confirm: 'Publish {n} books?',
  form: () => form({ pages: integerField({ min: 1 }), note: charField({ required: false, maxLength: 10 }) }),
  async run(rows, { values, count }) {
    await rows.update({ status: 'out', pages: values.pages })
    if (values.note === 'fail') throw new ValidationError('Not today.')
    if (values.note === 'field') throw new ValidationError({ note: ['Another note.'] })
    if (values.note === 'fault') throw new Error('A fault of the project.')
    if (values.note === 'database') await rows.update({ pages: 9999 })
    return `${count} books are out.`
  },
})

export const list = action(Book, {
  label: 'Download titles',
  permission: 'view',
  run: async (rows) => new HttpResponse((await rows.valuesList('title', { flat: true })).join('\n')),
})

export const burn = action(Book, { label: 'Burn', permission: 'library.burn_book', danger: true, run: () => 'Burnt.' })
export const odd = action(Book, { label: 'Odd', permission: ({ user }) => user.email.startsWith('odd'), run: () => '' })
