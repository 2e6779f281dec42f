import { routes } from '../urls/index.ts'

/** `admin: include('admin/', adminUrls)` */
export const adminUrls = routes({
  index: '',
  login: 'login/',
  logout: 'logout/',
  passwordChange: 'password/',
  list: '<slug:app>/<slug:model>/',
  add: '<slug:app>/<slug:model>/add/',
  choices: '<slug:app>/<slug:model>/choices/',
  counts: '<slug:app>/<slug:model>/counts/',
  change: '<slug:app>/<slug:model>/<str:key>/change/',
  delete: '<slug:app>/<slug:model>/<str:key>/delete/',
  history: '<slug:app>/<slug:model>/<str:key>/history/',
  setPassword: '<slug:app>/<slug:model>/<str:key>/password/',
  missing: '<path:rest>',
})
