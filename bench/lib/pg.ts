/** What benches use of the driver `pg`, which has no types of its own. */

export interface Client {
  connect(): Promise<unknown>
  query(query: Query | string): Promise<{ rows: any[][] /* any, as the driver gives it */; rowCount: number | null }>
  end(): Promise<void>
}
interface Query {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly name?: string
  readonly rowMode?: 'array'
}
interface Options {
  readonly connectionString: string
  /** Queries are sent before the answers to those ahead of them are there. */
  readonly pipeline?: boolean
}

const name = 'pg' // by name, so that the compiler does not look for types
const { default: pg } = (await import(name)) as { default: { Client: new (options: Options) => Client } }
export const Client: new (options: Options) => Client = pg.Client
