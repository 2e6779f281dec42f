import { NuagesError } from '../std/errors.ts'

/** A registration or an option of the admin that cannot work. */
export class AdminError extends NuagesError {}
