import type { ExplainRules } from '../backend.ts'

/** How SQLite explains: steps, each below the one it is part of. */
export const sqliteExplain: ExplainRules = {
  flags: {},
  formats: [],
  write: () => 'EXPLAIN QUERY PLAN ',
  read: (rows) => {
    const depths = new Map<unknown, number>()
    return rows
      .map(([id, parent, , detail]) => {
        const depth = (depths.get(parent) ?? -1) + 1
        depths.set(id, depth)
        return '  '.repeat(depth) + String(detail)
      })
      .join('\n')
  },
}
