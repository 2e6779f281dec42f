/** Maps made of dots: each is the `d` of an SVG path, in which a zero-length stroke per place draws a round dot. */
export interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** `M540 270h0…`, places that fall on the same point drawn once. */
function dots(points: Iterable<readonly [x: number, y: number]>): string {
  const seen = new Set<string>()
  for (const [x, y] of points) seen.add(`M${x} ${y}h0`)
  return [...seen].join('')
}

/** The world on a sheet of 1080 × 540: three units per degree. */
export function worldMap(places: readonly Place[]): string {
  return dots(
    places.map(({ latitude, longitude }) => [Math.round((longitude + 180) * 3), Math.round((90 - latitude) * 3)]),
  )
}

/** A map of some places, as large as they are apart. */
export interface Chart {
  /** `x y width height` */
  readonly viewBox: string
  /** Dots of these places on the map. */
  draw(places: readonly Place[]): string
  /** A line from place to place. */
  line(places: readonly Place[]): string
}

/** Points across a chart: fewer make it coarse, more make it grey. */
const GRID = 110

/** Lays out a map around these places: 4 wide to 3 high, with a margin, and no country cut in two at the date line. */
export function chart(places: readonly Place[]): Chart {
  const longitudes = places.map((place) => place.longitude)
  const isCut = spread(longitudes) > 180 && spread(longitudes.map(east)) < spread(longitudes)
  const turn = isCut ? east : (longitude: number) => longitude
  const [south, north] = range(places.map((place) => place.latitude))
  const [left, right] = range(longitudes.map(turn))
  // A degree of longitude is shorter towards the poles.
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const width = Math.max((right - left) * squeeze, ((north - south) * 4) / 3, 0.5)
  const unit = GRID / width
  const x = (longitude: number) => Math.round((turn(longitude) - (left + right) / 2) * squeeze * unit)
  const y = (latitude: number) => Math.round(((south + north) / 2 - latitude) * unit)
  const [w, h] = [GRID * 1.12, GRID * 0.84]
  return {
    viewBox: `${-w / 2} ${-h / 2} ${w} ${h}`,
    draw: (list) => dots(list.map((place) => [x(place.longitude), y(place.latitude)])),
    line: (list) => list.map((place, i) => `${i ? 'L' : 'M'}${x(place.longitude)} ${y(place.latitude)}`).join(''),
  }
}

/** The same longitude, counted eastwards from Greenwich only. */
const east = (longitude: number) => (longitude < 0 ? longitude + 360 : longitude)

function range(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)]
  return values.length ? [least, most] : [0, 0]
}

function spread(values: readonly number[]): number {
  const [least, most] = range(values)
  return most - least
}
