/** apps.W002: models in an app's folder that no app lists. */
import { createProject, defineApp, type Settings } from 'nuages'
import { expect, onTestFinished, test } from 'vitest'
import { folderWith } from './files.ts'

const secretKey = 'a key for tests that is long enough to be accepted'
const shelf = "import { Model } from 'nuages/db'\n\nclass Shelf extends Model<Shelf>()({}) {}\n"

test('apps.W002 tells of models in code, not of those of back then beside a migration of data', async () => {
  const root = folderWith({
    'library/app.ts': '',
    'library/migrations/0002_shelves.models.ts': shelf,
    'library/shelves.models.ts': shelf,
  })
  const apps = [defineApp({ name: 'library', root: `file://${root}/library/app.ts` })]
  const project = await createProject({ root, secretKey, apps } as Settings, { mode: 'test', env: {} })
  onTestFinished(() => project.close())
  const found = (await project.checks()).filter(({ id }) => id === 'apps.W002')
  expect(found.map(({ place }) => place)).toEqual(['library/shelves.models.ts:3'])
})
