import { NuagesError } from '../std/errors.ts'

/** A test that found otherwise, or a test tool used in a way it cannot be. */
export class TestingError extends NuagesError {}
