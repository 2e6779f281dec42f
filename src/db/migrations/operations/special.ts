import { t } from '../../../i18n/index.ts'
import { calledWith, type MigrationCode, type Operation, stateOnly } from './operation.ts'

/** A statement as it is, or one with `%s` for each of its params. */
type Statement = string | readonly [sql: string, params: readonly unknown[]]
type Statements = Statement | readonly Statement[]

/** Options of `runSql()`. */
export interface RunSqlOptions {
  /** Undoes it; an empty string when there is nothing to undo. Without it the migration cannot be reversed. */
  readonly reverse?: Statements
  /** What the statements mean for the models: operations applied to the state only. */
  readonly state?: readonly Operation[]
  /** True: `squashmigrations` leaves it out, for what only rows of old databases needed. Default false. */
  readonly elidable?: boolean
  /** For the `allowMigrate` of routers, which is asked whether this runs on a database. */
  readonly hints?: Readonly<Record<string, unknown>>
}

/**
 * Runs statements as they are written: `runSql('update …')`, several in a list, or with params,
 * `runSql(['insert into library_tag (name) values (%s)', ['new']])`. Params become constants of the database.
 */
export function runSql(sql: Statements, options: RunSqlOptions = {}): Operation {
  const run = (statements: Statements): Operation['forwards'] => {
    const list = listOf(statements)
    return async (step) => {
      if (!step.run.allows(step.app, options.hints)) return
      for (const statement of list) {
        const [text, params] = typeof statement === 'string' ? [statement] : statement
        if (text.trim() !== '') await step.run.sql(text, params)
      }
    }
  }
  return {
    type: 'runSql',
    args: calledWith(sql, options),
    fragment: null,
    describe: () => t('Run SQL'),
    toState: (state, app) => (options.state ?? []).reduce((now, operation) => operation.toState(now, app), state),
    reversible: options.reverse !== undefined,
    elidable: options.elidable === true,
    forwards: run(sql),
    backwards: run(options.reverse ?? ''),
  }
}

/** One statement with params is told from a list by its second part: a list. */
function listOf(statements: Statements): readonly Statement[] {
  if (typeof statements === 'string') return [statements]
  const [, params] = statements
  const single = statements.length === 2 && typeof statements[0] === 'string' && isParams(params, statements[0])
  return single ? [statements as Statement] : (statements as readonly Statement[]) // told apart above
}
const isParams = (value: unknown, sql: string): boolean =>
  Array.isArray(value) && !(value.length === 2 && Array.isArray(value[1]) && !sql.includes('%s'))

/** Options of `runCode()`. */
export interface RunCodeOptions<M = never> {
  /** Undoes it; `noop` when there is nothing to undo. Without it the migration cannot be reversed. */
  readonly reverse?: MigrationCode<M>
  /** True: `squashmigrations` leaves it out, for what only rows of old databases needed. Default false. */
  readonly elidable?: boolean
  /** For the `allowMigrate` of routers, which is asked whether this runs on a database. */
  readonly hints?: Readonly<Record<string, unknown>>
}

/**
 * Runs code with the models as they are at this point of the history:
 *
 *     runCode(async ({ models }) => {
 *       const Book = models.get('library.Book')
 *       await Book.objects.dynamic({ status: 'old' }).update({ status: 'archived' })
 *     }, { reverse: noop })
 *
 * `makemigrations --data` writes the frame, and types of the models of that point: `runCode<Models>(…)`.
 */
export function runCode<M = never>(typed: MigrationCode<M>, options: RunCodeOptions<M> = {}): Operation {
  // `M` only says what `models` are: a project's file claims it, and the code gets them all.
  const code = typed as unknown as MigrationCode
  const reverse = options.reverse as unknown as MigrationCode | undefined // as above
  return {
    ...stateOnly,
    type: 'runCode',
    args: calledWith(code, options),
    fragment: null,
    describe: () => (code.name ? t('Run code {name}', { name: code.name }) : t('Run code')),
    toState: (state) => state,
    reversible: options.reverse !== undefined,
    elidable: options.elidable === true,
    forwards: async ({ run, from, app }) => {
      if (run.allows(app, options.hints)) await run.code(code, from, app)
    },
    backwards: async ({ run, to, app }) => {
      if (reverse && run.allows(app, options.hints)) await run.code(reverse, to, app)
    },
  }
}

/** Does nothing: for `reverse` where going back needs no work. */
export async function noop(): Promise<void> {}

/** Applies some operations to the database only and others to the state only. */
export function separateDatabaseAndState(parts: {
  readonly database?: readonly Operation[]
  readonly state?: readonly Operation[]
}): Operation {
  const { database = [], state: stateOperations = [] } = parts
  return {
    type: 'separateDatabaseAndState',
    args: [parts],
    fragment: null,
    describe: () => t('Change database and state apart'),
    reversible: database.every((operation) => operation.reversible),
    toState: (state, app) => stateOperations.reduce((now, operation) => operation.toState(now, app), state),
    async forwards({ app, from, run }) {
      let now = from
      for (const operation of database) {
        const next = operation.toState(now, app)
        await operation.forwards({ app, from: now, to: next, run })
        now = next
      }
    },
    // `to` is the state without this operation: where its database operations started.
    async backwards({ app, to, run }) {
      const states = [to]
      for (const operation of database) states.push(operation.toState(states.at(-1)!, app))
      for (let i = database.length - 1; i >= 0; i--) {
        await database[i]!.backwards({ app, from: states[i + 1]!, to: states[i]!, run })
      }
    },
  }
}
