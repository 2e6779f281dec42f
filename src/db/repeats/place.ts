/** Where in the project a statement comes from: the stack without what is ours. */
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place of a stack. */
export interface Frame {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly kind: Kind
  /** It was left and is waiting: its line is that of the `await`; otherwise that of the call. */
  readonly waits: boolean
}

/** What a file is part of: the project, a template, a package, another room of ours; `skip` and `stop` are no places. */
type Kind = 'own' | 'template' | 'package' | 'room' | 'skip' | 'stop'

/** The line of a template that a line of its generated code is of. */
export type FindTemplate = (script: string, line: number) => { readonly file: string; readonly line: number } | null

/** `src/` or `dist/`. */
const HOME = fileURLToPath(new URL('../..', import.meta.url))
/** Rooms that say how, not what: a helper of these is no place. */
const SKIPPED: ReadonlySet<string> = new Set(['db', 'std', 'signals', 'i18n', 'templates', 'urls', 'shortcuts.ts'])
/** Rooms that call the project: what is above them is another matter, such as the middleware around a view. */
const STOPS: ReadonlySet<string> = new Set(['http', 'cli', 'project', 'testing', 'index.ts'])
/** Places of one stack that tell it from others. */
const MOST = 12
const DEPTH = 60

const kinds = new Map<string, Kind>()

function kindOf(file: string): Kind {
  let kind = kinds.get(file)
  if (kind === undefined) {
    kind = findKind(file)
    kinds.set(file, kind)
  }
  return kind
}

function findKind(file: string): Kind {
  if (file.startsWith('nuages:')) return 'template'
  if (file.startsWith(HOME)) {
    const room = file.slice(HOME.length).split(sep)[0]!
    return STOPS.has(room) ? 'stop' : SKIPPED.has(room) ? 'skip' : 'room'
  }
  if (!file.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(file)) return 'skip'
  return /[\\/]node_modules[\\/]/.test(file) ? 'package' : 'own'
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file.replace(/[?#].*$/, '')) : file
}

/** The stack of now, as places; null where nothing but rooms that call the project is above. */
export function framesNow(below: Function): readonly Frame[] | null {
  const sites = callSites(below)
  const frames: Frame[] = []
  for (const site of sites) {
    const file = site.getScriptNameOrSourceURL?.() ?? site.getFileName()
    if (!file) continue
    const path = pathOf(file)
    const kind = kindOf(path)
    if (kind === 'stop') return frames.length > 0 ? frames : null
    if (kind === 'skip') continue
    const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0]
    const frame = { file: path, line, column, kind, waits: site.isAsync() }
    // A function that calls itself has one place, however deep it is.
    if (!frames.some((other) => isSame(other, frame))) frames.push(frame)
    if (frames.length === MOST) break
  }
  return frames
}

function isSame(a: Frame, b: Frame): boolean {
  return a.line === b.line && a.file === b.file
}

/** Structured, which costs less than text: this runs for each statement. */
function callSites(below: Function): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = DEPTH
    Error.prepareStackTrace = (_error, sites) => sites
    Error.captureStackTrace(holder, below)
    return holder.stack as NodeJS.CallSite[] // what prepareStackTrace gave
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** As {@link framesNow}, for people: on the lines of sources that were compiled. Its text is made when it is asked for. */
export function writtenFrames(below: Function): () => readonly Frame[] {
  const { stackTraceLimit } = Error
  const holder: { stack?: string } = {}
  Error.stackTraceLimit = DEPTH
  Error.captureStackTrace(holder, below)
  Error.stackTraceLimit = stackTraceLimit
  return () => framesOf(holder.stack ?? '')
}

const LINE = /(?:\(|\s(?:async )?)((?:file:\/\/)?\/[^()]*|[A-Za-z]:[\\/][^()]*|nuages:[^()]*?):(\d+):(\d+)\)?$/

function framesOf(stack: string): Frame[] {
  const frames: Frame[] = []
  for (const line of stack.split('\n').slice(1)) {
    const match = LINE.exec(line)
    if (match === null) continue
    const file = pathOf(match[1]!)
    const kind = kindOf(file)
    if (kind === 'stop') break
    if (kind !== 'skip') frames.push({ file, line: Number(match[2]), column: Number(match[3]), kind, waits: false })
  }
  return frames
}

/** Tells stacks apart: by lines, as the column of a call is not that of its `await`; by what calls the project only where nothing else is. */
export function keyOf(frames: readonly Frame[]): string {
  const own = frames.filter(({ kind }) => kind !== 'package')
  let key = ''
  for (const { file, line } of own.length > 0 ? own : frames) key += `${file}:${line}\n`
  return key
}

/** The frame that people know best: the nearest of the project's and its templates', else of packages', else of ours. */
export function nearest(frames: readonly Frame[]): Frame | undefined {
  return known(frames)[0]
}

function known(frames: readonly Frame[]): readonly Frame[] {
  const own = frames.filter(({ kind }) => kind === 'own' || kind === 'template')
  if (own.length > 0) return own
  const others = frames.filter(({ kind }) => kind === 'package')
  return others.length > 0 ? others : frames
}

/** The places people know, nearest first, as `file:line`: the project's and its templates', else those of packages, else ours. */
export function placesOf(frames: readonly Frame[], template: FindTemplate): readonly string[] {
  return [...new Set(known(frames).map((frame) => placeOf(frame, template)))]
}

/** `trips/views.ts:34`, from the working directory. */
function placeOf({ file, line, kind }: Frame, template: FindTemplate): string {
  if (kind === 'template') {
    const found = template(file, line)
    return found === null ? file : `${nearPath(found.file)}:${found.line}`
  }
  return `${nearPath(file)}:${line}`
}

function nearPath(file: string): string {
  const near = relative(process.cwd(), file)
  return !file.startsWith('/') || near.startsWith(`..${sep}`) ? file : near
}
