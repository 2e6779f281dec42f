/**
 * Indexes for searching: a table of FTS5 that has the index's name and keeps no text of its own (`content=`), and three
 * triggers that tell it what changes (sqlite.org/fts5.html#external_content_tables).
 */
import type { IndexSpec, TableSpec } from '../schema.ts'
import { unsupported } from '../table-parts.ts'
import { sqliteCompiler } from './compiler.ts'

const quote = (name: string): string => sqliteCompiler.quote(name)
const text = (value: string): string => sqliteCompiler.literal(value, 'text')

const EVENTS = ['insert', 'delete', 'update'] as const
const triggerName = (index: string, event: (typeof EVENTS)[number]): string => `${index}_${event}`

/** Whether an index is for searching. */
export function isFulltext(index: IndexSpec): boolean {
  return index.method === 'fulltext'
}

/** `CREATE VIRTUAL TABLE`, its triggers, and what is there already. @throws NotSupportedError db.unsupported-constraint */
export function createFulltextSql(table: TableSpec, index: IndexSpec, name = table.name): string[] {
  const [key, ...more] = table.primaryKey
  const type = table.columns.find((column) => column.name === key)?.type.kind
  // Other tables have numbers too, but VACUUM gives them new ones.
  if (type !== 'auto' || more.length > 0) {
    throw unsupported(
      `The index ${index.name} searches a table whose key is no number of the database's`,
      'Use auto().',
    )
  }
  if (index.columns.some((part) => part.name === undefined) || index.unique || index.where !== undefined) {
    throw unsupported(`The index ${index.name} searches expressions, or some rows only`, 'Give it columns.')
  }
  const columns = index.columns.map((part) => quote(part.name!)) // seen above
  const tokenize = index.language === 'english' ? `, tokenize=${text('porter unicode61')}` : ''
  const [fts, of, id] = [quote(index.name), quote(name), quote(key!)]
  const into = `INSERT INTO ${fts}`
  const added = `${into}(rowid, ${columns.join(', ')}) VALUES (NEW.${id}, ${columns.map((c) => `NEW.${c}`).join(', ')});`
  const gone = `${into}(${fts}, rowid, ${columns.join(', ')}) VALUES ('delete', OLD.${id}, ${columns.map((c) => `OLD.${c}`).join(', ')});`
  const bodies = { insert: added, delete: gone, update: `${gone} ${added}` }
  return [
    `CREATE VIRTUAL TABLE ${fts} USING fts5(${columns.join(', ')}, content=${text(name)}, content_rowid=${text(key!)}${tokenize})`,
    ...EVENTS.map((event) => {
      const on = event === 'update' ? `UPDATE OF ${[id, ...columns].join(', ')}` : event.toUpperCase()
      return `CREATE TRIGGER ${quote(triggerName(index.name, event))} AFTER ${on} ON ${of} FOR EACH ROW BEGIN ${bodies[event]} END`
    }),
    `${into}(${fts}) VALUES ('rebuild')`,
  ]
}

/** `DROP TRIGGER`, `DROP TABLE` */
export function dropFulltextSql(index: IndexSpec): string[] {
  return [
    ...EVENTS.map((event) => `DROP TRIGGER IF EXISTS ${quote(triggerName(index.name, event))}`),
    `DROP TABLE IF EXISTS ${quote(index.name)}`,
  ]
}
