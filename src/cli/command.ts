/**
 * Commands: what `nuages <name>` runs. A room keeps its own in `<room>/commands/<name>.ts`, an app in
 * `<app>/commands/<name>.ts`; both have the command as default export.
 *
 *     export default defineCommand({
 *       help: 'Load cities from a file.',
 *       arguments: [{ name: 'file', help: 'a JSON file' }],
 *       options: { limit: { type: 'integer', help: 'stop after so many' }, dryRun: { type: 'boolean', help: 'write nothing' } },
 *       async run({ args, options, out }) {
 *         out.line(`Loading ${args.file} …`)      // options.limit: number | undefined, options.dryRun: boolean
 *       },
 *     })
 */
import type { ResolvedSettings } from '../conf/index.ts'
import type { Project } from '../project/index.ts'
import { CommandError } from './errors.ts'
import type { Output } from './output.ts'

/**
 * What must be there before `run`: nothing at all; settings (`boot` went well); the project (rooms configured, models
 * and apps ready: the default); or the project with its default database opened, so that a file that cannot be
 * written or a server that is down is told before any work.
 */
export type Needs = 'nothing' | 'settings' | 'project' | 'database'

/** A positional argument. Required unless `required: false`; `variadic` takes all that follow. */
export interface ArgumentSpec {
  readonly name: string
  readonly help: string
  readonly required?: boolean
  readonly variadic?: boolean
  readonly choices?: readonly string[]
  /** Used when the argument is absent; makes it optional. */
  readonly default?: string
}

interface OptionBase {
  readonly help: string
  /** One letter: `short: 'n'` allows `-n`. */
  readonly short?: string
  /** Word shown for the value in `--help`; default: `value`, `number` … */
  readonly placeholder?: string
  /** Works, but is not listed in `--help`. */
  readonly hidden?: boolean
}
/**
 * An option. Its key is camelCase and is written with dashes on the command line: `failLevel` is `--fail-level`.
 * Absent options are `undefined` (booleans `false`, lists `[]`) unless a default is given. A boolean whose default is
 * true is switched off by `--no-<name>`.
 */
export type OptionSpec =
  | (OptionBase & { readonly type: 'boolean'; readonly default?: boolean })
  | (OptionBase & {
      readonly type: 'string'
      readonly default?: string
      readonly required?: boolean
      readonly choices?: readonly string[]
    })
  | (OptionBase & { readonly type: 'integer'; readonly default?: number; readonly required?: boolean })
  /** May be given several times: `--exclude a --exclude b`. */
  | (OptionBase & { readonly type: 'list'; readonly default?: readonly string[] })

type Arguments = readonly ArgumentSpec[]
type Options = Readonly<Record<string, OptionSpec>>

type Choice<S> = S extends { readonly choices: readonly (infer C extends string)[] } ? C : string
type ArgumentValue<S extends ArgumentSpec> = S extends { readonly variadic: true }
  ? Choice<S>[]
  : S extends { readonly default: string }
    ? Choice<S>
    : S extends { readonly required: false }
      ? Choice<S> | undefined
      : Choice<S>
type OptionValue<S extends OptionSpec> = S extends { readonly type: 'boolean' }
  ? boolean
  : S extends { readonly type: 'list' }
    ? string[]
    :
        | (S extends { readonly type: 'integer' } ? number : Choice<S>)
        | (S extends { readonly default: string | number } | { readonly required: true } ? never : undefined)

/** Values of the positional arguments, by name. */
export type ArgumentValues<A extends Arguments> = { [S in A[number] as S['name']]: ArgumentValue<S> }
/** Values of the options, by key. */
export type OptionValues<O extends Options> = { [K in keyof O]: OptionValue<O[K]> }

/** What `run` receives. Where no declaration says what its values are they are `any`: each command knows its own. */
export interface CommandContext<A = Record<string, any>, O = Record<string, any>, N extends Needs = 'project'> {
  readonly args: A
  readonly options: O
  /** Where everything printed goes; tests capture it. */
  readonly out: Output
  readonly settings: N extends 'nothing' ? undefined : ResolvedSettings
  readonly project: N extends 'project' | 'database' ? Project : undefined
  /** Aborted by the first Ctrl-C or SIGTERM. A command that watches it stops cleanly; otherwise the process ends. */
  readonly signal: AbortSignal
}

/** A declared command: its declaration, branded. */
export interface Command<A extends Arguments = Arguments, O extends Options = Options, N extends Needs = Needs> {
  readonly [brand]: true
  /** First sentence: the line in `nuages --help`. The rest follows in the command's own `--help`. */
  readonly help: string
  readonly arguments: A
  readonly options: O
  readonly needs: N
  /** See {@link defineCommand}. */
  readonly lenient: boolean
  /** Examples shown at the end of `--help`, command lines without `nuages`. */
  readonly examples: readonly string[]
  /** Gives the exit code; nothing is 0. */
  run(context: CommandContext<ArgumentValues<A>, OptionValues<O>, N>): Promise<number | void> | number | void
}
/** A command, its types forgotten: what registries hold. `any`, because what `run` takes differs with each. */
export type AnyCommand = Command<any, any, any>

const RESERVED = new Set(['help', 'settings', 'trace', 'color', 'noColor'])
const brand: unique symbol = Symbol.for('nuages.command') as never // a registered symbol: two copies of nuages agree on it

/**
 * Declares a command; `args` and `options` of `run` are typed from the declaration.
 *
 * @param declaration.needs   see {@link Needs}; default `'project'`
 * @param declaration.lenient   run with settings and apps that cannot be used: `project.checks()` tells of them; default
 *   false
 * @throws CommandError cli.reserved-option for an option that every command has: help, settings, trace, color
 */
export function defineCommand<
  const A extends Arguments = readonly [],
  const O extends Options = {},
  const N extends Needs = 'project',
>(declaration: {
  help: string
  arguments?: A
  options?: O
  needs?: N
  lenient?: boolean
  examples?: readonly string[]
  run(context: CommandContext<ArgumentValues<A>, OptionValues<O>, N>): Promise<number | void> | number | void
}): Command<A, O, N> {
  const taken = Object.keys(declaration.options ?? {}).find((key) => RESERVED.has(key))
  if (taken !== undefined)
    throw new CommandError(`The option "${taken}" is one that every command has.`, {
      code: 'cli.reserved-option',
      hint: `Choose another name than ${[...RESERVED].join(', ')}.`,
    })
  return Object.freeze({
    [brand]: true as const,
    help: declaration.help,
    arguments: declaration.arguments ?? ([] as unknown as A), // absent: A is the empty tuple
    options: declaration.options ?? ({} as O), // absent: O is {}
    needs: declaration.needs ?? ('project' as N), // absent: N is 'project'
    lenient: declaration.lenient ?? false,
    examples: declaration.examples ?? [],
    run: declaration.run,
  })
}

/** Whether `value` was made by {@link defineCommand}. */
export function isCommand(value: unknown): value is AnyCommand {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}
