/** docs/reference/commands.md: the help of every command of the framework. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtInCommands } from '../../src/cli/commands.ts'
import { type AnyCommand, type ArgumentSpec, isCommand, type OptionSpec } from '../../src/cli/index.ts'
import { globalOptions } from '../../src/cli/parse.ts'
import { heading, table } from './source.ts'

const src = join(dirname(fileURLToPath(import.meta.url)), '../../src')

/** Commands that apps of the framework bring beside the built-in ones: those of `<room>/commands/`. */
async function appCommands(): Promise<[string, AnyCommand][]> {
  const found: [string, AnyCommand][] = []
  for (const room of ['auth', 'sessions']) {
    for (const file of readdirSync(join(src, room, 'commands')).sort()) {
      const name = file.replace(/\.ts$/, '')
      if (!file.endsWith('.ts') || file.endsWith('.d.ts') || name in builtInCommands) continue
      const module = (await import(join(src, room, 'commands', file))) as { default?: unknown }
      if (isCommand(module.default)) found.push([name, module.default])
    }
  }
  return found
}

function optionRow([key, spec]: [string, OptionSpec]): string[] {
  const dashed = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const isOff = spec.type === 'boolean' && spec.default === true
  const value =
    spec.type === 'boolean' ? '' : ` <${spec.placeholder ?? (spec.type === 'integer' ? 'number' : 'value')}>`
  const short = spec.short === undefined ? '' : `-${spec.short}, `
  const choices = 'choices' in spec && spec.choices ? ` One of: ${spec.choices.join(', ')}.` : ''
  const fallback =
    spec.default === undefined || typeof spec.default === 'boolean' ? '' : ` Default: \`${String(spec.default)}\`.`
  return [`\`${short}--${isOff ? 'no-' : ''}${dashed}${value}\``, `${sentence(spec.help)}${choices}${fallback}`]
}

function sentence(text: string): string {
  const start = text[0]!.toUpperCase() + text.slice(1)
  return /[.?!]$/.test(start) ? start : `${start}.`
}

function usage(name: string, command: AnyCommand): string {
  const words = (command.arguments as readonly ArgumentSpec[]).map(
    ({ name: argument, variadic, required, ...rest }) => {
      const word = variadic ? `${argument}...` : argument
      return required === false || rest.default !== undefined ? `[${word}]` : `<${word}>`
    },
  )
  return ['nuages', name, ...words, Object.keys(command.options).length > 0 ? '[options]' : '']
    .filter(Boolean)
    .join(' ')
}

function section(name: string, command: AnyCommand): string {
  const args = (command.arguments as readonly ArgumentSpec[]).map((spec) => [`\`${spec.name}\``, sentence(spec.help)])
  const options = Object.entries(command.options as Record<string, OptionSpec>).filter(([, spec]) => !spec.hidden)
  const examples = command.examples.map((example: string) => `nuages ${example}`).join('\n')
  return [
    `## ${name}`,
    command.help.replace(/\n/g, '\n\n'),
    `\`\`\`text\n${usage(name, command)}\n\`\`\``,
    table(['Argument', ''], args),
    table(['Option', ''], options.map(optionRow)),
    examples === '' ? '' : `\`\`\`text\n${examples}\n\`\`\``,
  ]
    .filter(Boolean)
    .join('\n\n')
}

export async function commandsPage(): Promise<string> {
  const all: [string, AnyCommand][] = []
  for (const [name, entry] of Object.entries(builtInCommands)) all.push([name, (await entry.load()).default])
  all.push(...(await appCommands()))
  const common = table(
    ['Option of every command', ''],
    [
      ['`-h, --help`', 'Show help for a command.'],
      ...globalOptions().map((option) => [`\`${option.flags}\``, sentence(option.description)]),
    ],
  )
  const about =
    'What `nuages <command>` does. Commands of your own are listed by `nuages --help`; see [commands](../guides/commands.md).'
  return `${heading('Commands', about)}${common}\n\n${all.map(([name, command]) => section(name, command)).join('\n\n')}`
}
