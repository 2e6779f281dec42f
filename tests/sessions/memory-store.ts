import type { SessionData, SessionStore } from 'nuages/sessions'

/** Sessions in memory; `calls` lists what was asked of the store. */
export function memoryStore(): SessionStore & {
  readonly rows: Map<string, { data: string; expires: Date }>
  readonly calls: string[]
} {
  const rows = new Map<string, { data: string; expires: Date }>()
  const calls: string[] = []
  return {
    rows,
    calls,
    async load(key) {
      calls.push(`load ${key}`)
      const row = rows.get(key)
      return row && row.expires > new Date() ? (JSON.parse(row.data) as SessionData) : null
    },
    async create(key, data, expires) {
      calls.push(`create ${key}`)
      if (rows.has(key)) return false
      rows.set(key, { data: JSON.stringify(data), expires })
      return true
    },
    async update(key, data, expires) {
      calls.push(`update ${key}`)
      if (!rows.has(key)) return false
      rows.set(key, { data: JSON.stringify(data), expires })
      return true
    },
    async delete(key) {
      calls.push(`delete ${key}`)
      return rows.delete(key)
    },
    async clearExpired(now) {
      const expired = [...rows].filter(([, { expires }]) => expires <= now)
      for (const [key] of expired) rows.delete(key)
      return expired.length
    },
  }
}
