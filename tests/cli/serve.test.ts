import { createServer } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { nuages, start } from './nuages.ts'

// Processes are started: on a busy machine each takes seconds.
vi.setConfig({ testTimeout: 120_000 })

const production = { DEBUG: 'no' }

/** Starts `serve` on a free port. */
async function serve(env: Record<string, string> = {}) {
  const running = start(['serve', '--port', '0'], { env: { ...production, ...env } })
  const [, url] = await running.until(/Serving (http:\/\/127\.0\.0\.1:\d+\/)/)
  return { ...running, url: url! }
}

describe('serve', () => {
  test('refuses hosts that are not allowed, and answers nobody else', async () => {
    const { url, child, ended } = await serve()
    expect((await fetch(url)).status).toBe(400)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  test('with debug answers, and warns', async () => {
    const { url, child, ended } = await serve({ DEBUG: 'yes' })
    expect(await (await fetch(url)).text()).toBe('version one')
    child.kill('SIGINT')
    const { code, err } = await ended
    expect(code).toBe(0)
    expect(err).toContain('debug is on')
  })

  test('finishes what is being answered before it stops', async () => {
    const { url, child, ended } = await serve({ DEBUG: 'yes' })
    const slow = fetch(`${url}slow/`)
    await new Promise((resolve) => setTimeout(resolve, 150))
    child.kill('SIGTERM')
    expect(await (await slow).text()).toBe('slow')
    expect((await ended).code).toBe(0)
  })

  test('does not start when checks find errors', async () => {
    const { code, out, err } = await nuages(['serve', '--port', '0'], {
      env: { ...production, NOTES_FINDING: 'error' },
    })
    expect(code).toBe(1)
    expect(out).toContain('notes.T001')
    expect(err).toContain('cli.checks-failed: The checks found an error')
  })

  test('says so when the port is in use', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    const { code, err } = await nuages(['serve'], { env: { ...production, PORT: String(port) } })
    holder.close()
    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`http\\.port-in-use: Port ${port} on 127\\.0\\.0\\.1 is in use\\.\n.*--port`))
  })
})
