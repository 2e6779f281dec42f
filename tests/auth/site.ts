import { argon2Hasher, bcryptVerifier, configureHashers, createUser, pbkdf2Hasher } from 'nuages/auth'
import type { CurrentUser } from 'nuages/http'
import { type TestClient, type TestSite, testSite } from 'nuages/testing'
import * as runner from 'vitest'
import settings from './project/settings.ts'

/** The test project, with hashers that cost next to nothing. */
export function authSite(): TestSite {
  runner.beforeEach(() =>
    configureHashers([argon2Hasher({ memory: 8, passes: 1 }), pbkdf2Hasher('sha256', 10), bcryptVerifier('bcrypt')]),
  )
  runner.afterAll(() => configureHashers())
  return testSite(settings, runner)
}

export const PASSWORD = 'correct horse battery staple'

/** A user, `ada@example.org` unless said otherwise. */
export function makeUser(values: Record<string, unknown> = {}): Promise<CurrentUser> {
  return createUser({ email: 'ada@example.org', password: PASSWORD, ...values })
}

/** Sends the login form. */
export function logIn(client: TestClient, values: Record<string, string> = {}) {
  return client.post('/accounts/login/', { email: 'ada@example.org', password: PASSWORD, ...values })
}

/** Who the site takes this visitor for. */
export async function whoIs(client: TestClient): Promise<string> {
  return (await client.get('/who/')).body
}
