/** Triggers of MariaDB and MySQL: one event each, so that a declared one with several events becomes several. */
import type { TriggerSpec } from '../schema.ts'
import { mysqlCompiler } from './compiler.ts'

const quote = (name: string): string => mysqlCompiler.quote(name)

/** The names a trigger has in the database. */
function namesOf(trigger: TriggerSpec): readonly string[] {
  return trigger.on.length === 1 ? [trigger.name] : trigger.on.map(({ event }) => `${trigger.name}_${event}`)
}

/** `CREATE TRIGGER`, one for each event. */
export function createTriggerSql(table: string, trigger: TriggerSpec): string[] {
  const action = trigger.do
  const names = namesOf(trigger)
  return trigger.on.map(({ event, columns = [] }, i) => {
    const conditions = trigger.condition === undefined ? [] : [`(${trigger.condition})`]
    const differs = (list: readonly string[]): string =>
      `(${list.map((name) => `NOT (OLD.${quote(name)} <=> NEW.${quote(name)})`).join(' OR ')})`
    // There is no UPDATE OF: an update of these columns is one that changes them.
    if (event === 'update' && columns.length > 0) conditions.push(differs(columns))
    if (action.t === 'refuse' && action.changed !== undefined) conditions.push(differs(action.changed))
    const body = bodyOf(trigger, event)
    const guarded = conditions.length === 0 ? body : `IF ${conditions.join(' AND ')} THEN ${body} END IF;`
    // Only a trigger that comes before can change the row.
    const when = action.t === 'setNow' ? 'BEFORE' : trigger.when.toUpperCase()
    return `CREATE TRIGGER ${quote(names[i]!)} ${when} ${event.toUpperCase()} ON ${quote(table)} FOR EACH ROW BEGIN ${guarded} END`
  })
}

/** `DROP TRIGGER` */
export function dropTriggerSql(trigger: TriggerSpec): string[] {
  return namesOf(trigger).map((name) => `DROP TRIGGER IF EXISTS ${quote(name)}`)
}

function bodyOf({ name, do: action }: TriggerSpec, event: 'insert' | 'update' | 'delete'): string {
  switch (action.t) {
    case 'sql':
      return action.sql
    case 'setNow': {
      const now = mysqlCompiler.inline({ t: 'function', name: 'now', args: [], kind: action.kind }, [])
      return `SET NEW.${quote(action.column)} = ${now};`
    }
    case 'refuse':
      // MESSAGE_TEXT takes a literal of the session's character set only, as it is.
      return `SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = '${action.message.replaceAll("'", "''")}', CONSTRAINT_NAME = '${name.replaceAll("'", "''")}';`
    case 'copy': {
      const row = event === 'insert' ? 'NEW' : 'OLD'
      const into = action.columns.map(([, to]) => quote(to)).join(', ')
      const values = action.columns.map(([from]) => `${row}.${quote(from)}`).join(', ')
      return `INSERT INTO ${quote(action.table)} (${into}) VALUES (${values});`
    }
  }
}
