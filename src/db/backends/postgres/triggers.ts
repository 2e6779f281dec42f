/** Triggers of PostgreSQL: a function and the trigger that calls it, both of one name. */
import type { TriggerSpec } from '../schema.ts'
import { postgresCompiler } from './compiler.ts'

const quote = (name: string): string => postgresCompiler.quote(name)
const text = (value: string): string => postgresCompiler.literal(value, 'text')

/** `CREATE FUNCTION`, `CREATE TRIGGER`. */
export function createTriggerSql(table: string, trigger: TriggerSpec): string[] {
  const { name, condition, do: action } = trigger
  const events = trigger.on.map(({ event, columns = [] }) => {
    const of = event === 'update' && columns.length > 0 ? ` OF ${columns.map(quote).join(', ')}` : ''
    return event.toUpperCase() + of
  })
  const conditions = condition === undefined ? [] : [`(${condition})`]
  if (action.t === 'refuse' && action.changed !== undefined) {
    const changed = action.changed.map((column) => `OLD.${quote(column)} IS DISTINCT FROM NEW.${quote(column)}`)
    conditions.push(`(${changed.join(' OR ')})`)
  }
  // Only a trigger that comes before can change the row.
  const before = trigger.when === 'before' || action.t === 'setNow'
  const body = `BEGIN ${bodyOf(trigger)} RETURN ${before ? 'COALESCE(NEW, OLD)' : 'NULL'}; END`
  // The quotes around the function's text are a word that is not in it.
  let tag = '$nuages$'
  for (let i = 1; body.includes(tag); i++) tag = `$nuages${i}$`
  const when = conditions.length === 0 ? '' : ` WHEN (${conditions.join(' AND ')})`
  return [
    `CREATE OR REPLACE FUNCTION ${quote(name)}() RETURNS trigger LANGUAGE plpgsql AS ${tag}${body}${tag}`,
    `CREATE TRIGGER ${quote(name)} ${before ? 'BEFORE' : 'AFTER'} ${events.join(' OR ')} ON ${quote(table)} FOR EACH ROW${when} EXECUTE FUNCTION ${quote(name)}()`,
  ]
}

/** `DROP TRIGGER`, `DROP FUNCTION`. */
export function dropTriggerSql(table: string, { name }: TriggerSpec): string[] {
  return [`DROP TRIGGER IF EXISTS ${quote(name)} ON ${quote(table)}`, dropFunctionSql(name)]
}
/** The function of a trigger stays behind when its table is dropped. */
export function dropFunctionSql(name: string): string {
  return `DROP FUNCTION IF EXISTS ${quote(name)}()`
}

function bodyOf({ name, do: action }: TriggerSpec): string {
  switch (action.t) {
    case 'sql':
      return action.sql
    case 'setNow': {
      const now = postgresCompiler.inline({ t: 'function', name: 'now', args: [], kind: action.kind }, [])
      return `NEW.${quote(action.column)} := ${now};`
    }
    case 'refuse':
      return `RAISE EXCEPTION USING MESSAGE = ${text(action.message)}, ERRCODE = '23000', CONSTRAINT = ${text(name)}, TABLE = TG_TABLE_NAME;`
    case 'copy': {
      const into = action.columns.map(([, to]) => quote(to)).join(', ')
      const values = (row: string): string => action.columns.map(([from]) => `${row}.${quote(from)}`).join(', ')
      const insert = (row: string): string => `INSERT INTO ${quote(action.table)} (${into}) VALUES (${values(row)});`
      return `IF TG_OP = 'INSERT' THEN ${insert('NEW')} ELSE ${insert('OLD')} END IF;`
    }
  }
}
