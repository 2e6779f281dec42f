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
import { type FindTemplate, type Frame, framesNow, keyOf, placesOf, writtenFrames } from './place.ts'
import { briefly, type Question, questionOf, shapeOf } from './question.ts'
import type { RepeatedQuery } from './repeated-query.ts'

type Frames = () => readonly Frame[]

interface Asked {
  readonly question: Question
  readonly sql: string
  readonly relation: FieldMeta | null
  count: number
  milliseconds: number
  /** What is said of it: found out when it is first told, as rows may be read anew later; null for what is ignored. */
  told?: Pick<RepeatedQuery, 'place' | 'from' | 'about' | 'sql' | 'advice'> | null
}

interface Place {
  readonly key: string
  readonly written: Frames
  readonly asked: Map<string, Asked>
  reached: boolean
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
    const question = questionOf(sql)
    let place = this.#places.get(key)
    if (place === undefined) {
      place = { key, written: writtenFrames(below), asked: new Map(), reached: false }
      this.#places.set(key, place)
    }
    const shape = shapeOf(sql)
    let asked = place.asked.get(shape)
    if (asked === undefined) {
      asked = { question, sql, relation: relationAsked(), count: 0, milliseconds: 0 }
      place.asked.set(shape, asked)
      if (question.verb === 'read' && question.table !== null) this.#read(question.table, place, asked)
    }
    asked.count++
    if (asked.count >= options.threshold && (options.throws || !place.reached)) this.#reach(place, asked, options)
    return asked
  }

  #read(table: string, place: Place, asked: Asked): void {
    const list = this.#reads.get(table)
    if (list === undefined) this.#reads.set(table, [{ place, asked }])
    else list.push({ place, asked })
  }

  #reach(place: Place, asked: Asked, options: RepeatOptions): void {
    const found = this.#described(place, asked, options)
    if (found === null) return
    place.reached = true
    // The engine lost the way here, as for then() that nobody awaits: other places may be meant.
    if (place.key === '') return
    if (options.throws) {
      throw new RepeatedQueryError(
        `The same query was sent ${found.count} times from ${found.place}${found.about === null ? '' : ` (${found.about})`}: ${found.sql}`,
        { code: 'db.repeated-query', hint: found.advice, sql: asked.sql },
      )
    }
    if (this.#ended) this.#onLate(found)
  }

  #described(place: Place, asked: Asked, options: RepeatOptions): RepeatedQuery | null {
    if (asked.told === undefined) asked.told = this.#words(place, asked, options)
    return asked.told && { ...asked.told, count: asked.count, milliseconds: asked.milliseconds }
  }

  #words(place: Place, asked: Asked, { template = NO_TEMPLATE }: RepeatOptions): NonNullable<Asked['told']> | null {
    const [near = 'a place that its stack does not tell', ...from] = placesOf(place.written(), template)
    if (this.#isIgnored(near)) return null
    const { about, text, rows } = adviceFor(asked.question, asked.relation)
    const read =
      rows === null ? undefined : this.#reads.get(rows.meta.table)?.findLast((other) => other.asked !== asked)
    const where = read && placesOf(read.place.written(), template)[0]
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

  /** What was repeated so far: one for each place, of several statements the one to mend. */
  found(): RepeatedQuery[] {
    const options = watched()
    if (options === null) return []
    const reached = [...this.#places.values()].filter((place) => place.reached)
    const known = reached.filter(({ key }) => key !== '')
    return (known.length > 0 ? known : reached).flatMap((place) => {
      const often = [...place.asked.values()].filter(({ count }) => count >= options.threshold)
      // What save() and delete() read before they write is mended with the write.
      const write = often.findLast(({ question }) => /insert|update|delete/.test(question.verb))
      const found = this.#described(place, write ?? often[0]!, options)
      return found ?? []
    })
  }

  /** Nothing more is expected. Gives what was repeated. */
  end(): RepeatedQuery[] {
    this.#ended = true
    return this.found()
  }
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
