import { t } from '../i18n/index.ts'
import { builtInCommands } from './commands.ts'
import { type AppCommand, appCommands } from './discover.ts'
import { bootSettings, findSettings } from './environment.ts'
import type { Output } from './output.ts'
import { globalOptions, summary } from './parse.ts'
import { describeError } from './report.ts'
import { packageVersion } from './version.ts'

/** Prints what `nuages --help` says: built-in commands, those of apps, and why these are missing where they are. */
export async function printOverview(out: Output): Promise<void> {
  const bold = (text: string) => out.style('bold', text)
  out.line(`${bold('nuages')} ${packageVersion()}   ${t('Usage: nuages <command> [options]')}`)
  const groups = Map.groupBy(Object.entries(builtInCommands), ([, entry]) => entry.group)
  for (const [group, entries] of groups) {
    section(
      out,
      t(group),
      entries.map(([name, entry]) => [name, t(entry.help)]),
    )
  }
  await printAppCommands(out)
  section(out, t('Options of every command'), [
    ['-h, --help', t('show help for a command')] as const,
    ...globalOptions().map((option) => [option.flags, option.description] as const),
  ])
}

async function printAppCommands(out: Output): Promise<void> {
  try {
    if (findSettings() === null) {
      out.line(
        `\n${out.style('dim', t('No settings.ts here: commands of apps are listed in the folder of a project.'))}`,
      )
      return
    }
    const commands = await appCommands((await bootSettings()).settings.apps)
    for (const name of Object.keys(builtInCommands)) commands.delete(name) // listed above
    for (const [app, entries] of Map.groupBy(commands, ([, command]) => command.app)) {
      section(
        out,
        app,
        await Promise.all(entries.map(async ([name, command]) => [name, await helpOf(command)] as const)),
      )
    }
  } catch (error) {
    out.line(`\n${out.style('yellow', t('Commands of apps are not listed, because the settings do not load:'))}`)
    out.line(describeError(error).replace(/^/gm, '  '))
  }
}

/** One broken command must not hide the others. */
async function helpOf(command: AppCommand): Promise<string> {
  try {
    return summary(await command.load())
  } catch (error) {
    return t('(cannot be loaded: {problem})', { problem: describeError(error).split('\n', 1)[0]! })
  }
}

function section(out: Output, title: string, rows: readonly (readonly [string, string])[]): void {
  out.line(`\n${out.style('bold', title)}`)
  for (const [name, help] of rows)
    out.line(`  ${out.style('cyan', name)}${' '.repeat(Math.max(2, 20 - name.length))}${help}`)
}
