/** How much a request may send. Counted in bytes that arrive, whatever the headers say. */
export interface BodyLimits {
  /** Bytes of a body, files not counted; default 2,621,440 (2.5 MB). */
  readonly maxBody: number
  /** Bytes of all files of a request; default 104,857,600 (100 MB). */
  readonly maxUpload: number
  /** Bytes of one file; default: what `maxUpload` says. */
  readonly maxFileSize: number
  /** Fields of a form, or of a query; default 1,000. */
  readonly maxFields: number
  /** Files of a form; default 100. */
  readonly maxFiles: number
}

export const defaultLimits: BodyLimits = Object.freeze({
  maxBody: 2_621_440,
  maxUpload: 104_857_600,
  maxFileSize: 104_857_600,
  maxFields: 1000,
  maxFiles: 100,
})

/** The limits with their defaults. */
export function resolveLimits(limits: Partial<BodyLimits> = {}): BodyLimits {
  const all = { ...defaultLimits, ...limits }
  return Object.freeze({ ...all, maxFileSize: limits.maxFileSize ?? all.maxUpload })
}
