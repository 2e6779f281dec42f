/** Where to listen, as far as the command line and the environment (`HOST`, `PORT`) say so. */
export function listenAddress(options: { readonly host?: string | undefined; readonly port?: number | undefined }): {
  host: string | undefined
  port: number | undefined
} {
  const port = /^\d{1,5}$/.test(process.env.PORT ?? '') ? Number(process.env.PORT) : undefined
  return { host: options.host ?? (process.env.HOST || undefined), port: options.port ?? port }
}
