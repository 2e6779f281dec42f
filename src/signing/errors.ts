import { ConfigurationError, NuagesError } from '../std/errors.ts'

/** A signature that does not fit: forged, damaged, or made with another key or salt. `signing.bad-signature`, status 400. */
export class BadSignature extends NuagesError {}

/** A right signature that is too old. `signing.signature-expired`, status 400. */
export class SignatureExpired extends BadSignature {}

/** Signing used wrongly: `signing.not-configured`, `signing.bad-separator`, `signing.not-json`. */
export class SigningError extends ConfigurationError {}
