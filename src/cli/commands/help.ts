import { defineCommand } from '../command.ts'
import { builtInCommands } from '../commands.ts'
import { findAppCommand } from '../discover.ts'
import { printOverview } from '../help.ts'
import { runCommandLine } from '../run.ts'

export default defineCommand({
  help: 'Explain a command.',
  needs: 'nothing',
  arguments: [{ name: 'command', help: 'its name; without one, all commands are listed', required: false }],
  async run({ args, out }) {
    if (args.command === undefined) return printOverview(out)
    const own = Object.hasOwn(builtInCommands, args.command) ? builtInCommands[args.command] : undefined
    const command = own ? (await own.load()).default : await findAppCommand(args.command)
    return runCommandLine(args.command, command, ['--help'], out)
  },
})
