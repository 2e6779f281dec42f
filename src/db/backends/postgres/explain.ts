import type { ExplainRules } from '../backend.ts'

/** How PostgreSQL explains. */
export const postgresExplain: ExplainRules = {
  flags: {
    analyze: 'ANALYZE',
    buffers: 'BUFFERS',
    costs: 'COSTS',
    genericPlan: 'GENERIC_PLAN',
    memory: 'MEMORY',
    serialize: 'SERIALIZE',
    settings: 'SETTINGS',
    summary: 'SUMMARY',
    timing: 'TIMING',
    verbose: 'VERBOSE',
    wal: 'WAL',
  },
  formats: ['text', 'json', 'xml', 'yaml'],
  write: (flags, format) => {
    const words = flags.map(([word, on]) =>
      word === 'SERIALIZE' ? `${word} ${on ? 'TEXT' : 'NONE'}` : `${word} ${on}`,
    )
    if (format !== null) words.push(`FORMAT ${format.toUpperCase()}`)
    return words.length === 0 ? 'EXPLAIN ' : `EXPLAIN (${words.join(', ')}) `
  },
  read: (rows) => rows.map(([line]) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
}
