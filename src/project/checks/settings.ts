/** Settings that can be read and are wrong all the same: folders that are not there, a chain in the wrong order. */
import { existsSync, statSync } from 'node:fs'
import { shortPath } from '../../checks/imports.ts'
import { type Check, type Finding, finding } from '../../checks/index.ts'
import type { ResolvedSettings } from '../../conf/index.ts'

/** settings.W001: a folder that is not there. middleware.E001, W001: order and repetition of the chain. */
export function settingsCheck(settings: ResolvedSettings): Check {
  return function settingsCheck() {
    return [...missingFolders(settings), ...middlewareOrder(settings)]
  }
}

function missingFolders({ staticDirs, templateDirs, root }: ResolvedSettings): Finding[] {
  const missing = (setting: string, folders: readonly string[], optional: string | null) =>
    folders
      .filter((folder) => shortPath(root, folder) !== optional && !isFolder(folder))
      .map((folder) =>
        finding('warning', 'settings.W001', `${setting} names "${shortPath(root, folder)}", which is no folder.`, {
          object: `settings.${setting}`,
          hint: `Make the folder ${folder}, or remove the line.`,
        }),
      )
  // `templates` is the default: a project need not have it.
  return [...missing('staticDirs', staticDirs, null), ...missing('templateDirs', templateDirs, 'templates')]
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

/** Who has to stand outside whom, and what goes wrong otherwise. */
const ORDER: readonly (readonly [outer: string, inner: string, why: string])[] = [
  ['sessionsMiddleware', 'authMiddleware', 'request.user is read from the session, which is not there yet.'],
  ['sessionsMiddleware', 'csrfMiddleware', 'A login inside could not change the secret of the session it makes.'],
  ['csrfMiddleware', 'authMiddleware', 'A forged request is to be refused before anybody is asked who sends it.'],
  ['httpsRedirect', 'sessionsMiddleware', 'A session would be opened over HTTP before the visitor is sent to HTTPS.'],
  ['securityHeaders', 'sessionsMiddleware', 'Error pages of the sessions would go out without the security headers.'],
  ['securityHeaders', 'csrfMiddleware', 'The page that refuses a forged request would go out without them.'],
]

function middlewareOrder({ middleware }: ResolvedSettings): Finding[] {
  if (middleware === null) return []
  const names = middleware.map(({ name }) => name)
  const wrong = ORDER.filter(([outer, inner]) => {
    const [a, b] = [names.indexOf(outer), names.indexOf(inner)]
    return a !== -1 && b !== -1 && a > b
  }).map(([outer, inner, why]) =>
    finding('error', 'middleware.E001', `In the setting middleware ${outer} stands after ${inner}. ${why}`, {
      object: 'settings.middleware',
      hint: `Put ${outer} before ${inner}, or write middleware: [...defaultMiddleware, yours].`,
    }),
  )
  const repeated = names
    .filter((name, i) => name !== '' && names.indexOf(name) !== i)
    .map((name) =>
      finding('warning', 'middleware.W001', `The middleware ${name} stands in the chain twice.`, {
        object: 'settings.middleware',
        hint: 'Remove one: each request passes both.',
      }),
    )
  return [...wrong, ...repeated]
}
