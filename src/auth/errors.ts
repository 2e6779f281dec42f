import { NuagesError } from '../std/errors.ts'

/** Signing in, users and permissions used in a way they cannot be. */
export class AuthError extends NuagesError {}
