import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A line of a stack. */
export interface StackFrame {
  /** The line as it was. */
  readonly text: string
  readonly file: string | null
  readonly line: number
  /** Part of the project, not of Node, of a package or of nuages. */
  readonly own: boolean
}

/** Lines of a source around the one that matters. */
export interface Excerpt {
  readonly file: string
  readonly line: number
  /** Number of the first of `lines`. */
  readonly first: number
  readonly lines: readonly string[]
}

/** Where this package lies: `src/` or `dist/`. */
const home = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The stack without the message at its head, or null where it cannot be told from it: a message that was changed later.
 * Attack: a message holds what a visitor sent, with lines that look like places, to be shown files of the disk.
 */
function withoutMessage({ message, stack = '' }: Error): string | null {
  if (message === '') return /^[^\n:]*\n/.test(stack) ? stack : null
  const at = stack.indexOf(`: ${message}\n`)
  // Before it stands the name; or, of what cannot be parsed, the place that Node writes there.
  const isHead = at >= 0 && (!stack.slice(0, at).includes('\n') || /^(?:file:|\/|[A-Za-z]:\\)/.test(stack))
  return isHead ? stack.slice(at + message.length + 2) : null
}

/** The frames of an error's stack. */
export function stackFrames(error: unknown): readonly StackFrame[] {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return []
  const known = withoutMessage(error)
  return (known ?? error.stack)
    .split('\n')
    .filter((text) => /^\s+at /.test(text))
    .slice(0, 50)
    .map((text) => {
      const place = /(?:^\s+at (?:async )?|\()((?:file:\/\/)?\/[^()]*?|[A-Za-z]:\\[^()]*?):(\d+):\d+\)?$/.exec(text)
      const file = place === null || known === null ? null : toPath(place[1]!)
      const own = file !== null && !file.includes('/node_modules/') && !file.startsWith(home)
      return { text: text.trim(), file, line: Number(place?.[2] ?? 0), own }
    })
}

/** The source around the first frame of the project, or around the first frame there is. */
export function excerptOf(error: unknown, around = 6): Excerpt | null {
  const frames = stackFrames(error)
  const frame = frames.find((one) => one.own) ?? frames.find((one) => one.file !== null)
  if (frame?.file == null) return null
  try {
    return excerpt(frame.file, readFileSync(frame.file, 'utf8'), frame.line, around)
  } catch {
    return null // a source that is gone, or was never a file
  }
}

/** Lines of `source` around `line`. */
export function excerpt(file: string, source: string, line: number, around = 6): Excerpt | null {
  const lines = source.split(/\r?\n/)
  if (line < 1 || line > lines.length) return null
  const first = Math.max(1, line - around)
  return { file, line, first, lines: lines.slice(first - 1, line + around).map((text) => text.slice(0, 400)) }
}

function toPath(place: string): string | null {
  try {
    return place.startsWith('file://') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place
  } catch {
    return null
  }
}
