/** A backend around another whose driver fails at a call of one's choice. */
import type {
  Backend,
  Compiled,
  Connection,
  DatabaseConfig,
  Driver,
  TransactionConnection,
} from '../../../src/db/backends/backend.ts'
import { createDatabase, registerBackend } from '../../../src/db/connections.ts'

/** What a call fails with. */
export class Fault extends Error {}

/** Which call fails: the `at`-th, before it did anything or after it did everything. */
export interface Plan {
  at: number
  when: 'before' | 'after'
}

/** Calls of the driver since the plan was made. */
export class Faults {
  calls: string[] = []
  plan: Plan | null = null

  start(plan: Plan | null): void {
    this.calls = []
    this.plan = plan
  }

  /** `clean`: what the driver owes even when it fails. */
  step<T>(name: string, work: () => T | Promise<T>, clean: () => unknown = () => undefined): T | Promise<T> {
    const { plan } = this
    const hit = plan !== null && this.calls.push(name) === plan.at
    if (plan === null) this.calls.push(name)
    const fault = new Fault(`call ${this.calls.length}: ${name}`)
    if (!hit) return work()
    if (plan.when === 'after') {
      return (async () => {
        await work()
        throw fault
      })()
    }
    const cleaned = clean()
    if (!(cleaned instanceof Promise)) throw fault
    return cleaned.then(() => {
      throw fault
    })
  }
}

function connection(inner: Connection, faults: Faults): Connection {
  return {
    rows: (...given) => faults.step('rows', () => inner.rows(...given)),
    run: (...given) => faults.step('run', () => inner.run(...given)),
    named: (...given) => faults.step('named', () => inner.named!(...given)),
    iterate: (statement, params, chunk, signal) => chunks(inner, faults, { statement, params, chunk, signal }),
    exec: (...given) => faults.step('exec', () => inner.exec(...given)),
  }
}

async function* chunks(
  inner: Connection,
  faults: Faults,
  given: { statement: Compiled; params: readonly unknown[]; chunk: number; signal: AbortSignal | undefined },
) {
  const { statement, params, chunk, signal } = given
  await faults.step('iterate', () => undefined)
  for await (const rows of inner.iterate(statement, params, chunk, signal)) {
    await faults.step('chunk', () => undefined)
    yield rows
  }
}

function transaction(inner: TransactionConnection, faults: Faults): TransactionConnection {
  return {
    ...connection(inner, faults),
    get active() {
      return inner.active
    },
    deferConstraints: () => inner.deferConstraints?.(),
    commit: () =>
      faults.step(
        'commit',
        () => inner.commit(),
        () => inner.rollback(),
      ),
    rollback: () =>
      faults.step(
        'rollback',
        () => inner.rollback(),
        () => inner.rollback(),
      ),
  }
}

function driver(inner: Driver, faults: Faults): Driver {
  return {
    reader: connection(inner.reader, faults),
    writer: connection(inner.writer, faults),
    async begin(options) {
      let begun: TransactionConnection | null = null
      try {
        begun = await inner.begin(options)
        return await faults.step('begin', () => transaction(begun!, faults))
      } catch (error) {
        // A driver that fails to begin keeps nothing.
        await begun?.rollback()
        throw error
      }
    },
    translateError: (error, sql) => inner.translateError(error, sql),
    close: () => inner.close(),
  }
}

/** A configuration like another, whose driver fails as `faults` says. */
export function faulty(config: DatabaseConfig, faults: Faults): DatabaseConfig {
  const inner = createDatabase('inner', config).backend
  const engine = `faulty-${config.engine}`
  const backend: Backend = {
    ...inner,
    name: engine,
    open: async (given, alias) => driver(await inner.open({ ...given, engine: config.engine }, alias), faults),
  }
  registerBackend(backend)
  return { ...config, engine }
}
