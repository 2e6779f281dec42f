import { ConfigurationError } from '../std/errors.ts'

/** A project that cannot be put together: `project.no-urls`, `project.bad-urls`, `project.closed`. */
export class ProjectError extends ConfigurationError {}
