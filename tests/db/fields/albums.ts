/** Models with files. */
import { defineApp } from 'nuages'
import { char, check, file, foreignKey, image, integer, Model, unique } from 'nuages/db'
import type { FileStorage } from 'nuages/storage'

let other: FileStorage
export const setOther = (storage: FileStorage) => {
  other = storage
}

export class Album extends Model<Album>()({
  title: char({ maxLength: 50, unique: true }),
  cover: image({ uploadTo: 'covers/%Y', blank: true, widthField: 'coverWidth', heightField: 'coverHeight' }),
  coverWidth: integer({ null: true }),
  coverHeight: integer({ null: true }),
  notes: file({
    uploadTo: (album: { readonly title: string }, name) => `notes/${album.title}/${name}`,
    storage: () => other,
    null: true,
    extensions: ['txt', 'md'],
    maxSize: 1000,
  }),
  draft: file({ cleanup: true, blank: true, maxLength: 40 }),
}) {}

export class Track extends Model<Track>()({
  album: () => foreignKey(Album, { onDelete: 'cascade' }),
}) {}

export class Sleeve extends Model<Sleeve>()(
  { front: file({ unique: true, uploadTo: 'sleeves' }), back: file({ blank: true }) },
  { constraints: [unique(['front', 'back']), check({ back__endswith: '.txt' }, { message: 'Text only.' })] },
) {}

export const albums = defineApp({ name: 'albums', root: import.meta.url, models: { Album, Track, Sleeve } })
