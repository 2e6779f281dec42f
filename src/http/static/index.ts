/** Static files: served during development, collected and served for good in production. */
export { type CollectResult, collectStatic } from './collect.ts'
export { findStatic, type StaticDirectory } from './find.ts'
export { readManifest, type StaticManifest, staticUrls } from './manifest.ts'
export { type MediaOptions, type MediaStorage, mediaFiles } from './media.ts'
export { type StaticOptions, staticFiles } from './serve.ts'
