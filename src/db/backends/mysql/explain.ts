import type { ExplainRules } from '../backend.ts'

/** How MariaDB and MySQL explain; MariaDB's `ANALYZE` is MySQL's `EXPLAIN ANALYZE`, each read by its own alone. */
export const mysqlExplain: ExplainRules = {
  flags: { analyze: 'ANALYZE' },
  formats: ['traditional', 'json'],
  write: (flags, format) => {
    const analyze = flags.some(([, on]) => on)
    const json = format === 'json' ? 'FORMAT=JSON ' : ''
    return analyze ? `/*M! ANALYZE */ /*!80000 EXPLAIN ANALYZE */ ${json}` : `EXPLAIN ${json}`
  },
  read: (rows) => rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))).join(' | ')).join('\n'),
}
