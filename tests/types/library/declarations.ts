/** What a model's header may say of its table, and what must not compile. */
import {
  char,
  check,
  copyTo,
  decimal,
  foreignKey,
  generated,
  index,
  integer,
  Model,
  Own,
  readOnly,
  sql,
  text,
  trigger,
  unique,
  uuid,
} from 'nuages/db'
import { Lower, UUID4 } from 'nuages/db/functions'
import { eq } from './eq.ts'

class Log extends Model<Log>()({ title: text({ null: true }) }) {}

class Slip extends Model<Slip>()(
  {
    title: char({ maxLength: 50 }),
    token: uuid({ dbDefault: UUID4() }),
    size: integer({ dbDefault: sql`(1 + 1)` }),
    loud: generated(Lower('title'), { output: text() }),
    twice: generated(Own('size').times(2), { output: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }) }),
    log: () => foreignKey(Log, { onDelete: 'dbSetNull', null: true }),
  },
  {
    indexes: [index(['title', '-size']), index([Lower('title'), 'size'], { method: 'gin', include: ['token'] })],
    constraints: [
      unique(['title', 'log']),
      unique([Lower('title')], { nullsDistinct: false }),
      check({ size__gt: 1 }, { message: 'Too small.' }),
      check(Own({ size: 1 }).or({ title: 'x' })),
    ],
    triggers: [
      readOnly(['title']),
      copyTo(() => Log, { fields: { title: 'title' } }),
      trigger({ name: 't', when: 'after', on: ['insert', 'update of title'], do: { sqlite: 'SELECT 1;' } }),
    ],
    getLatestBy: ['-size'],
  },
) {}

declare const slip: Slip
eq<typeof slip.loud, string>(true)
// @ts-expect-error it is text
eq<typeof slip.loud, number>(true)
export const places: string | undefined = slip.twice?.toFixed()

// What the database fills may be left out, and what it computes must be.
Slip.objects.create({ title: 'a' })
Slip.objects.filter({ loud__startswith: 'a', loud: 'abc' })
// @ts-expect-error computed
Slip.objects.create({ title: 'a', loud: 'A' })
// @ts-expect-error computed
Slip.objects.update({ twice: '1' })
// @ts-expect-error an action that there is not
foreignKey(Log, { onDelete: 'dbRestrict' })
// @ts-expect-error an option that there is not
index(['title'], { using: 'gin' })
// @ts-expect-error checked at the end of the statement or of the transaction
unique(['title'], { deferrable: true })
// @ts-expect-error before or after
trigger({ name: 't', when: 'instead', on: ['insert'], do: {} })
// @ts-expect-error no such event
trigger({ name: 't', when: 'after', on: ['truncate'], do: {} })

// @ts-expect-error names in indexes, constraints and triggers are those of the fields
export class Wrong extends Model<Wrong>()({ title: text() }, { indexes: [index(['titel'])] }) {}
// @ts-expect-error as above
export class WrongUnique extends Model<WrongUnique>()({ title: text() }, { constraints: [unique(['titel'])] }) {}
// @ts-expect-error as above
export class WrongTrigger extends Model<WrongTrigger>()({ title: text() }, { triggers: [readOnly(['titel'])] }) {}

// ---------------------------------------------------------------- names in headers: own fields, inherited ones, and the key
import { F, keepNow } from 'nuages/db'
import { Concat } from 'nuages/db/functions'
import { Author } from './author.ts'
import { Timestamped } from './bases.ts'

export class Named extends Model<Named>()(
  { title: text(), note: text(), author: () => foreignKey(Author, { onDelete: 'cascade' }) },
  {
    extends: Timestamped,
    ordering: [Lower('title'), '-createdAt', Own('note').desc(), Lower('author__name').asc(), 'id'],
    indexes: [
      index(['title', '-updatedAt']),
      index([Lower('title'), F('note').desc(), 'author', sql`(note)`]),
      index([Concat('title', Lower('note'))], { where: { note__gt: 'a', title: Lower('note') }, include: ['id'] }),
    ],
    constraints: [
      unique([Lower('title'), 'author']),
      check({ title__gt: F('note') }),
      check(Own({ note: 'x' }).or({ title: 'y' })),
    ],
    triggers: [keepNow('updatedAt')],
  },
) {}
const later = index(['title'])
export class Reused extends Model<Reused>()({ title: text() }, { indexes: [later] }) {}
