/** Runs of several files on the server that `TEST_ENGINE` names: the second file keeps what the migrations made, others copy it. */
import { describe, expect, test } from 'vitest'
import { backendOf } from '../../../src/db/internal.ts'
import { isAlive } from '../../../src/testing/images.ts'
import { expectWorks, run } from './project.ts'

const servers = {
  postgres: process.env.TEST_ENGINE === 'postgres' ? process.env.POSTGRES_URL : undefined,
  mysql: process.env.TEST_ENGINE === 'mysql' ? process.env.MYSQL_URL : undefined,
}

describe.each(Object.entries(servers).filter(([, url]) => url))('on %s', { timeout: 300_000 }, (name, url) => {
  const env = { NUAGES_TEST_DATABASE: url! }
  test('the second file makes the image, and all files find what migrations would have made', async () => {
    const replayed = await run({ ...env, REPLAY: '1' }, 2)
    expect(replayed.applied).toBe(2)
    const cloned = await run(env, 4)
    // The first to be done may be the only one: it makes none. The third and the fourth are copies.
    expect(cloned.applied).toBe(2)
    expect(new Set([...replayed.found, ...cloned.found]).size).toBe(1)
    expectWorks(cloned.found[0]!, { findsUncommitted: name !== 'mysql' }) // InnoDB indexes words at the commit
  })

  test('a run removes the images of those that have ended', async () => {
    const config = { engine: new URL(url!).protocol.replace(':', ''), url: url! }
    const { siblings } = (await backendOf(config)).testDatabase!(config, 'any')
    await run(env, 2)
    const before = await siblings!('nuages_image_')
    await run(env, 2)
    const after = await siblings!('nuages_image_')
    expect(before.filter((name) => after.includes(name) && !isAlive(name.split('_').slice(3).join('_')))).toEqual([])
  })
})
