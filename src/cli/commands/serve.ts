import { t } from '../../i18n/index.ts'
import { defineCommand } from '../command.ts'
import { listenAddress } from '../listen.ts'
import { assertChecks, databaseLabel, warnOfPendingMigrations } from '../start.ts'

/** Milliseconds requests may take to finish once the process is told to stop. */
const GRACE = 10_000

export default defineCommand({
  help: [
    'Serve the project in production.',
    'Does not start when checks find errors. SIGTERM and Ctrl-C stop it gracefully: what is being answered is finished.',
  ].join('\n'),
  options: {
    host: {
      type: 'string',
      placeholder: 'address',
      help: 'address to listen on (default: HOST, else the setting host)',
    },
    port: { type: 'integer', short: 'p', help: 'port to listen on (default: PORT, else the setting port)' },
  },
  examples: ['serve', 'serve --host 0.0.0.0 --port 80'],
  async run({ options, out, project, signal }) {
    const { host = project.settings.host, port = project.settings.port } = listenAddress(options)
    await project.loadUrls()
    await assertChecks(project, out)
    await warnOfPendingMigrations(project, out)
    const { serveNode } = await import('../../http/index.ts')
    const { surviveStrayErrors } = await import('../../http/internal.ts')
    const server = await serveNode(project.handler, { host, port })
    surviveStrayErrors()
    out.line(
      t('Serving {url}  ({database}, process {pid})', {
        url: server.url,
        database: databaseLabel(project),
        pid: String(process.pid),
      }),
    )
    if (project.debug)
      out.warn(t('debug is on: error pages show sources and settings. Never do this where others can reach it.'))
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    out.line(t('Stopping: finishing what is being answered …'))
    await server.close({ timeout: GRACE })
  },
})
