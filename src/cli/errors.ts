import { NuagesError, type NuagesErrorOptions } from '../std/errors.ts'

/** Options of {@link CommandError}. */
export interface CommandErrorOptions extends Omit<NuagesErrorOptions, 'code'> {
  /** Stable code, `room.what-happened`; default `cli.failed`. */
  code?: string
  /** Exit code of the process: 1 for a failure (default), 2 for wrong usage. */
  exitCode?: number
}

/**
 * What a command throws to stop with a message instead of a stack: `throw new CommandError('No user "ada".', { hint })`.
 */
export class CommandError extends NuagesError {
  readonly exitCode: number

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, { ...options, code: options.code ?? 'cli.failed' })
    this.exitCode = options.exitCode ?? 1
  }
}

/** The command line itself is wrong: an unknown command, option or argument. Exit code 2. */
export class UsageError extends CommandError {
  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, { exitCode: 2, ...options, code: options.code ?? 'cli.usage' })
  }
}
