import { NuagesError, type NuagesErrorOptions } from '../std/errors.ts'

/** A storage cannot do what was asked: the file is not there, the place is not configured, the disk is full. */
export class StorageError extends NuagesError {}

/** What a refused name was trying, whether or not anybody meant it. */
export type NameAttack =
  | 'empty'
  | 'absolute'
  | 'traversal'
  | 'backslash'
  | 'nul'
  | 'control'
  | 'device'
  | 'too-long'
  | 'symlink'

/** A name that no storage takes: {@link attack} says what it would have done. Answered with 400. */
export class UnsafeNameError extends StorageError {
  readonly attack: NameAttack

  constructor(message: string, attack: NameAttack, options: Omit<NuagesErrorOptions, 'code'> = {}) {
    super(message, { code: 'storage.unsafe-name', status: 400, ...options })
    this.attack = attack
  }
}
