/** Which rows around its own a window function looks at. */
import { ProgrammingError } from '../errors.ts'
import type { WindowNode } from './nodes.ts'

const EXCLUDED_ROWS = { currentRow: 'CURRENT ROW', group: 'GROUP', ties: 'TIES' } as const

/** One end of a frame; `open` where it has no number. */
function bound(rows: number | null, open: 'PRECEDING' | 'FOLLOWING'): string {
  if (rows === null) return `UNBOUNDED ${open}`
  if (!Number.isSafeInteger(rows)) {
    throw new ProgrammingError(`${rows} cannot be the bound of a frame.`, { code: 'db.invalid-node' })
  }
  return rows === 0 ? 'CURRENT ROW' : rows < 0 ? `${-rows} PRECEDING` : `${rows} FOLLOWING`
}

/** The frame, as it stands behind the order. */
export function frameText({ type, start, end, exclude }: NonNullable<WindowNode['frame']>): string {
  const rows = `${type === 'rows' ? 'ROWS' : 'RANGE'} BETWEEN ${bound(start, 'PRECEDING')} AND ${bound(end, 'FOLLOWING')}`
  return exclude === undefined ? rows : `${rows} EXCLUDE ${EXCLUDED_ROWS[exclude]}`
}
