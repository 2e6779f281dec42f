import { defineCommand } from '../../cli/index.ts'
import { tn } from '../../i18n/index.ts'
import { databaseStore } from '../backends/database.ts'
import { sessionOptions } from '../options.ts'

export default defineCommand({
  help: 'Remove sessions that have expired. Run it daily: sessions that nobody comes back to are never removed otherwise.',
  needs: 'database',
  async run({ out }) {
    const removed = await (sessionOptions().store ?? databaseStore).clearExpired(new Date())
    out.line(tn('Removed {n} expired session.', 'Removed {n} expired sessions.', removed))
  },
})
