import { signal } from 'nuages/signals'
import { expect, test } from 'vitest'

test('tells receivers in the order they connected, and waits for each', async () => {
  const saved = signal<{ id: number }>('test.saved')
  const seen: string[] = []
  saved.connect(async ({ id }) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    seen.push(`first ${id}`)
  })
  saved.connect(({ id }) => {
    seen.push(`second ${id}`)
  })
  await saved.send({ id: 7 })
  expect(seen).toEqual(['first 7', 'second 7'])
  expect(saved.name).toBe('test.saved')
})

test('sending to nobody does nothing', async () => {
  const quiet = signal<void>('test.quiet')
  expect(quiet.hasReceivers).toBe(false)
  await quiet.send()
})

test('disconnecting removes one receiver, once', async () => {
  const saved = signal<void>('test.saved')
  let calls = 0
  const receiver = () => {
    calls++
  }
  const disconnect = saved.connect(receiver)
  saved.connect(receiver)
  disconnect()
  disconnect()
  await saved.send()
  expect(calls).toBe(1)
  expect(saved.hasReceivers).toBe(true)
})

test('connecting again under a key replaces the receiver in its place', async () => {
  const saved = signal<void>('test.saved')
  const seen: string[] = []
  const stale = saved.connect(() => void seen.push('old'), { key: 'index' })
  saved.connect(() => void seen.push('other'))
  saved.connect(() => void seen.push('new'), { key: 'index' })
  stale()
  await saved.send()
  expect(seen).toEqual(['new', 'other'])
})

test('an error stops the sending and reaches the sender', async () => {
  const saved = signal<void>('test.saved')
  let reached = false
  saved.connect(() => {
    throw new Error('no')
  })
  saved.connect(() => {
    reached = true
  })
  await expect(saved.send()).rejects.toThrow('no')
  expect(reached).toBe(false)
})

test('a receiver that connects another during a send does not lengthen that send', async () => {
  const saved = signal<void>('test.saved')
  let late = 0
  saved.connect(() => {
    saved.connect(() => void late++)
  })
  await saved.send()
  expect(late).toBe(0)
  await saved.send()
  expect(late).toBe(1)
})
