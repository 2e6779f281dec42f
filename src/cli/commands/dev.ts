import { defineCommand } from '../command.ts'
import { environmentAtStart, projectRoot, requireSettings } from '../environment.ts'
import { listenAddress } from '../listen.ts'

export default defineCommand({
  help: [
    'Serve the project while you work on it: restarts when a file is saved.',
    'First it applies migrations (a project without any gets its first ones written) and makes the first superuser: from --admin-email, ADMIN_EMAIL and ADMIN_PASSWORD, or asked for at a terminal. Restarts do not migrate.',
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
    adminEmail: {
      type: 'string',
      placeholder: 'address',
      help: 'e-mail address of the first superuser (default: ADMIN_EMAIL); the password is ADMIN_PASSWORD, or asked for, or made and shown once',
    },
    prepare: { type: 'boolean', default: true, help: 'serve only: migrate nothing, ask for no superuser' },
  },
  examples: ['dev', 'dev --port 8080', 'dev --admin-email ada@example.org'],
  async run({ options, out, signal }) {
    const { supervise } = await import('../dev/supervisor.ts')
    await supervise({
      ...listenAddress(options),
      root: projectRoot(requireSettings()),
      prepare: options.prepare,
      trace: process.argv.includes('--trace'),
      // --settings arrives in the variable; what else .env set is read anew by each child.
      env: {
        ...environmentAtStart,
        NUAGES_SETTINGS: process.env.NUAGES_SETTINGS,
        ...(options.adminEmail === undefined ? {} : { ADMIN_EMAIL: options.adminEmail }),
      },
      out,
      signal,
    })
  },
})
