/** Errors as text for whoever works on the project: its files and lines, not those of Node and of this package. */

const packageRoot = new URL('../../', import.meta.url).href
const OURS = ['src/', 'dist/', 'bin/'].map((folder) => packageRoot + folder)

/**
 * Message and stack of any thrown value, causes included. Frames of Node are left out always; those of this package
 * unless `all` is asked for or nothing else is there (then it is our mistake).
 */
export function describeThrown(error: unknown, all = false): string {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`
  const text = stackOf(error, all)
  return error.cause instanceof Error ? `${text}\nCaused by: ${describeThrown(error.cause, all)}` : text
}

/** A file that Node cannot read, or an import that leads nowhere: its own text names file and line above the message. */
export function isUnreadableFile(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: string }).code ?? ''
  if (/^ERR_(MODULE_NOT_FOUND|.*TYPESCRIPT.*|.*TYPE_STRIPPING|PACKAGE_PATH_NOT_EXPORTED)$/.test(code)) return true
  return error instanceof SyntaxError && /^(file:|\/|[a-z]:\\).*:\d+$/i.test((error.stack ?? '').split('\n', 1)[0]!)
}

function stackOf(error: Error, all: boolean): string {
  const lines = (error.stack ?? String(error)).split('\n')
  const frames = lines.filter((line) => isFrame(line) && !/[( ]node:|\(index \d+\)$/.test(line))
  const theirs = frames.filter((line) => !OURS.some((folder) => line.includes(folder)))
  const shown = all ? frames : theirs.length > 0 || isUnreadableFile(error) ? theirs : frames
  return lines
    .filter((line) => !isFrame(line) || shown.includes(line))
    .join('\n')
    .trimEnd()
}

function isFrame(line: string): boolean {
  return /^ {4}at /.test(line)
}
