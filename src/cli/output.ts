import { styleText } from 'node:util'

/** Formats of `util.styleText`: `'bold'`, `'red'`, `['bold', 'cyan']` … */
export type Style = Parameters<typeof styleText>[0]

/** A bar for long work. On something that is no terminal it prints a line at every quarter instead. */
export interface Progress {
  /** Shows that `done` of `total` are finished. */
  update(done: number, total: number): void
  /** Ends the bar's line. */
  end(): void
}

/** Where a command prints. Colours only on a terminal that has them; `NO_COLOR` and `FORCE_COLOR` are respected. */
export interface Output {
  /** Text as it is, without a line end. */
  write(text: string): void
  /** Text and a line end; without text an empty line. */
  line(text?: string): void
  /**
   * Lines of text, each behind an indent. A terminal that is narrower gets them broken between words, and what follows a
   * break two spaces further in; files and pipes get them whole.
   */
  paragraph(text: string, indent?: string, style?: Style): void
  /** A line for things that went well, in green. */
  success(text: string): void
  /** A line on the error stream, in yellow. */
  warn(text: string): void
  /** A line on the error stream, in red. */
  error(text: string): void
  /** Columns aligned under their headings. An empty list prints nothing. */
  table(headings: readonly string[], rows: readonly (readonly unknown[])[]): void
  /** Two-space indented JSON and a line end: what `--json` options print. */
  json(value: unknown): void
  /** `text` in a style, or as it is where there are no colours. */
  style(style: Style, text: string): string
  progress(label: string): Progress
  /** The output is a terminal a person looks at. */
  readonly interactive: boolean
}

/** The part of a stream that is needed. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Makes an output over two streams; `colors` decides for both, by default what the terminal and environment say. */
export function createOutput(stdout: Sink, stderr: Sink, colors: boolean = hasColors(stdout)): Output {
  const style = (kind: Style, text: string) => (colors ? styleText(kind, text, { validateStream: false }) : text)
  const out: Output = {
    write: (text) => void stdout.write(text),
    line: (text = '') => void stdout.write(`${text}\n`),
    paragraph(text, indent = '', kind) {
      // A terminal that was not told its width has 0 columns.
      const width = stdout.isTTY === true ? stdout.columns || 80 : Infinity
      const lines = text.split('\n').flatMap((line) => broken(line, width, indent))
      for (const line of lines) out.line(kind === undefined ? line : style(kind, line))
    },
    success: (text) => out.line(style('green', text)),
    warn: (text) => void stderr.write(`${style('yellow', text)}\n`),
    error: (text) => void stderr.write(`${style('red', text)}\n`),
    json: (value) => out.line(JSON.stringify(value, null, 2)),
    style,
    table(headings, rows) {
      if (rows.length > 0) out.write(formatTable(headings, rows, (text) => style('bold', text)))
    },
    progress: (label) => startProgress(out, stdout, label),
    interactive: stdout.isTTY === true,
  }
  return out
}

/** An output that keeps what is printed: `text` from stdout, `errors` from stderr. For tests and calls from code. */
export function captureOutput(): Output & { readonly text: string; readonly errors: string } {
  let text = ''
  let errors = ''
  const out = createOutput({ write: (part) => (text += part) }, { write: (part) => (errors += part) }, false)
  return Object.defineProperties(out, {
    text: { get: () => text },
    errors: { get: () => errors },
  }) as Output & { readonly text: string; readonly errors: string } // both just defined
}

/** The output of the process. */
export function processOutput(): Output {
  return createOutput(process.stdout, process.stderr)
}

/** `NO_COLOR` (any value but empty) says no, `FORCE_COLOR` yes, else the stream is asked. */
function hasColors(stream: Sink): boolean {
  if (process.env.NO_COLOR) return false
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0'
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

function formatTable(
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
  heading: (text: string) => string,
): string {
  const texts = rows.map((row) => headings.map((_, i) => cell(row[i])))
  const widths = headings.map((name, i) => Math.max(name.length, ...texts.map((row) => row[i]!.length)))
  const format = (row: readonly string[], paint = (text: string) => text) =>
    row
      .map((text, i) => (i === row.length - 1 ? paint(text) : paint(text) + ' '.repeat(widths[i]! - text.length)))
      .join('  ')
  return `${[format(headings, heading), ...texts.map((row) => format(row).trimEnd())].join('\n')}\n`
}

/** One line as those that fit; a word that is wider stands alone. */
function broken(line: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let now = indent
  let isEmpty = true
  for (const word of line.split(' ')) {
    if (!isEmpty && now.length + 1 + word.length > width) {
      lines.push(now)
      now = `${indent}  `
      isEmpty = true
    }
    now += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, now]
}

function cell(value: unknown): string {
  return value === null || value === undefined ? '' : String(value)
}

function startProgress(out: Output, stream: Sink, label: string): Progress {
  const step = out.interactive ? 1 : 25
  let shown = -1
  return {
    update(done, total) {
      const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 100
      const stage = Math.floor(percent / step)
      if (stage === shown) return
      shown = stage
      const count = `${done.toLocaleString('en')}/${total.toLocaleString('en')}`
      if (!out.interactive) return out.line(`${label} ${percent}% (${count})`)
      const width = Math.max(10, Math.min(40, (stream.columns ?? 80) - label.length - count.length - 10))
      const filled = Math.round((percent / 100) * width)
      const bar = out.style('cyan', '█'.repeat(filled)) + out.style('dim', '░'.repeat(width - filled))
      out.write(`\r${label} ${bar} ${percent}% ${count}`)
    },
    end() {
      if (out.interactive && shown >= 0) out.line()
    },
  }
}
