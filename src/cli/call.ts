/** Calling a command in this process. */
import type { Project } from '../project/index.ts'
import type { AnyCommand, ArgumentValues, Command, CommandContext, OptionSpec, OptionValues } from './command.ts'
import type { Output } from './output.ts'

/** What {@link callCommand} is given: values by name; absent ones take the defaults of the declaration. */
export interface CallOptions<A, O> {
  readonly args?: Partial<A>
  readonly options?: Partial<O>
  readonly out: Output
  /** The running project; a command that needs none is called without. */
  readonly project?: Project
}

/**
 * Calls a command from code or a test, in this process. Gives its exit code.
 *
 *     const out = captureOutput()
 *     await callCommand(loadcities, { args: { file: 'cities.json' }, out, project })
 */
export async function callCommand<
  A extends Command['arguments'],
  O extends Command['options'],
  N extends Command['needs'],
>(command: Command<A, O, N>, call: CallOptions<ArgumentValues<A>, OptionValues<O>>): Promise<number> {
  const args: Record<string, unknown> = {}
  const options: Record<string, unknown> = {}
  const given = call as CallOptions<Record<string, unknown>, Record<string, unknown>> // names are looked up one by one
  for (const spec of command.arguments)
    args[spec.name] = given.args?.[spec.name] ?? spec.default ?? (spec.variadic ? [] : undefined)
  for (const [key, spec] of Object.entries(command.options as Record<string, OptionSpec>))
    options[key] = given.options?.[key] ?? defaultOf(spec)
  const { out, project } = call
  return execute(command, { args, options, out, project, settings: project?.settings })
}

function defaultOf(spec: OptionSpec): unknown {
  if (spec.default !== undefined) return Array.isArray(spec.default) ? [...spec.default] : spec.default
  return { boolean: false, list: [], string: undefined, integer: undefined }[spec.type]
}

/** Runs a command whose arguments and options are complete. Gives the exit code. */
export async function execute(
  command: AnyCommand,
  given: Omit<CommandContext<any, any, any>, 'signal'>, // as AnyCommand
): Promise<number> {
  let abort: AbortController | undefined
  const stop = () => abort?.abort()
  const context = {
    ...given,
    // Made when asked for: a command that does not watch the signal ends at Ctrl-C as any program does.
    get signal(): AbortSignal {
      if (!abort) {
        abort = new AbortController()
        for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
      }
      return abort.signal
    },
  }
  try {
    return (await command.run(context)) ?? 0
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop)
  }
}
