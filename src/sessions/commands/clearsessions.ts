import { defineCommand } from '../../cli/index.ts'
import { sessionOptions } from '../options.ts'

export default defineCommand({
  help: 'Remove sessions that have expired.',
  needs: 'database',
  async run({ out }) {
    const store = sessionOptions().store ?? (await import('../backends/database.ts')).databaseStore
    out.line(`Removed ${await store.clearExpired(new Date())} expired sessions.`)
  },
})
