/** The process of `nuages dev` that answers requests. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadProject } from '../environment.ts'
import type { Output } from '../output.ts'
import { reportError } from '../report.ts'
import { assertChecks, databaseLabel, describeForPage, warnOfMigrations } from '../start.ts'
import { prepareFirstStart } from './first.ts'
import { type ChildMessage, FIRST_VARIABLE, type SupervisorMessage } from './protocol.ts'

/** Milliseconds for what is being answered when a save stops this process: an event stream would never end. */
const GRACE = 200
/** Milliseconds in which the first request of a connection comes. */
const FRESH = 40
/** Milliseconds before migrations are looked at. */
const PAUSE = 150

/**
 * Serves the sockets the supervisor sends until it says stop, or is gone. Gives the exit code.
 *
 * @param prepare   done first, its mistakes told as all others
 */
export async function runChild(out: Output, prepare: () => void): Promise<number> {
  // Ctrl-C reaches this process too; the supervisor decides what it means.
  process.on('SIGINT', () => {})
  const stopped = Promise.withResolvers<void>()
  process.once('disconnect', stopped.resolve)
  process.once('SIGTERM', () => stopped.resolve())
  let answer = (socket: Socket): void => void socket.destroy()
  process.on('message', (message: SupervisorMessage, socket?: Socket) => {
    if (message.type === 'stop') stopped.resolve()
    else if (socket) answer(socket) // a browser that left meanwhile leaves no socket
  })
  try {
    prepare()
    const project = await loadProject({ mode: 'development' })
    const urls = await project.loadUrls()
    await assertChecks(project, out)
    const first = process.env[FIRST_VARIABLE] === '1'
    if (first) tell({ type: 'preparing' })
    const asked = first ? await prepareFirstStart(project, out) : 0
    const { createNodeServer, surviveStrayErrors } = await import('../../http/internal.ts')
    surviveStrayErrors()
    const { server, state } = createNodeServer(project.handler)
    const open = new Set<Socket>()
    const busy = new Set<Socket>()
    /** So new that the first request is on its way: of a browser that came during the save. Kept in reserve, it is old soon. */
    const fresh = new Set<Socket>()
    // The server itself tells idle connections apart only where it listens, and this one is handed its sockets.
    server.prependListener('request', ({ socket }, response) => {
      busy.add(socket)
      fresh.delete(socket)
      response.once('close', () => busy.delete(socket))
    })
    answer = (socket) => {
      open.add(socket)
      fresh.add(socket)
      setTimeout(() => fresh.delete(socket), FRESH).unref()
      socket.once('close', () => {
        open.delete(socket)
        fresh.delete(socket)
      })
      server.emit('connection', socket)
      socket.resume() // it was accepted paused
    }
    const { settings, debug } = project
    tell({
      type: 'ready',
      host: settings.host,
      port: settings.port,
      database: databaseLabel(project),
      debug,
      admin: urls.routes().find(({ name }) => name === 'admin:index')?.pattern ?? null,
      asked,
      watch: [...project.apps.apps.map((app) => app.root), ...settings.templateDirs],
      ignore: [settings.staticRoot, settings.mediaRoot],
    })
    // The page that is waiting comes before what is to be said of migrations.
    if (!(await Promise.race([stopped.promise.then(() => true), sleep(PAUSE)]))) await warnOfMigrations(project, out)
    await stopped.promise
    state.closing = true
    const late = Date.now() + GRACE
    while (busy.size + fresh.size > 0 && Date.now() < late) await sleep(10)
    for (const socket of open) socket.destroy()
    await project.close()
    return 0
  } catch (error) {
    if ((error as { code?: unknown }).code === 'auth.cancelled') {
      tell({ type: 'cancelled' })
      return 130
    }
    tell({ type: 'failed', text: describeForPage(error) })
    return reportError(error, out, process.argv.includes('--trace'))
  }
}

function tell(message: ChildMessage): void {
  process.send?.(message)
}
