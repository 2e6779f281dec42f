import { NuagesError } from '../std/errors.ts'

/** A session was used in a way it cannot be. */
export class SessionError extends NuagesError {}
