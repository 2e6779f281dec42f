// A row was added for another window: it is handed over, and this one closes.
import { find } from './dom.js'

const { token, key, name } = find('[data-added]').dataset
if ('BroadcastChannel' in window) {
  const channel = new BroadcastChannel('nuages-admin-rows')
  channel.postMessage({ token, key, name })
  channel.close()
}
window.close()
