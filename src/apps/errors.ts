import { ConfigurationError } from '../std/errors.ts'

/** An app that is declared wrongly: `apps.bad-name`, `apps.bad-model`, `apps.circular-import`, `apps.duplicate-name`, `apps.not-an-app`, `apps.unknown-app`, `apps.unknown-model`. */
export class AppError extends ConfigurationError {}
