/**
 * What a project tells the types, once. Open for merging:
 *
 *     declare module 'nuages' { interface Register { urls: typeof urls; user: User } }
 *
 * Register tables and instance types only, never settings, apps or views: what these point to must not mention a
 * function that the user wrote, or the compiler meets a circle.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the project's own declarations
export interface Register {}

/** What the project registered under `K`, else `Default`. */
export type Registered<K extends string, Default> = Register extends { [P in K]: infer V } ? V : Default
