import { afterAll } from 'vitest'
import { dropSchemas, freshSchemas, POSTGRES_URL } from '../backends/postgres.ts'
import { interop, type Shared } from './interop.ts'

const next = await freshSchemas(4)
afterAll(() => dropSchemas())

/** A schema, as both sides call it. */
function shared(): Shared {
  const { hostname, port, username, password, pathname } = new URL(POSTGRES_URL)
  const ours = next()
  const schema = String(ours.options!.searchPath).split(',')[0]
  return {
    ours,
    django: {
      ENGINE: 'django.db.backends.postgresql',
      NAME: pathname.slice(1),
      HOST: hostname,
      PORT: port,
      USER: decodeURIComponent(username),
      PASSWORD: decodeURIComponent(password),
      OPTIONS: { options: `-c search_path=${schema}` },
    },
  }
}

interop('PostgreSQL', async () => ({ old: shared(), empty: shared(), third: shared(), bare: next() }))
