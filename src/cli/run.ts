/** Running a command from a command line: what it needs is made before, and closed after. */
import { execute } from './call.ts'
import type { AnyCommand } from './command.ts'
import { bootSettings, loadProject } from './environment.ts'
import type { Output } from './output.ts'
import { parseCommandLine } from './parse.ts'

/** Commands that are many pieces of work: a request, a line. */
const LASTING: ReadonlySet<string> = new Set(['serve', 'shell'])

/** Runs the command called `name` with the words after it; gives the exit code. */
export async function runCommandLine(
  name: string,
  command: AnyCommand,
  words: readonly string[],
  out: Output,
): Promise<number> {
  const parsed = parseCommandLine(name, command, words)
  if ('help' in parsed) {
    out.write(parsed.help)
    return 0
  }
  const { args, options } = parsed
  if (command.needs === 'nothing')
    return execute(command, { args, options, out, settings: undefined, project: undefined })
  if (command.needs === 'settings') {
    const { settings } = await bootSettings()
    return execute(command, { args, options, out, settings, project: undefined })
  }
  const project = await loadProject({ mode: 'command', lenient: command.lenient })
  try {
    if (command.needs === 'database') await project.openDatabases()
    const run = () => execute(command, { args, options, out, settings: project.settings, project })
    return await (LASTING.has(name) ? run() : project.work(run))
  } finally {
    await project.close()
  }
}
