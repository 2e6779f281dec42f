/** What is known of a request once it was answered. */
export interface AccessEntry {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly status: number
  /** Bytes of content; null for a stream. */
  readonly length: number | null
  /** Milliseconds from its arrival until its answer began. */
  readonly duration: number
  readonly clientIp: string
  /** What else the project has to say of it. */
  readonly note?: string
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what could forge a line of a log or command a terminal
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
/** Milliseconds that lines wait for others, to be written together. */
const GATHER = 20
/** Lines that are written without waiting. */
const ENOUGH = 500

/** Text from outside as it may stand in a log: on its line, without commands to a terminal (CVE-2025-48432). */
export function escapeLog(text: string): string {
  if (text.search(UNSAFE) === -1) return text
  return text.replace(UNSAFE, (sign) => {
    const code = sign.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/**
 * An error as it may stand in a log: its stack and causes. Every line but the first is indented, so that a message that
 * holds what a visitor sent begins no line of its own (log injection).
 */
export function errorForLog(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : `Thrown value: ${String(error)}`
  const lines = text.split('\n').map((line, i) => escapeLog(i === 0 || line.startsWith(' ') ? line : `  ${line}`))
  const cause = error instanceof Error && error.cause !== undefined ? `\n  Caused by: ${errorForLog(error.cause)}` : ''
  return lines.join('\n') + cause
}

/** `2026-11-21T09:30:00Z 127.0.0.1 GET /books/ 200 5120 3.2ms` */
export function formatAccess(entry: AccessEntry, now: string): string {
  const { method, target, status, length, duration, clientIp, note = '' } = entry
  const text = `${clientIp || '-'} ${method} ${target.length > 2048 ? `${target.slice(0, 2048)}…` : target}`
  return `${now} ${escapeLog(text)} ${status} ${length ?? '-'} ${duration.toFixed(1)}ms${note === '' ? '' : `  ${escapeLog(note)}`}`
}

/**
 * A logger of one line per request. Requests are gathered for 20 ms, and their lines made and written together: one by
 * one that would cost as much as half of a small answer. None is lost when the process ends, unless it is killed.
 * @param write default: standard output
 */
export function accessLog(
  write: (text: string) => void = (text) => process.stdout.write(text),
): (entry: AccessEntry) => void {
  let waiting: AccessEntry[] = []
  const flush = () => {
    if (waiting.length === 0) return
    const entries = waiting
    waiting = []
    const now = `${new Date().toISOString().slice(0, 19)}Z`
    let text = ''
    for (const entry of entries) text += `${formatAccess(entry, now)}\n`
    write(text)
  }
  process.on('exit', flush)
  return (entry) => {
    if (waiting.length === 0) setTimeout(flush, GATHER)
    waiting.push(entry)
    if (waiting.length === ENOUGH) flush()
  }
}
