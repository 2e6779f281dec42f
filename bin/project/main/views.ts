import { html } from 'nuages/html'
import { render } from 'nuages/shortcuts'
import { urls } from '../urls.ts'

/** The first page. Change a word and save: the server has it before you reload. */
export const home = urls.home.view(async (request) => {
  const content = html`
    <h1>mysite is running</h1>
    <p>This page is written in <code>main/views.ts</code>, for you to replace.</p>
    <ol>
      <li><b><a href="${urls.admin.index()}">Open the admin</a></b>
        <span>Sign in with the e-mail address and password you gave at the start.</span></li>
      <li><b>Add a model</b>
        <span>One waits in <code>main/models.ts</code>. Then run <kbd>npx nuages migrate --make</kbd>.</span></li>
      <li><b>Add a page</b>
        <span>Its address goes into <code>urls.ts</code>, what it shows into <code>main/views.ts</code>.</span></li>
      <li><b>Keep it right</b>
        <span><kbd>npm test</kbd> runs the tests, <kbd>npm run check</kbd> types and checks.</span></li>
      <li><b>Find out more</b>
        <span><kbd>npx nuages --help</kbd> lists the commands; the guides are in <code>node_modules/nuages/docs</code>.</span></li>
    </ol>`
  return render(request, 'nuages/welcome.html', { title: 'mysite', content })
})
