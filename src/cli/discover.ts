/** Commands that apps bring: files in `<app.root>/commands/`, and those of `app.commands`. */
import { readdirSync } from 'node:fs'
import { basename, extname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from '../apps/define.ts'
import { AppRegistry } from '../apps/registry.ts'
import { type Finding, finding } from '../checks/index.ts'
import { nearest } from '../std/text.ts'
import { type AnyCommand, isCommand } from './command.ts'
import { builtInCommands } from './commands.ts'
import { bootSettings } from './environment.ts'
import { CommandError, UsageError } from './errors.ts'
import { describeError } from './report.ts'

/** A command of an app, and where it is. */
export interface AppCommand {
  readonly app: string
  readonly load: () => Promise<AnyCommand>
}

/**
 * Commands of the apps, by name. Where two apps use a name, the earlier app wins, as its templates do; names of
 * built-in commands are taken.
 */
export async function appCommands(apps: readonly App[]): Promise<Map<string, AppCommand>> {
  const found = new Map<string, AppCommand>()
  // The registry adds the apps that others require.
  for (const app of new AppRegistry(apps).apps.toReversed()) {
    for (const path of commandFiles(app.root)) {
      const name = basename(path, extname(path))
      found.set(name, { app: app.name, load: () => loadFile(path) })
    }
    for (const [name, command] of Object.entries((await app.commands?.()) ?? {})) {
      found.set(name, { app: app.name, load: async () => checked(command, `app.commands.${name} of ${app.name}`) })
    }
  }
  return found
}

/** cli.W001: commands of apps that nobody can call, because a built-in command has the name. */
export async function commandFindings(apps: readonly App[]): Promise<Finding[]> {
  const found: Finding[] = []
  for (const [name, { app, load }] of await appCommands(apps)) {
    const own = Object.hasOwn(builtInCommands, name) ? builtInCommands[name] : undefined
    // Some built-in commands are files of our own apps.
    if (own === undefined || (await load().catch(() => null)) === (await own.load()).default) continue
    const message = `The command "${name}" of ${app} cannot be called: a built-in command has that name.`
    found.push(
      finding('warning', 'cli.W001', message, { object: app, hint: 'Rename its file, or its key in app.commands.' }),
    )
  }
  return found
}

/**
 * The command `name` of the project's apps.
 *
 * @throws UsageError cli.unknown-command, with the nearest names; it says so when settings could not be read
 */
export async function findAppCommand(name: string): Promise<AnyCommand> {
  let commands: Map<string, AppCommand> | undefined
  let problem = ''
  try {
    commands = await appCommands((await bootSettings()).settings.apps)
  } catch (error) {
    problem = `Commands of apps could not be looked up:\n${describeError(error)}`
  }
  const command = commands?.get(name)
  if (command) return command.load()
  const near = nearest(name, [...Object.keys(builtInCommands), ...(commands?.keys() ?? [])])
  const hints = [near ? `Did you mean "${near}"?` : '', 'See "nuages --help".', problem]
  throw new UsageError(`There is no command "${name}".`, {
    code: 'cli.unknown-command',
    hint: hints.filter(Boolean).join(problem ? '\n' : ' '),
  })
}

function commandFiles(root: string): string[] {
  const folder = join(root, 'commands')
  // Node strips no types under node_modules: a package that ships its sources too is run from its JavaScript.
  const file = folder.includes(`${sep}node_modules${sep}`) ? /^[^._].*\.(js|mjs)$/ : /^[^._].*\.(ts|js|mjs)$/
  try {
    return readdirSync(folder)
      .filter((name) => file.test(name) && !/\.(d|test)\.ts$|\.test\.m?js$/.test(name))
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function loadFile(path: string): Promise<AnyCommand> {
  return checked(((await import(pathToFileURL(path).href)) as { default?: unknown }).default, path)
}

function checked(value: unknown, place: string): AnyCommand {
  if (isCommand(value)) return value
  throw new CommandError(`${place} is not a command.`, {
    code: 'cli.not-a-command',
    hint: 'Write: export default defineCommand({ help: "…", run({ out }) { … } })',
  })
}
