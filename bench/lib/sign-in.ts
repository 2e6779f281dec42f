import { createUser } from 'nuages/auth'

const visitor = { email: 'reader@example.com', password: 'seven blue lanterns at noon' }

/** Signs in as a browser does; gives its cookies, as a Cookie header carries them. */
export async function signIn(origin: string): Promise<string> {
  await createUser(visitor)
  const form = await fetch(`${origin}/accounts/login/`)
  const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await form.text())?.[1] ?? ''
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...visitor })
  const headers = { cookie: cookiesOf(form) }
  const done = await fetch(`${origin}/accounts/login/`, { method: 'POST', body, headers, redirect: 'manual' })
  const cookies = cookiesOf(done)
  if (!cookies.includes('sessionid=')) throw new Error(`Signing in failed: ${done.status}\n${await done.text()}`)
  return cookies
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0]!)
    .join('; ')
}
