// Before the page is painted: the theme that was chosen, and that there is a script. On purpose not deferred.
document.documentElement.classList.add('js')
try {
  const theme = localStorage.getItem('nuages-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the system's theme it is.
}
