import { html } from 'nuages/html'
import { respond } from 'nuages/http'
import { urls } from './urls.ts'

export const index = urls.index.view(async () => {
  return respond(html`<!doctype html>
    <title>example</title>
    <h1>example</h1>`)
})
