/**
 * What changes of tables lock, and for how long: data, one table for each database. The tests run each change against the
 * real servers and compare (locks and files of PostgreSQL, algorithms of MariaDB). Sources: PostgreSQL's manual, ALTER
 * TABLE and explicit locking; MariaDB's, InnoDB online DDL; sqlite.org/lang_altertable.html.
 */
import { type LazyText, tLazy } from '../../../i18n/index.ts'

/** A change of a table, as the linter tells them apart. */
export type Change =
  | 'createTable'
  | 'dropTable'
  | 'renameTable'
  | 'addColumn'
  | 'addColumnNotNull'
  | 'addColumnVolatile'
  | 'addColumnComputed'
  | 'dropColumn'
  | 'renameColumn'
  | 'widenText'
  | 'alterType'
  | 'setNotNull'
  | 'dropNotNull'
  | 'alterDefault'
  | 'addIndex'
  | 'addIndexConcurrently'
  | 'dropIndex'
  | 'addUnique'
  | 'addForeignKey'
  | 'addCheck'
  | 'addCheckNotValid'
  | 'validateConstraint'
  | 'dropConstraint'
  | 'changeTrigger'

/** What others cannot do meanwhile. */
export type Blocks = 'nothing' | 'writes' | 'everything'
/** A moment; reading every row; writing every row anew. */
export type Work = 'moment' | 'reads rows' | 'writes rows'

/** What a change does to a table that is in use. */
export interface Fact {
  /** As the database calls it: `ACCESS EXCLUSIVE`, `ALGORITHM=INPLACE`. */
  readonly lock: string
  readonly blocks: Blocks
  readonly work: Work
}

const fact = (lock: string, blocks: Blocks, work: Work): Fact => ({ lock, blocks, work })

/** Changes in the words of a guide, in its order. */
export const CHANGES: Readonly<Record<Change, string>> = {
  createTable: 'a new table',
  dropTable: 'a table goes',
  renameTable: 'a table is renamed',
  addColumn: 'a new column, null or with a constant `dbDefault`',
  addColumnNotNull: 'a new column, not null, filled with a constant',
  addColumnVolatile: 'a new column, its `dbDefault` computed for each row',
  addColumnComputed: 'a new generated column, stored',
  dropColumn: 'a column goes',
  renameColumn: 'a column is renamed',
  widenText: 'more `maxLength`',
  alterType: 'another type, or less room',
  setNotNull: 'no more nulls',
  dropNotNull: 'nulls from now on',
  alterDefault: 'another `dbDefault`',
  addIndex: 'a new index',
  addIndexConcurrently: 'a new index, `addIndexConcurrently`',
  dropIndex: 'an index goes',
  addUnique: 'a new unique constraint',
  addForeignKey: 'a new foreign key on a column that is there',
  addCheck: 'a new check',
  addCheckNotValid: 'a new check, `addConstraintNotValid`',
  validateConstraint: '`validateConstraint`',
  dropConstraint: 'a constraint goes',
  changeTrigger: 'a trigger comes or goes',
}

const EXCLUSIVE = 'ACCESS EXCLUSIVE'
const ROW_EXCLUSIVE = 'SHARE ROW EXCLUSIVE'

/** PostgreSQL 12 and newer. The lock is the strongest on the table itself. */
const postgres: Readonly<Record<Change, Fact>> = {
  createTable: fact(EXCLUSIVE, 'nothing', 'moment'), // nobody knows the table yet
  dropTable: fact(EXCLUSIVE, 'everything', 'moment'),
  renameTable: fact(EXCLUSIVE, 'everything', 'moment'),
  addColumn: fact(EXCLUSIVE, 'everything', 'moment'),
  addColumnNotNull: fact(EXCLUSIVE, 'everything', 'moment'),
  addColumnVolatile: fact(EXCLUSIVE, 'everything', 'writes rows'),
  addColumnComputed: fact(EXCLUSIVE, 'everything', 'writes rows'),
  dropColumn: fact(EXCLUSIVE, 'everything', 'moment'),
  renameColumn: fact(EXCLUSIVE, 'everything', 'moment'),
  widenText: fact(EXCLUSIVE, 'everything', 'moment'),
  alterType: fact(EXCLUSIVE, 'everything', 'writes rows'),
  setNotNull: fact(EXCLUSIVE, 'everything', 'reads rows'),
  dropNotNull: fact(EXCLUSIVE, 'everything', 'moment'),
  alterDefault: fact(EXCLUSIVE, 'everything', 'moment'),
  addIndex: fact('SHARE', 'writes', 'reads rows'),
  addIndexConcurrently: fact('SHARE UPDATE EXCLUSIVE', 'nothing', 'reads rows'),
  dropIndex: fact(EXCLUSIVE, 'everything', 'moment'),
  addUnique: fact(EXCLUSIVE, 'everything', 'reads rows'),
  addForeignKey: fact(ROW_EXCLUSIVE, 'writes', 'reads rows'),
  addCheck: fact(EXCLUSIVE, 'everything', 'reads rows'),
  addCheckNotValid: fact(EXCLUSIVE, 'everything', 'moment'),
  validateConstraint: fact('SHARE UPDATE EXCLUSIVE', 'nothing', 'reads rows'),
  dropConstraint: fact(EXCLUSIVE, 'everything', 'moment'),
  changeTrigger: fact(ROW_EXCLUSIVE, 'writes', 'moment'),
}

const INSTANT = 'ALGORITHM=INSTANT'
const NOCOPY = 'ALGORITHM=NOCOPY'
const INPLACE = 'ALGORITHM=INPLACE'
const COPY = 'ALGORITHM=COPY'

/** MariaDB 10.11 and newer (InnoDB). Each change waits for running transactions of the table, whatever its algorithm. */
const mysql: Readonly<Record<Change, Fact>> = {
  createTable: fact('none', 'nothing', 'moment'),
  dropTable: fact('metadata lock', 'everything', 'moment'),
  renameTable: fact('metadata lock', 'everything', 'moment'),
  addColumn: fact(INSTANT, 'nothing', 'moment'),
  addColumnNotNull: fact(INSTANT, 'nothing', 'moment'),
  addColumnVolatile: fact(INSTANT, 'nothing', 'moment'),
  addColumnComputed: fact(COPY, 'writes', 'writes rows'),
  dropColumn: fact(INSTANT, 'nothing', 'moment'),
  renameColumn: fact(INSTANT, 'nothing', 'moment'),
  widenText: fact(INSTANT, 'nothing', 'moment'),
  alterType: fact(COPY, 'writes', 'writes rows'),
  setNotNull: fact(INPLACE, 'nothing', 'writes rows'),
  dropNotNull: fact(INPLACE, 'nothing', 'writes rows'),
  alterDefault: fact(INSTANT, 'nothing', 'moment'),
  addIndex: fact(NOCOPY, 'nothing', 'reads rows'),
  addIndexConcurrently: fact(NOCOPY, 'nothing', 'reads rows'),
  dropIndex: fact(NOCOPY, 'nothing', 'moment'),
  addUnique: fact(NOCOPY, 'nothing', 'reads rows'),
  addForeignKey: fact(COPY, 'writes', 'writes rows'),
  addCheck: fact(COPY, 'writes', 'writes rows'),
  addCheckNotValid: fact(COPY, 'writes', 'writes rows'),
  validateConstraint: fact('none', 'nothing', 'moment'), // checked when it was added
  dropConstraint: fact(INSTANT, 'nothing', 'moment'),
  changeTrigger: fact('metadata lock', 'everything', 'moment'),
}

const ONE_WRITER = 'the file’s one writer'
const rebuild = fact('table made anew', 'writes', 'writes rows')
const inPlace = fact(ONE_WRITER, 'writes', 'moment')

/** SQLite. Readers go on (WAL); writers wait until the migration is committed. */
const sqlite: Readonly<Record<Change, Fact>> = {
  createTable: inPlace,
  dropTable: inPlace,
  renameTable: inPlace,
  addColumn: inPlace,
  addColumnNotNull: rebuild,
  addColumnVolatile: rebuild,
  addColumnComputed: rebuild,
  dropColumn: rebuild,
  renameColumn: inPlace, // made anew where the table has checks
  widenText: rebuild,
  alterType: rebuild,
  setNotNull: rebuild,
  dropNotNull: rebuild,
  alterDefault: rebuild,
  addIndex: fact(ONE_WRITER, 'writes', 'reads rows'),
  addIndexConcurrently: fact(ONE_WRITER, 'writes', 'reads rows'),
  dropIndex: inPlace,
  addUnique: rebuild,
  addForeignKey: rebuild,
  addCheck: rebuild,
  addCheckNotValid: rebuild,
  validateConstraint: inPlace,
  dropConstraint: rebuild,
  changeTrigger: inPlace,
}

/** By whose SQL a database speaks. */
export const FACTS: Readonly<Record<'postgres' | 'mysql' | 'sqlite', Readonly<Record<Change, Fact>>>> = {
  postgres,
  mysql,
  sqlite,
}

/** What code that still runs meanwhile, in the version from before the change, cannot do any more. */
export const BREAKS: Partial<Readonly<Record<Change, LazyText>>> = {
  dropTable: tLazy('Code of the version before still reads and writes the table.'),
  renameTable: tLazy('Code of the version before asks for the table by its old name.'),
  dropColumn: tLazy('Code of the version before still reads the column: every SELECT of the model fails.'),
  renameColumn: tLazy('Code of the version before asks for the column by its old name.'),
  addColumnNotNull: tLazy('Code of the version before inserts rows without the column, and is refused.'),
  setNotNull: tLazy('Code of the version before may still write nulls, and is refused.'),
}

/** The sequence that stops nobody. `all`: on any database. */
export const ADVICE: Partial<
  Readonly<Record<Change, Partial<Readonly<Record<'all' | 'postgres' | 'mysql' | 'sqlite', LazyText>>>>>
> = {
  dropTable: { all: tLazy('First deploy code without the model, then drop the table in a later release.') },
  renameTable: {
    all: tLazy('Keep the name: give the model dbTable. Or make a view of the old name until old code is gone.'),
  },
  dropColumn: {
    all: tLazy(
      'First deploy code without the field (the column null, or with a dbDefault), then drop it in a later release.',
    ),
  },
  renameColumn: { all: tLazy('In two steps: makemigrations --two-step, or keep the name by dbColumn.') },
  addColumnNotNull: { all: tLazy('Give the field a dbDefault: rows of old code get it.') },
  addColumnVolatile: {
    all: tLazy(
      'Add the column null, fill it in batches (runCode in a migration with atomic: false), then make it not null.',
    ),
  },
  addColumnComputed: {
    all: tLazy('Compute it when it is read (stored: false) where the database can, or plan a pause for large tables.'),
  },
  alterType: {
    all: tLazy(
      'Add a column of the new type, fill it in batches while a trigger keeps it up to date, then change over: as in a two-step rename.',
    ),
  },
  setNotNull: {
    all: tLazy('Deploy code that writes no nulls first, and fill them in batches.'),
    postgres: tLazy('In a migration of its own it is done by a validated check, without a scan under the lock.'),
  },
  addIndex: {
    postgres: tLazy(
      'Use addIndexConcurrently in a migration with atomic: false; or put it into a migration with nothing but additions, which does so by itself.',
    ),
  },
  addUnique: {
    postgres: tLazy('Put it into a migration with nothing but additions: its index is then built concurrently.'),
  },
  addForeignKey: {
    postgres: tLazy(
      'Put it into a migration with nothing but additions: it is then added NOT VALID and validated after.',
    ),
  },
  addCheck: {
    postgres: tLazy(
      'Use addConstraintNotValid, and validateConstraint in a later migration; or a migration with nothing but additions.',
    ),
  },
}
