import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyFixture, type Running, start } from './nuages.ts'

let folder: string
let remove: () => void
let running: Running | undefined
beforeEach(() => {
  ;({ folder, remove } = copyFixture())
})
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await running?.ended
  running = undefined
  remove()
})

const views = () => join(folder, 'notes', 'views.ts')
const edit = (from: string, to: string) => writeFileSync(views(), readFileSync(views(), 'utf8').replace(from, to))

async function dev(args: string[] = ['--port', '0'], env: Record<string, string | undefined> = {}) {
  running = start(['dev', ...args], { cwd: folder, env })
  const [, url] = await running.until(/(http:\/\/\S+:\d+\/)/)
  await running.until(/Ctrl-C stops/)
  return { ...running, url: url! }
}

describe('dev', () => {
  test('serves, restarts when a file is saved, keeps its port, and stops on Ctrl-C', async () => {
    const { url, until, out, child, ended } = await dev()
    expect(await (await fetch(url)).text()).toBe('version one')
    edit('version one', 'version two')
    await until(/notes\/views\.ts changed: ready/)
    expect(await (await fetch(url)).text()).toBe('version two')
    expect(out()).toContain('no database')
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  test('a request during a restart waits instead of failing', async () => {
    const { url, until } = await dev()
    edit('version one', 'version two')
    let failures = 0
    let last = ''
    const asking = (async () => {
      while (last !== 'version two') {
        try {
          last = await (await fetch(url, { headers: { connection: 'close' } })).text()
        } catch {
          failures++
        }
      }
    })()
    await until(/changed: ready/)
    await asking
    expect(failures).toBe(0)
  })

  test('a child that failed and does not end is ended: the browser gets its error, and waits for nothing', async () => {
    const { url, until } = await dev()
    edit('export', "process.on('exit', () => { for (;;); })\nthrow new Error('no way on')\nexport")
    await until(/Not serving: it starts again when a file is saved/)
    expect(await (await fetch(url)).text()).toMatch(/The project does not start[\s\S]*no way on/)
  })

  test('findings of the checks are on the page of the browser, too', async () => {
    const { url, until } = await dev()
    const checks = join(folder, 'notes', 'checks.ts')
    writeFileSync(checks, readFileSync(checks, 'utf8').replace('process.env.NOTES_FINDING', "'error' as string"))
    await until(/Not serving: it starts again when a file is saved/)
    expect(await (await fetch(url)).text()).toMatch(/The project does not start[\s\S]*The notes are out of order/)
  })

  test('a syntax error is shown in terminal and browser, and the next save mends it', async () => {
    const { url, until, out, err } = await dev()
    edit("respond('version one')", "respond('version one'")
    await until(/Not serving: it starts again when a file is saved/)
    expect(out() + err()).toMatch(/views\.ts:\d+/)
    const page = await fetch(url)
    expect(page.status).toBe(500)
    expect(await page.text()).toMatch(/The project does not start[\s\S]*views\.ts/)
    edit("respond('version one'", "respond('version three')")
    await until(/views\.ts changed: ready/)
    expect(await (await fetch(url)).text()).toBe('version three')
  })

  test('starts with a mistake in the settings, and serves once it is mended', async () => {
    const settings = join(folder, 'settings.ts')
    const good = readFileSync(settings, 'utf8')
    writeFileSync(settings, good.replace('apps: [notes],', 'apps: [notes],\n  timeZone: "Mars",'))
    running = start(['dev', '--port', '0'], { cwd: folder })
    await running.until(/conf\.invalid-settings[\s\S]*Not serving/)
    writeFileSync(settings, good)
    await running.until(/(http:\/\/\S+:\d+\/)[\s\S]*Ctrl-C stops|changed: ready/)
  })

  test('a process that dies is started again by the next save', async () => {
    writeFileSync(views(), readFileSync(views(), 'utf8').replace("respond('slow')", 'process.exit(7)'))
    const { url, until } = await dev()
    await fetch(`${url}slow/`).catch(() => {})
    await until(/The server ended with code 7: it starts again/)
    expect((await fetch(url)).status).toBe(500)
    edit('version one', 'version two')
    await until(/changed: ready/)
    expect(await (await fetch(url)).text()).toBe('version two')
  })

  test('debug is on unless the settings or the environment say otherwise', async () => {
    const settings = join(folder, 'settings.ts')
    writeFileSync(
      settings,
      readFileSync(settings, 'utf8').replace("env.boolean('DEBUG', true)", "env.boolean('DEBUG', false)"),
    )
    const { url, out, until } = await dev()
    expect(await (await fetch(`${url}nope/`)).text()).toContain('because the setting debug is on')
    expect(out()).not.toContain('debug is off')
    writeFileSync(join(folder, '.env'), 'DEBUG=no\nALLOWED=127.0.0.1\n')
    await until(/\.env changed: ready/)
    expect((await fetch(url)).status).toBe(400)
  })

  test('says so when the port is in use', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    running = start(['dev', '--port', String(port)], { cwd: folder })
    const { code, err } = await running.ended
    holder.close()
    expect([code, err]).toEqual([1, expect.stringContaining(`cli.port-in-use: Port ${port} is in use on 127.0.0.1.`)])
  })

  test('takes the port of the settings where nothing else is said', async () => {
    const probe = createServer()
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as { port: number }
    probe.close()
    const settings = join(folder, 'settings.ts')
    writeFileSync(
      settings,
      readFileSync(settings, 'utf8').replace('apps: [notes],', `apps: [notes],\n  port: ${port},`),
    )
    expect((await dev([])).url).toBe(`http://127.0.0.1:${port}/`)
  })

  test('the child ends when its supervisor is killed', async () => {
    const { url, child, ended } = await dev()
    const before = await (await fetch(url)).text()
    child.kill('SIGKILL')
    await ended // the pipes close once the child, who holds them too, has ended
    expect(before).toBe('version one')
  })
})
