/** Settings: declared in `settings.ts`, resolved once at start. */
export { type BootOptions, boot } from './boot.ts'
export { parseDatabaseUrl } from './database-url.ts'
export { defineSettings, isSettings } from './define.ts'
export { type EnvDescriptor, env, isEnvDescriptor } from './env.ts'
export { SettingsError, type SettingsProblem } from './errors.ts'
export { redactSettings } from './redact.ts'
export type {
  AppSettings,
  AuthSettings,
  CspDirectives,
  CsrfSettings,
  DatabaseInput,
  DescribedDatabase,
  HstsSettings,
  LimitSettings,
  PasswordValidator,
  RepeatedQuerySettings,
  ResolvedSettings,
  SecuritySettings,
  SessionSettings,
  Setting,
  Settings,
} from './settings.ts'
