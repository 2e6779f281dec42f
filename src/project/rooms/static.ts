import { join } from 'node:path'
import type { AppRegistry } from '../../apps/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'
import {
  type CollectResult,
  collectStatic,
  type Middleware,
  readManifest,
  type StaticDirectory,
  staticFiles,
  staticUrls,
} from '../../http/index.ts'

/** Static files of a project: how they are served, and the URL of each. */
export interface ProjectStatic {
  readonly middleware: Middleware
  readonly url: (path: string) => string
}

/** With debug straight from the folders; otherwise what `collectstatic` gathered, where it has run. */
export async function prepareStatic(settings: ResolvedSettings, apps: AppRegistry): Promise<ProjectStatic> {
  const { staticUrl, staticRoot, debug } = settings
  const manifest = debug ? null : await readManifest(staticRoot)
  return {
    middleware: staticFiles({ dirs: staticDirectories(settings, apps), url: staticUrl, root: staticRoot, manifest }),
    url: staticUrls(staticUrl, manifest),
  }
}

/** Fills the setting `staticRoot`. @throws ServerError http.static-missing-reference, http.static-bad-root */
export function collectProjectStatic(settings: ResolvedSettings, apps: AppRegistry): Promise<CollectResult> {
  return collectStatic(staticDirectories(settings, apps), settings.staticRoot)
}

/** The project's own folders win over those of its apps. */
export function staticDirectories(settings: ResolvedSettings, apps: AppRegistry): StaticDirectory[] {
  const own = settings.staticDirs.map((dir) => ({ dir }))
  return [...own, ...apps.apps.map((app) => ({ dir: join(app.root, 'static') }))]
}
