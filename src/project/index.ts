/** Putting a project together from its settings. */
export { type CreateOptions, createProject } from './create.ts'
export { ProjectError } from './errors.ts'
export type { Project, ProjectMode } from './project.ts'
