/** Dots on an equirectangular map, as the `d` of one SVG path: a zero-length stroke per place draws a round dot. */
export interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** Viewbox units per degree: 360 × 180 degrees make 1080 × 540 units. */
const SCALE = 3

const x = (longitude: number) => Math.round((longitude + 180) * SCALE)
const y = (latitude: number) => Math.round((90 - latitude) * SCALE)

/** `M540 270h0…`, places that fall on the same unit drawn once. */
export function dots(places: Iterable<Place>): string {
  const seen = new Set<string>()
  for (const place of places) seen.add(`M${x(place.longitude)} ${y(place.latitude)}h0`)
  return [...seen].join('')
}

/** The part of the map that shows these places, with a margin: `x y width height`. */
export function frame(places: readonly Place[]): string {
  if (places.length === 0) return '0 0 1080 540'
  const xs = places.map((place) => x(place.longitude)).sort((a, b) => a - b)
  const ys = places.map((place) => y(place.latitude)).sort((a, b) => a - b)
  const [left, right] = [xs[0]!, xs.at(-1)!]
  const [top, bottom] = [ys[0]!, ys.at(-1)!]
  const width = Math.max(right - left, bottom - top, 12)
  const margin = width * 0.08
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 }
  const side = width + 2 * margin
  return `${middle.x - side / 2} ${middle.y - side / 2} ${side} ${side}`
}
