import {
  type AddHelpTextPosition,
  Argument,
  Command as Commander,
  CommanderError,
  InvalidArgumentError,
  Option,
} from 'commander'
import { t } from '../i18n/index.ts'
import { camelToSnake } from '../std/text.ts'
import type { AnyCommand, OptionSpec } from './command.ts'
import { UsageError } from './errors.ts'

/** Options every command takes, before or after its name. */
export interface GlobalOptions {
  /** Path of the settings file, as given. */
  readonly settings?: string
  /** Print stacks of errors. */
  readonly trace: boolean
}

/** A command line understood: run it, or print the help asked for. */
export type Parsed =
  | {
      readonly args: Record<string, unknown>
      readonly options: Record<string, unknown>
      readonly globals: GlobalOptions
    }
  | { readonly help: string }

/** Takes the command's name out of a command line; what is before it can only be global options. */
export function splitName(argv: readonly string[]): { name: string | undefined; rest: string[] } {
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--settings') i++
    else if (!argv[i]!.startsWith('-')) return { name: argv[i], rest: argv.toSpliced(i, 1) }
  }
  return { name: undefined, rest: [...argv] }
}

/**
 * Reads the words after a command's name.
 *
 * @throws UsageError cli.usage, with the usage line as hint
 */
export function parseCommandLine(name: string, command: AnyCommand, words: readonly string[]): Parsed {
  const parser = commanderFor(name, command)
  let help = ''
  parser.configureOutput({
    writeOut: (text) => (help += text),
    writeErr: () => {},
  })
  try {
    parser.parse([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { help }
    throw new UsageError(sentence(error.message), {
      hint: `Usage: ${usage(name, command)}. See "nuages ${name} --help".`,
    })
  }
  const given = parser.opts()
  const args: Record<string, unknown> = {}
  for (const [i, spec] of command.arguments.entries()) args[spec.name] = parser.processedArgs[i]
  const options: Record<string, unknown> = {}
  for (const [key, spec] of Object.entries(command.options as Record<string, OptionSpec>)) {
    // Commander reads `--no-input` as `input: false`, whatever the option was declared as.
    const value = negated(key) ? given[uncapitalize(key.slice(2))] === false : given[key]
    options[key] = value ?? absent(spec)
  }
  return { args, options, globals: { settings: given.settings, trace: given.trace === true } }
}

function absent(spec: OptionSpec): unknown {
  if (spec.type === 'list') return [...(spec.default ?? [])]
  return spec.type === 'boolean' ? (spec.default ?? false) : undefined
}

const negated = (key: string) => /^no[A-Z]/.test(key)
const uncapitalize = (text: string) => text[0]!.toLowerCase() + text.slice(1)

/** `nuages migrate [app] [migration] [options]` */
export function usage(name: string, command: AnyCommand): string {
  return `nuages ${name} ${commanderFor(name, command).usage()}`.trim()
}

/** First sentence of a command's help. */
export function summary(command: AnyCommand): string {
  return /^[\s\S]*?[.?!](?=\s|$)|^[\s\S]*/.exec(t(command.help))![0].trim()
}

function commanderFor(name: string, command: AnyCommand): Commander {
  const parser = new Commander(`nuages ${name}`)
    .description(t(command.help))
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', t('show this help'))
    .optionsGroup('Options:')
  for (const spec of command.arguments) {
    const required = spec.required !== false && spec.default === undefined
    const text = spec.variadic ? `${spec.name}...` : spec.name
    const argument = new Argument(required ? `<${text}>` : `[${text}]`, t(spec.help))
    if (spec.choices) argument.choices(spec.choices)
    if (spec.default !== undefined) argument.default(spec.default)
    else if (spec.variadic && !required) argument.default([])
    parser.addArgument(argument)
  }
  for (const [key, spec] of Object.entries(command.options as Record<string, OptionSpec>))
    parser.addOption(option(key, spec))
  for (const global of globalOptions()) parser.addOption(global.helpGroup(t('Options of every command:')))
  if (command.examples.length > 0) {
    const lines = command.examples.map((example: string) => `  nuages ${example}`)
    parser.addHelpText('after' satisfies AddHelpTextPosition, `\nExamples:\n${lines.join('\n')}`)
  }
  return parser
}

/** The options every command takes. */
export function globalOptions(): Option[] {
  return [
    new Option('--settings <path>', t('settings file (default: NUAGES_SETTINGS, else settings.ts here)')),
    new Option('--trace', t('show where an error comes from')),
    new Option('--no-color', t('plain text, as NO_COLOR=1 does')),
  ]
}

function option(key: string, spec: OptionSpec): Option {
  const short = spec.short ? `-${spec.short}, ` : ''
  const name = camelToSnake(key).replaceAll('_', '-')
  const word = spec.placeholder ?? { boolean: '', string: 'value', integer: 'number', list: 'value' }[spec.type]
  if (spec.type === 'boolean') {
    const made = new Option(spec.default ? `${short}--no-${name}` : `${short}--${name}`, t(spec.help))
    return spec.hidden ? made.hideHelp() : made
  }
  const made = new Option(`${short}--${name} <${word}>`, t(spec.help))
  if (spec.hidden) made.hideHelp()
  if (spec.type === 'list') return made.argParser((value, before: string[] = []) => [...before, value])
  if (spec.type === 'integer') made.argParser(integer)
  else if (spec.choices) made.choices(spec.choices)
  if (spec.default !== undefined) made.default(spec.default)
  return made.makeOptionMandatory(spec.required === true)
}

function integer(text: string): number {
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** Commander says `error: unknown option '--al'\n(Did you mean --all?)`. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll("'", '"')
    .replace(/\n\(Did you mean (.*)\?\)$/, '. Did you mean "$1"?')
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`
}
