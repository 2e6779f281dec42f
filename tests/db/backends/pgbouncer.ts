/** A pgbouncer of our own before the PostgreSQL server, in its mode of transactions: each may get another connection. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseConfig } from '../../../src/db/backends/backend.ts'
import { dropSchemas, freshSchemas, POSTGRES_URL } from './postgres.ts'

let running: { readonly process: ChildProcess; readonly folder: string; readonly port: number } | null = null

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number } // a TCP server has one
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Starts it, once per process. It will not run as root, so then as the user of the server. */
async function start(): Promise<number> {
  if (running !== null) return running.port
  const { hostname, port: server, username, password, pathname } = new URL(POSTGRES_URL)
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'nuages-pgbouncer-'))
  chmodSync(folder, 0o755)
  const login = `user=${username}${password === '' ? '' : ` password=${password}`}`
  const settings = [
    '[databases]',
    `${pathname.slice(1)} = host=${hostname} port=${server || 5432} ${login}`,
    '[pgbouncer]',
    'pool_mode = transaction',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'max_client_conn = 500',
    'default_pool_size = 6',
  ]
  writeFileSync(join(folder, 'pgbouncer.ini'), settings.join('\n'))
  const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn('pgbouncer', [...user, join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  const ended = once(child, 'exit').then(() => {
    throw new Error(`pgbouncer ended: ${said}`)
  })
  ended.catch(() => undefined) // told below, while it starts
  while (!(await Promise.race([answers(port), ended]))) await sleep(20)
  process.once('exit', () => child.kill())
  running = { process: child, folder, port }
  return port
}

/** As {@link freshSchemas}, through pgbouncer; changes of tables and listen() past it. */
export async function freshPastPgbouncer(count: number): Promise<() => DatabaseConfig> {
  const fresh = await freshBehindPgbouncer(count)
  return () => {
    const config = fresh()
    return { ...config, options: { ...config.options, directUrl: POSTGRES_URL } }
  }
}

/** As {@link freshSchemas}, everything through pgbouncer. */
export async function freshBehindPgbouncer(count: number): Promise<() => DatabaseConfig> {
  const schema = await freshSchemas(count)
  const url = new URL(POSTGRES_URL)
  url.port = String(await start())
  return () => {
    const config = schema()
    return { ...config, url: url.href, options: { ...config.options, pooler: 'transaction' } }
  }
}

/** Stops it, and drops the schemas of this run. */
export async function stopPgbouncer(): Promise<void> {
  if (running !== null) {
    running.process.kill()
    rmSync(running.folder, { recursive: true })
    running = null
  }
  await dropSchemas()
}
