import { CommandError } from './errors.ts'

const HIGHEST = 65_535

/**
 * Where to listen, as far as the command line and the environment (`HOST`, `PORT`) say so.
 *
 * @throws CommandError cli.bad-port for what is no port: serving somewhere else would surprise
 */
export function listenAddress(options: { readonly host?: string | undefined; readonly port?: number | undefined }): {
  host: string | undefined
  port: number | undefined
} {
  const { HOST, PORT } = process.env
  if (options.port !== undefined) assertPort(options.port, String(options.port), '--port')
  const port = options.port ?? (PORT ? readPort(PORT) : undefined)
  return { host: options.host ?? (HOST || undefined), port }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  assertPort(port, text, 'the variable PORT')
  return port
}

function assertPort(port: number, text: string, where: string): void {
  if (port >= 0 && port <= HIGHEST) return
  throw new CommandError(`${JSON.stringify(text)} in ${where} is not a port.`, {
    code: 'cli.bad-port',
    hint: `Give a number from 0 to ${HIGHEST}; 0 takes a free one.`,
  })
}
