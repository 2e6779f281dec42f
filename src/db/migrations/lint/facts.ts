/**
 * What changes of tables lock, and for how long: data, one table for each database. The tests run each change against the
 * real servers and compare (locks and files of PostgreSQL, algorithms and locks of MariaDB). Sources: PostgreSQL's manual, ALTER
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
  | 'addSearchIndex'
  | 'dropIndex'
  | 'dropSearchIndex'
  | 'addUnique'
  | 'addForeignKeyColumn'
  | 'addForeignKey'
  | 'addCheck'
  | 'addCheckNotValid'
  | 'validateConstraint'
  | 'dropConstraint'
  | 'dropUnique'
  | 'dropForeignKey'
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
  /** What it takes on the tables that it refers to. */
  readonly referenced?: { readonly lock: string; readonly blocks: Blocks }
}

const fact = (lock: string, blocks: Blocks, work: Work): Fact => ({ lock, blocks, work })
const alsoOn = (other: Fact, lock: string, blocks: Blocks): Fact => ({ ...other, referenced: { lock, blocks } })

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
  addSearchIndex: 'a new index for searching (`fulltext`)',
  dropIndex: 'an index goes',
  dropSearchIndex: 'an index for searching goes',
  addUnique: 'a new unique constraint',
  addForeignKeyColumn: 'a new column that is a foreign key, null',
  addForeignKey: 'a new foreign key on a column that is there, or that is filled',
  addCheck: 'a new check',
  addCheckNotValid: 'a new check, `addConstraintNotValid`',
  validateConstraint: '`validateConstraint`',
  dropConstraint: 'a check goes',
  dropUnique: 'a unique constraint goes',
  dropForeignKey: 'a foreign key goes, alone or with its column',
  changeTrigger: 'a trigger comes or goes',
}

const EXCLUSIVE = 'ACCESS EXCLUSIVE'
const ROW_EXCLUSIVE = 'SHARE ROW EXCLUSIVE'

/** PostgreSQL 12 and newer. The lock is the strongest on the table itself. */
const postgres: Readonly<Record<Change, Fact>> = {
  createTable: alsoOn(fact(EXCLUSIVE, 'nothing', 'moment'), ROW_EXCLUSIVE, 'writes'), // nobody knows the table yet
  dropTable: alsoOn(fact(EXCLUSIVE, 'everything', 'moment'), EXCLUSIVE, 'everything'),
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
  addSearchIndex: fact('SHARE', 'writes', 'reads rows'),
  dropIndex: fact(EXCLUSIVE, 'everything', 'moment'),
  dropSearchIndex: fact(EXCLUSIVE, 'everything', 'moment'),
  addUnique: fact(EXCLUSIVE, 'everything', 'reads rows'),
  addForeignKeyColumn: alsoOn(fact(EXCLUSIVE, 'everything', 'reads rows'), ROW_EXCLUSIVE, 'writes'),
  addForeignKey: alsoOn(fact(ROW_EXCLUSIVE, 'writes', 'reads rows'), ROW_EXCLUSIVE, 'writes'),
  addCheck: fact(EXCLUSIVE, 'everything', 'reads rows'),
  addCheckNotValid: fact(EXCLUSIVE, 'everything', 'moment'),
  validateConstraint: fact('SHARE UPDATE EXCLUSIVE', 'nothing', 'reads rows'),
  dropConstraint: fact(EXCLUSIVE, 'everything', 'moment'),
  dropUnique: fact(EXCLUSIVE, 'everything', 'moment'),
  dropForeignKey: alsoOn(fact(EXCLUSIVE, 'everything', 'moment'), EXCLUSIVE, 'everything'),
  changeTrigger: fact(ROW_EXCLUSIVE, 'writes', 'moment'),
}

const INSTANT = 'ALGORITHM=INSTANT'
const NOCOPY = 'ALGORITHM=NOCOPY'
const INPLACE = 'ALGORITHM=INPLACE'
const COPY = 'ALGORITHM=COPY'

/**
 * MariaDB 10.11 and newer (InnoDB); newer ones say that they copy without stopping writers. Each change waits for running
 * transactions of the table, and for those that wrote to one it refers to, whatever its algorithm.
 */
const mysql: Readonly<Record<Change, Fact>> = {
  createTable: fact('none', 'nothing', 'moment'),
  dropTable: fact('metadata lock', 'everything', 'moment'),
  renameTable: fact('metadata lock', 'everything', 'moment'),
  addColumn: fact(INSTANT, 'nothing', 'moment'),
  addColumnNotNull: fact(INSTANT, 'nothing', 'moment'),
  addColumnVolatile: fact(COPY, 'writes', 'writes rows'),
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
  addSearchIndex: fact(COPY, 'writes', 'writes rows'),
  dropIndex: fact(NOCOPY, 'nothing', 'moment'),
  dropSearchIndex: fact(INPLACE, 'nothing', 'writes rows'),
  addUnique: fact(NOCOPY, 'nothing', 'reads rows'),
  addForeignKeyColumn: fact(INPLACE, 'nothing', 'writes rows'),
  addForeignKey: alsoOn(fact(COPY, 'writes', 'writes rows'), 'LOCK=SHARED', 'writes'),
  addCheck: fact(COPY, 'writes', 'writes rows'),
  addCheckNotValid: fact(COPY, 'writes', 'writes rows'),
  validateConstraint: fact('none', 'nothing', 'moment'), // checked when it was added
  dropConstraint: fact(INSTANT, 'nothing', 'moment'),
  dropUnique: fact(NOCOPY, 'nothing', 'moment'),
  dropForeignKey: fact(INSTANT, 'nothing', 'moment'), // its index after it: NOCOPY
  changeTrigger: fact('metadata lock', 'everything', 'moment'),
}

/** Indexes of MariaDB beside which other changes of their table stop writers: over what is computed, and for searching. */
export type Heavy = 'computed' | 'search'

const stopping = {
  addColumn: fact(INPLACE, 'writes', 'writes rows'),
  addColumnNotNull: fact(INPLACE, 'writes', 'writes rows'),
  dropColumn: fact(COPY, 'writes', 'writes rows'), // INPLACE where no column is computed
  addForeignKeyColumn: fact(INPLACE, 'writes', 'writes rows'),
  setNotNull: fact(COPY, 'writes', 'writes rows'),
  dropNotNull: fact(INPLACE, 'writes', 'writes rows'),
}

/** What changes do to a table with such an index, where they do more than to others. */
export const BESIDE: Readonly<Record<Heavy, Partial<Readonly<Record<Change, Fact>>>>> = {
  search: stopping,
  computed: { ...stopping, dropSearchIndex: fact(INPLACE, 'writes', 'writes rows') },
}

const ONE_WRITER = 'the file’s one writer'
/** The table is made anew: twelve steps instead of one ALTER TABLE. */
export const REBUILD: Fact = fact('table made anew', 'writes', 'writes rows')
/** In place. */
export const ONE_ALTER: Fact = fact(ONE_WRITER, 'writes', 'moment')

/**
 * SQLite. Readers go on (WAL); writers wait until the migration is committed. Which tables are made anew depends on more
 * than the change: the linter looks at the statements. Here is what the usual ones do.
 */
const sqlite: Readonly<Record<Change, Fact>> = {
  createTable: ONE_ALTER,
  dropTable: ONE_ALTER,
  renameTable: ONE_ALTER,
  addColumn: ONE_ALTER,
  addColumnNotNull: REBUILD,
  addColumnVolatile: REBUILD,
  addColumnComputed: REBUILD,
  dropColumn: REBUILD,
  renameColumn: ONE_ALTER, // made anew where the table has checks
  widenText: REBUILD,
  alterType: REBUILD,
  setNotNull: REBUILD,
  dropNotNull: REBUILD,
  alterDefault: REBUILD,
  addIndex: fact(ONE_WRITER, 'writes', 'reads rows'),
  addIndexConcurrently: fact(ONE_WRITER, 'writes', 'reads rows'),
  addSearchIndex: fact(ONE_WRITER, 'writes', 'reads rows'),
  dropIndex: ONE_ALTER,
  dropSearchIndex: ONE_ALTER,
  addUnique: REBUILD,
  addForeignKeyColumn: ONE_ALTER,
  addForeignKey: REBUILD,
  addCheck: REBUILD,
  addCheckNotValid: REBUILD,
  validateConstraint: ONE_ALTER,
  dropConstraint: REBUILD,
  dropUnique: REBUILD,
  dropForeignKey: REBUILD,
  changeTrigger: ONE_ALTER,
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
    mysql: tLazy(
      "Look for rows that lead nowhere first; then runSql('SET foreign_key_checks = 0') before it, in the same migration: rows that are there are not checked, and nobody waits.",
    ),
  },
  addForeignKeyColumn: {
    postgres: tLazy(
      'Put it into a migration with nothing but additions: it is then added NOT VALID and validated after.',
    ),
  },
  addSearchIndex: {
    postgres: tLazy(
      'Use addIndexConcurrently in a migration with atomic: false; or put it into a migration with nothing but additions, which does so by itself.',
    ),
    mysql: tLazy('Plan a pause for large tables.'),
  },
  addCheck: {
    postgres: tLazy(
      'Use addConstraintNotValid, and validateConstraint in a later migration; or a migration with nothing but additions.',
    ),
    mysql: tLazy('Plan a pause for large tables; or refuse such rows by a trigger, which is made in a moment.'),
  },
  addCheckNotValid: {
    mysql: tLazy('Plan a pause for large tables; or refuse such rows by a trigger, which is made in a moment.'),
  },
}
