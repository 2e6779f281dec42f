/**
 * The same query again and again from one place: a loop that should be one query. Counted for a request, a test or a
 * command, while somebody watches; nothing is counted, and nothing asked, otherwise.
 */
import { current, runWith } from '../../std/context.ts'
import type { FieldMeta } from '../models/meta.ts'
import { relationAsked, traceAwaits } from '../traced.ts'
import { type QueryCall, type QueryWrapper, wrapAll } from '../wrappers.ts'
import { adviceFor } from './advice.ts'
import { RepeatedQueryError, type RepeatOptions, scopeKey, setWatched, watched } from './allow.ts'
import { type FindTemplate, type Frame, framesNow, keyOf, nearest, placesOf, writtenFrames } from './place.ts'
import { briefly, type Question, questionOf, shapeOf } from './question.ts'
import type { RepeatedQuery } from './repeated-query.ts'

type Frames = () => readonly Frame[]

interface Asked {
  readonly question: Question
  readonly sql: string
  readonly relation: FieldMeta | null
  /** Where on the line: of the call, or of the `await` where it is waiting. */
  readonly column: number
  readonly waits: boolean
  readonly written: Frames
  count: number
  milliseconds: number
  /** What is said of it: found out when it is first told, as rows may be read anew later; null for what is ignored. */
  told?: Pick<RepeatedQuery, 'place' | 'from' | 'about' | 'sql' | 'advice'> | null
  reached: boolean
}

interface Place {
  readonly key: string
  /** By shape; of one shape a few, at different columns of the line. */
  readonly asked: Map<string, Asked[]>
  /** Columns of calls that began before anything waited, by which `await` of the line they were waited for. */
  readonly awaits: Map<number, number>
  /** Columns of calls that began since something last waited. */
  readonly begun: Set<number>
}

const NO_TEMPLATE: FindTemplate = () => null

/** What is counted together. */
export class RepeatScope {
  readonly #places = new Map<string, Place>()
  /** By table: the places that read it. */
  readonly #reads = new Map<string, { readonly place: Place; readonly asked: Asked }[]>()
  readonly #onLate: (found: RepeatedQuery) => void
  readonly #isIgnored: (place: string) => boolean
  #ended = false

  /**
   * @param onLate   told of what comes after the end, as of a body that is still being written
   * @param isIgnored   places that may repeat what they like
   */
  constructor(onLate: (found: RepeatedQuery) => void, isIgnored: (place: string) => boolean = () => false) {
    this.#onLate = onLate
    this.#isIgnored = isIgnored
  }

  /** Counts a statement that is about to be sent. @throws RepeatedQueryError */
  note({ sql }: QueryCall, options: RepeatOptions, below: Function): Asked | null {
    const frames = framesNow(below)
    if (frames === null) return null
    const key = keyOf(frames)
    let place = this.#places.get(key)
    if (place === undefined) {
      place = { key, asked: new Map(), awaits: new Map(), begun: new Set() }
      this.#places.set(key, place)
    }
    const shape = shapeOf(sql)
    const alike = place.asked.get(shape) ?? []
    const { column = 0, waits = false } = nearest(frames) ?? {}
    let asked = alike.find((each) => each.column === column && each.waits === waits)
    if (asked === undefined) {
      const question = questionOf(sql)
      const where = { column, waits, written: writtenFrames(below) }
      asked = { question, sql, relation: relationAsked(), ...where, count: 0, milliseconds: 0, reached: false }
      place.asked.set(shape, [...alike, asked])
      if (waits) for (const call of place.begun) if (column <= call) place.awaits.set(call, column)
      if (question.verb === 'read' && question.table !== null) this.#read(question.table, place, asked)
    }
    if (waits) place.begun.clear()
    else place.begun.add(column)
    asked.count++
    if ((options.throws || !asked.reached) && timesOf(place, shape, asked) >= options.threshold)
      this.#reach(place, shape, asked, options)
    return asked
  }

  #read(table: string, place: Place, asked: Asked): void {
    const list = this.#reads.get(table)
    if (list === undefined) this.#reads.set(table, [{ place, asked }])
    else list.push({ place, asked })
  }

  #reach(place: Place, shape: string, asked: Asked, options: RepeatOptions): void {
    const found = this.#described(place, shape, asked, options)
    if (found === null) return
    const isFirst = ![...place.asked.values()].flat().some((each) => each.reached && isSameCall(place, each, asked))
    asked.reached = true
    // The engine lost the way here, as for then() that nobody awaits: other places may be meant.
    if (place.key === '') return
    if (options.throws) {
      throw new RepeatedQueryError(
        `The same query was sent ${found.count} times from ${found.place}${found.about === null ? '' : ` (${found.about})`}: ${found.sql}`,
        { code: 'db.repeated-query', hint: found.advice, sql: asked.sql },
      )
    }
    if (this.#ended && isFirst) this.#onLate(found)
  }

  #described(place: Place, shape: string, asked: Asked, options: RepeatOptions): RepeatedQuery | null {
    if (asked.told === undefined) asked.told = this.#words(asked, options)
    const count = timesOf(place, shape, asked)
    let milliseconds = 0
    for (const each of place.asked.get(shape)!) if (isSameCall(place, each, asked)) milliseconds += each.milliseconds
    return asked.told && { ...asked.told, count, milliseconds }
  }

  #words(asked: Asked, { template = NO_TEMPLATE }: RepeatOptions): NonNullable<Asked['told']> | null {
    const [near = 'a place that its stack does not tell', ...from] = placesOf(asked.written(), template)
    if (this.#isIgnored(near)) return null
    const { about, text, rows } = adviceFor(asked.question, asked.relation)
    const read =
      rows === null ? undefined : this.#reads.get(rows.meta.table)?.findLast((other) => other.asked !== asked)
    const frames = read?.asked.written() ?? []
    // Where a room of ours reads them, as a list of the admin, nobody can write it.
    const where = nearest(frames)?.kind === 'room' ? undefined : placesOf(frames, template)[0]
    const on =
      rows === null ? '.' : `, on the query set of ${rows.meta.name}${where === undefined ? '' : ` at ${where}`}.`
    return {
      place: near,
      from,
      about,
      sql: briefly(asked.sql),
      advice: `${text.replace(/\.$/, '')}${on}`,
    }
  }

  /** What was repeated so far: one for each call, of its several statements the one to mend. */
  found(): RepeatedQuery[] {
    const options = watched()
    if (options === null) return []
    const reached = [...this.#places.values()].filter((place) => reachedIn(place).length > 0)
    const known = reached.filter(({ key }) => key !== '')
    return (known.length > 0 ? known : reached).flatMap((place) => {
      const found: { readonly told: RepeatedQuery; readonly column: number | undefined }[] = []
      for (const often of byCall(place)) {
        // What save() and delete() read before they write is mended with the write.
        const write = often.findLast(([, { question }]) => /insert|update|delete/.test(question.verb))
        const [shape, asked] = write ?? often[0]!
        const told = this.#described(place, shape, asked, options)
        if (told !== null) found.push({ told, column: columnOf(asked) })
      }
      if (found.length < 2) return found.map(({ told }) => told)
      // Several on one line are told apart by their columns.
      return found.map(({ told, column }) =>
        column === undefined ? told : { ...told, place: `${told.place}:${column}` },
      )
    })
  }

  /** Nothing more is expected. Gives what was repeated. */
  end(): RepeatedQuery[] {
    this.#ended = true
    return this.found()
  }
}

/**
 * Where a line has several calls, which of them: that of an `await` and of what it waits for, which begins before it waits
 * and stands behind it on the line. A call of one query never waits itself, and is its own.
 */
function callOf({ awaits }: Place, { column, waits }: Asked): number {
  return waits ? column : (awaits.get(column) ?? column)
}

function isSameCall(place: Place, a: Asked, b: Asked): boolean {
  return a === b || callOf(place, a) === callOf(place, b)
}

/** How often a shape was sent by the call that this one is of. */
function timesOf(place: Place, shape: string, asked: Asked): number {
  const alike = place.asked.get(shape)!
  if (alike.length === 1) return asked.count
  let times = 0
  for (const each of alike) if (isSameCall(place, each, asked)) times += each.count
  return times
}

function reachedIn({ asked }: Place): (readonly [shape: string, asked: Asked])[] {
  return [...asked].flatMap(([shape, alike]) =>
    alike.filter((each) => each.reached).map((each) => [shape, each] as const),
  )
}

/** What was repeated, by the calls of the line. */
function byCall(place: Place): (readonly [shape: string, asked: Asked])[][] {
  const calls = new Map<number, (readonly [string, Asked])[]>()
  for (const each of reachedIn(place)) {
    const call = callOf(place, each[1])
    calls.set(call, [...(calls.get(call) ?? []), each])
  }
  return [...calls.values()]
}

/** Of the source as it is written; undefined in a template, whose columns are not known. */
function columnOf({ written }: Asked): number | undefined {
  const frame = nearest(written())
  return frame === undefined || frame.kind === 'template' ? undefined : frame.column
}

let everywhere: RepeatScope | null = null

/** Many rows at once are what a loop should be, even where they come in chunks. */
function isBulk({ many, sql, params }: QueryCall): boolean {
  if (!many) return false
  const columns = /\(([^)]*)\)/.exec(sql)?.[1]?.split(',').length ?? 1
  return params.length > columns
}

const wrapper: QueryWrapper = (query, execute) => {
  const scope = current(scopeKey) ?? everywhere
  const options = watched()
  if (scope === null || scope === 'allowed' || options === null || isBulk(query)) return execute()
  const asked = scope.note(query, options, wrapper)
  if (asked === null) return execute()
  const start = performance.now()
  const done = () => {
    asked.milliseconds += performance.now() - start
  }
  const result = execute()
  if (result instanceof Promise) result.then(done, done)
  else done()
  return result
}

/** Watches from now on, or with null no more; gives the function that ends it. Of several the last one counts. */
export function watchRepeats(options: RepeatOptions | null): () => void {
  setWatched(options)
  wrapAll(options === null ? null : wrapper)
  traceAwaits(options !== null)
  return () => {
    if (watched() === options) watchRepeats(null)
  }
}

/** Runs `fn` as part of a scope. */
export function inRepeatScope<R>(scope: RepeatScope, fn: () => R): R {
  return runWith(scopeKey, scope, fn)
}

/** The scope of what is part of no other, as in a test; null for none. */
export function setRepeatScope(scope: RepeatScope | null): void {
  everywhere = scope
}

/** A report as people read it in a terminal. */
export function repeatText({ place, from, about, sql, count, milliseconds, advice }: RepeatedQuery): string {
  return [
    `Repeated query: ${count} times from ${place}${about === null ? '' : ` (${about})`}, ${milliseconds.toFixed(1)} ms`,
    ...(from.length > 0 ? [`  reached from ${from.slice(0, 4).join(', ')}`] : []),
    `  ${sql}`,
    `  ${advice}`,
  ].join('\n')
}
