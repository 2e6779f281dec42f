/** CON-04, SEC-11: a project's uploads, served with debug and by nobody without. */
import { HttpRequest } from 'nuages/http'
import { inMemory, storage } from 'nuages/storage'
import { expect, test } from 'vitest'
import { FetchSource } from '../../src/http/internal.ts'
import { createProject } from '../../src/project/internal.ts'

const settings = {
  secretKey: 'a key of a project for tests only, which is long enough',
  allowedHosts: ['*'],
  storages: { default: inMemory({ url: '/media/' }) },
}
const ask = async (debug: boolean, path: string) => {
  const project = await createProject({ ...settings, debug }, { env: {}, root: import.meta.dirname })
  try {
    await storage().save('page.html', '<script>alert(1)</script>', { allowOverwrite: true })
    return await project.handler(new HttpRequest(new FetchSource(new Request(`http://localhost${path}`))))
  } finally {
    await project.close()
  }
}

test('CON-04 with debug a stored file is served so that it runs nothing', async () => {
  const { status, headers } = await ask(true, '/media/page.html')
  expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="page.html"'])
  expect(headers.get('content-security-policy')).toContain('sandbox')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('CON-04 without debug nothing is served under mediaUrl', async () => {
  expect((await ask(false, '/media/page.html')).status).toBe(404)
})

test('FORM-23 a storage that cannot be made is told at start', async () => {
  const start = createProject({ ...settings, storages: { backup: 's3:bucket' } }, { env: {} })
  await expect(start).rejects.toMatchObject({ code: 'storage.bad-url', message: /"backup"/ })
})
