// Vectors and texts that are alike.
import { char, Model } from 'nuages/db'
import { L2Distance, TrigramSimilarity, vector } from 'nuages/db/postgres'
import { eq } from './eq.ts'

class Song extends Model<Song>()({
  title: char({ maxLength: 100 }),
  sound: vector({ dimensions: 3 }),
  other: vector({ dimensions: 3, null: true }),
}) {}

const song = await Song.objects.create({ title: 'x', sound: new Float32Array(3) })
eq<typeof song.sound, number[]>(true)
eq<typeof song.other, number[] | null>(true)
const near = await Song.objects
  .annotate({ far: L2Distance('sound', [1, 2, 3]), alike: TrigramSimilarity('title', 'x') })
  .orderBy(L2Distance('sound', [1, 2, 3]).asc())
  .get({ title__trigramSimilar: 'x' })
eq<typeof near.far, number | null>(true)

// @ts-expect-error a vector has dimensions
vector({})
// @ts-expect-error not a vector
Song.objects.create({ title: 'x', sound: 'text' })
// @ts-expect-error not a field
Song.objects.annotate({ far: L2Distance('sounds', [1]) })
// @ts-expect-error vectors have no order
Song.objects.filter({ sound__gt: [1, 2, 3] })
