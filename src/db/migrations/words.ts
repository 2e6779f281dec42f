/** Words by which new operations say what they provide and require: `model:library.Book`, `-field:library.Book.title`. */
import type { Operation } from './operations/operation.ts'

export const model = (label: string) => `model:${label}`
export const field = (label: string, name: string) => `field:${label}.${name}`
export const removedModel = (label: string) => `-model:${label}`
export const removedField = (label: string, name: string) => `-field:${label}.${name}`
export const removedTrigger = (label: string, name: string) => `-trigger:${label}.${name}`
/** One of the things of a model that name a field that goes. */
export const removedPart = (label: string, i: number) => `-part:${label}.${i}`
/** A model as the migrations that there are have it: nothing new provides it. */
export const existing = (label: string) => `there:${label}`
/** The model's options are as they will be. */
export const changedOptions = (label: string) => `options:${label}`

/** An operation with what it gives and needs, before it has its place in a migration. */
export interface Draft {
  readonly app: string
  readonly operation: Operation
  readonly provides: readonly string[]
  readonly requires: readonly string[]
  /** Refers to the user model by its marker: the dependency is written as such. */
  readonly user: boolean
}

/** The app a word speaks of. */
export const appOf = (word: string) => word.slice(word.indexOf(':') + 1, word.indexOf('.'))
