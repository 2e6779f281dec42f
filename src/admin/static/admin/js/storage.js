// What a browser keeps, where it keeps anything: it may be switched off, or full.

/** Keeps a text under a name in `localStorage` or `sessionStorage`; null removes it. */
export function keep(storage, name, value) {
  try {
    if (value === null) window[storage].removeItem(name)
    else window[storage].setItem(name, value)
  } catch {
    // Switched off, or full.
  }
}

/** The text kept under a name, or null. */
export function kept(storage, name) {
  try {
    return window[storage].getItem(name)
  } catch {
    return null
  }
}

/** Forgets what the admin kept for this session, such as input that was not saved. */
export function forget() {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('nuages-')) sessionStorage.removeItem(name)
  } catch {
    // Nothing was kept.
  }
}
