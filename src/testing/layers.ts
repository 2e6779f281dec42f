/** Settings of a test over those of its file. */
import type { Settings } from '../conf/index.ts'
import { contextKey, current, runWith } from '../std/context.ts'
import { TestingError } from './errors.ts'

/** Settings that go on over others. `databases` stay: their rows are the test's. */
export type SettingsOverride = Omit<Partial<Settings>, 'databases'>

interface Layer {
  readonly settings: Settings
  readonly under: Layer | null
}

const innermost = contextKey<Layer | null>('testing.settings', null)

/** Parts that are settings of their own: an override changes what it names in them, the rest stays. */
const GROUPS = ['sessions', 'csrf', 'security', 'limits', 'auth'] as const

/** The settings that count, one layer over another. */
export class Layers {
  readonly #base: Settings
  readonly #apply: (settings: Settings) => Promise<void>
  #top: Layer | null = null

  /** @param apply   makes settings count: called with each that is put on or comes back */
  constructor(base: Settings, apply: (settings: Settings) => Promise<void>) {
    this.#base = base
    this.#apply = apply
  }

  /** Runs `fn` with other settings over those of the caller. @throws TestingError testing.settings-overlap */
  async within<T>(changes: SettingsOverride, fn: () => T | PromiseLike<T>): Promise<T> {
    const under = this.#top
    if (under !== current(innermost))
      throw new TestingError('withSettings() was called while another one runs beside it.', {
        code: 'testing.settings-overlap',
        hint: 'Settings count for the whole process: await one before the next, or put it inside.',
      })
    const layer: Layer = { settings: overridden(under?.settings ?? this.#base, changes), under }
    this.#top = layer
    try {
      await this.#apply(layer.settings)
      return await runWith(innermost, layer, async () => await fn())
    } finally {
      // Not when the test has ended meanwhile, and taken them off itself.
      if (this.#top === layer) await this.#back(under)
    }
  }

  /** Gives the function that takes off what was put on since. */
  remember(): () => Promise<void> {
    const before = this.#top
    return async () => {
      if (this.#top !== before) await this.#back(before)
    }
  }

  async #back(layer: Layer | null): Promise<void> {
    this.#top = layer
    await this.#apply(layer?.settings ?? this.#base)
  }
}

function overridden(settings: Settings, changes: SettingsOverride): Settings {
  if ('databases' in changes)
    throw new TestingError('withSettings() cannot change the databases: the rows of the test are in them.', {
      code: 'testing.fixed-setting',
      hint: 'Give testSite() other databases, for all tests of the file.',
    })
  const groups = GROUPS.filter((name) => changes[name] !== undefined).map((name) => [
    name,
    { ...settings[name], ...changes[name] },
  ])
  return { ...settings, ...changes, ...Object.fromEntries(groups) }
}
