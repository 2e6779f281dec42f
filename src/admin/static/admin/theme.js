// Applies the theme chosen before the page is painted. Loaded in <head>, on purpose not deferred.
const theme = localStorage.getItem('nuages-theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
