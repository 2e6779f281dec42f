/** Triggers of SQLite: one event each, so that a declared one with several events becomes several. */
import type { TriggerSpec } from '../schema.ts'
import { sqliteCompiler } from './compiler.ts'

const quote = (name: string): string => sqliteCompiler.quote(name)

/** The names a trigger has in the database. */
function namesOf(trigger: TriggerSpec): readonly string[] {
  return trigger.on.length === 1 ? [trigger.name] : trigger.on.map(({ event }) => `${trigger.name}_${event}`)
}

/** `CREATE TRIGGER`, one for each event. */
export function createTriggerSql(table: string, trigger: TriggerSpec): string[] {
  const names = namesOf(trigger)
  const action = trigger.do
  // A trigger of SQLite cannot change the row it is about before it is written: it changes it right after.
  const when = action.t === 'setNow' ? 'AFTER' : trigger.when.toUpperCase()
  return trigger.on.map(({ event, columns = [] }, i) => {
    const of = event === 'update' && columns.length > 0 ? ` OF ${columns.map(quote).join(', ')}` : ''
    const conditions = trigger.condition === undefined ? [] : [`(${trigger.condition})`]
    if (action.t === 'refuse' && action.changed !== undefined) {
      const changed = action.changed.map((name) => `OLD.${quote(name)} IS NOT NEW.${quote(name)}`)
      conditions.push(`(${changed.join(' OR ')})`)
    }
    const condition = conditions.length === 0 ? '' : ` WHEN ${conditions.join(' AND ')}`
    const body = bodyOf(table, trigger, event)
    return `CREATE TRIGGER ${quote(names[i]!)} ${when} ${event.toUpperCase()}${of} ON ${quote(table)} FOR EACH ROW${condition} BEGIN ${body} END`
  })
}

/** `DROP TRIGGER` */
export function dropTriggerSql(trigger: TriggerSpec): string[] {
  return namesOf(trigger).map((name) => `DROP TRIGGER IF EXISTS ${quote(name)}`)
}

function bodyOf(table: string, { do: action }: TriggerSpec, event: 'insert' | 'update' | 'delete'): string {
  switch (action.t) {
    case 'sql':
      return action.sql
    case 'setNow': {
      const now = sqliteCompiler.inline({ t: 'function', name: 'now', args: [], kind: action.kind }, [])
      const row = action.key.map((key) => `${quote(key)} = NEW.${quote(key)}`).join(' AND ')
      return `UPDATE ${quote(table)} SET ${quote(action.column)} = ${now} WHERE ${row};`
    }
    case 'refuse':
      return `SELECT RAISE(ABORT, ${sqliteCompiler.literal(action.message, 'text')});`
    case 'copy': {
      const row = event === 'insert' ? 'NEW' : 'OLD'
      const into = action.columns.map(([, to]) => quote(to)).join(', ')
      const values = action.columns.map(([from]) => `${row}.${quote(from)}`).join(', ')
      return `INSERT INTO ${quote(action.table)} (${into}) VALUES (${values});`
    }
  }
}
