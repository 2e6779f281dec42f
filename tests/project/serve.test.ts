import { type Settings, serve } from 'nuages'
import { respond } from 'nuages/http'
import { routes } from 'nuages/urls'
import { expect, test, vi } from 'vitest'
import { folderWith } from './files.ts'

const urls = routes({ home: '', stray: 'stray/' })
const views = {
  home: urls.home.view(() => respond('home')),
  stray: urls.stray.view(() => {
    void Promise.reject(new Error('nobody waits for this'))
    return respond('answered')
  }),
}

test('serve() goes on when a promise fails that nobody waits for, and leaves the process as it was', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const before = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection') // the test runner's own would fail the test
  const settings = {
    root: folderWith({}),
    secretKey: 'a key for tests that is long enough to be accepted',
    allowedHosts: ['127.0.0.1'],
    urls: async () => ({ urls, views }),
  }
  const server = await serve(settings as unknown as Settings, { port: 0, env: {}, mode: 'test' })
  try {
    expect(await (await fetch(`${server.url}stray/`)).text()).toBe('answered')
    expect(await (await fetch(server.url)).text()).toBe('home')
    expect(String(printed.mock.calls)).toContain('A promise failed that nobody waits for.')
  } finally {
    await server.close()
    expect(process.listenerCount('unhandledRejection')).toBe(0)
    for (const listener of before) process.on('unhandledRejection', listener)
    await server.project.close()
  }
})
