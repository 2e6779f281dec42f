import { ConfigurationError } from '../std/errors.ts'

/** One thing wrong with the settings. */
export interface SettingsProblem {
  /** The settings key: `databases.default`. */
  readonly setting: string
  /** The environment variable it comes from, if any. */
  readonly variable: string | null
  /** The value as it may be shown, secrets hidden; null when there is none. */
  readonly value: string | null
  /** What is wrong: a sentence without the name. */
  readonly message: string
  /** Where to set it. */
  readonly hint: string
}

/**
 * The settings cannot be used: code `conf.invalid-settings`. `problems` holds everything found, and printing the
 * error lists it:
 *
 *     SettingsError conf.invalid-settings: 2 settings are wrong.
 *       secretKey: is not set.
 *         Set the environment variable SECRET_KEY.
 *       timeZone = "Europe/Pari": is not a time zone.
 *         Set timeZone in your settings file.
 */
export class SettingsError extends ConfigurationError {
  readonly problems: readonly SettingsProblem[]

  constructor(problems: readonly SettingsProblem[]) {
    const lines = problems.map(({ setting, value, message, hint }) => {
      return `  ${setting}${value === null ? '' : ` = ${value}`}: ${message}\n    ${hint}`
    })
    const count = problems.length === 1 ? '1 setting is wrong.' : `${problems.length} settings are wrong.`
    super([count, ...lines].join('\n'), { code: 'conf.invalid-settings' })
    this.problems = Object.freeze([...problems])
  }
}
