import { html } from 'nuages/html'
import { render } from 'nuages/shortcuts'
import { urls } from '../urls.ts'

/** The first page. Change a word and save: the page in the browser is the new one. */
export const home = urls.home.view(async (request) => {
  const content = html`
    <h1>mysite is running</h1>
    <p>This page is <code>main/views.ts</code>. Make it yours, or go on here:</p>
    <ol>
      <li><a href="${urls.admin.index()}">Sign in to the admin</a> and look around.</li>
      <li>Add a model in <code>main/models.ts</code>, then run <kbd>npx nuages migrate --make</kbd>.</li>
      <li>Add a page: its address in <code>urls.ts</code>, what it shows in <code>main/views.ts</code>.</li>
      <li>Run the test with <kbd>npm test</kbd>, and see every command with <kbd>npx nuages --help</kbd>.</li>
    </ol>`
  return render(request, 'nuages/welcome.html', { title: 'mysite', content })
})
