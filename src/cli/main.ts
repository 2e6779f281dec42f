/** The entry of `bin/nuages.js`: from a command line to an exit code. */
import type { AnyCommand } from './command.ts'
import { builtInCommands } from './commands.ts'
import { type DevWords, readDevWords } from './dev/words.ts'
import { loadEnvironmentFile } from './environment.ts'
import { UsageError } from './errors.ts'
import { type Output, processOutput } from './output.ts'
import { reportError } from './report.ts'

/** Runs `nuages <argv>`, then ends the process: 0 when all went well, 1 after a failure, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--no-color')) process.env.NO_COLOR = '1'
  for (const stream of [process.stdout, process.stderr]) {
    // `nuages migrate | head`: nobody reads any more, and the work goes on to its end.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const code = await run(argv)
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
  // A timer somebody's app started must not keep a finished command waiting.
  process.exit(code)
}

async function run(argv: readonly string[]): Promise<number> {
  const out = processOutput()
  try {
    loadEnvironmentFile()
    const words = readDevWords(argv)
    if (words !== null) return await runDev(words, out)
    const { splitName } = await import('./parse.ts')
    const { name, rest } = splitName(argv)
    const settings = settingsOption(rest)
    if (settings !== undefined) process.env.NUAGES_SETTINGS = settings // the child of dev reads it there
    if (name === undefined) return await runWithoutName(argv)
    const { runCommandLine } = await import('./run.ts')
    return await runCommandLine(name, await findCommand(name), rest, out)
  } catch (error) {
    return reportError(error, out, argv.includes('--trace'))
  }

  async function runWithoutName(words: readonly string[]): Promise<number> {
    const known = ['--help', '-h', '--version', '-V', '--trace', '--no-color', '--settings']
    const wrong = words.find((word) => word.startsWith('-') && !known.includes(word.split('=')[0]!))
    if (wrong !== undefined) throw new UsageError(`Unknown option ${wrong}.`, { hint: 'See "nuages --help".' })
    if (words.includes('--version') || words.includes('-V')) {
      const { default: version } = await import('./commands/version.ts')
      return (await version.run({ out, options: { json: false } } as Parameters<typeof version.run>[0])) ?? 0 // needs nothing
    }
    const { printOverview } = await import('./help.ts')
    await printOverview(out)
    return words.length === 0 ? 2 : 0
  }
}

/** `nuages dev` as it is mostly called: the process stays, so it loads no more than it needs. */
async function runDev(options: DevWords, out: Output): Promise<number> {
  const settings = settingsOption(process.argv.slice(2))
  if (settings !== undefined) process.env.NUAGES_SETTINGS = settings
  const [{ default: dev }, { callCommand }] = await Promise.all([import('./commands/dev.ts'), import('./call.ts')])
  return callCommand(dev, { options, out })
}

/** The value of `--settings`, read before the command is known: its command may belong to an app of that project. */
function settingsOption(words: readonly string[]): string | undefined {
  const i = words.findIndex((word) => word === '--settings' || word.startsWith('--settings='))
  if (i < 0) return undefined
  return words[i]!.includes('=') ? words[i]!.slice('--settings='.length) : words[i + 1]
}

/** A built-in command, else one of the project's apps. @throws UsageError cli.unknown-command */
async function findCommand(name: string): Promise<AnyCommand> {
  const own = Object.hasOwn(builtInCommands, name) ? builtInCommands[name] : undefined
  if (own) return (await own.load()).default
  const { findAppCommand } = await import('./discover.ts')
  return findAppCommand(name)
}
