import { defineCommand } from '../command.ts'
import { CHILD_VARIABLE } from '../dev/protocol.ts'
import { environmentAtStart, projectRoot, requireSettings } from '../environment.ts'
import { listenAddress } from '../listen.ts'

export default defineCommand({
  help: [
    'Serve the project while you work on it: restarts when a file is saved.',
    'The port stays open during a restart, and a mistake is shown in the terminal and the browser until it is mended.',
    'debug is on unless the settings or the environment say otherwise.',
  ].join('\n'),
  needs: 'nothing',
  options: {
    host: {
      type: 'string',
      placeholder: 'address',
      help: 'address to listen on (default: HOST, else the setting host)',
    },
    port: { type: 'integer', short: 'p', help: 'port to listen on (default: PORT, else the setting port)' },
  },
  async run({ options, out, signal }) {
    if (process.env[CHILD_VARIABLE] && process.send) {
      const { runChild } = await import('../dev/child.ts')
      return runChild(out)
    }
    const { supervise } = await import('../dev/supervisor.ts')
    await supervise({
      ...listenAddress(options),
      root: projectRoot(requireSettings()),
      script: process.argv[1]!,
      argv: process.argv.slice(2),
      env: environmentAtStart,
      out,
      signal,
    })
  },
})
