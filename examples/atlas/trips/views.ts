import { NotFound } from 'nuages/http'
import { getObjectOr404, render } from 'nuages/shortcuts'
import { chart } from '../geo/map.ts'
import { Leg, Trip } from './models.ts'
import { urls } from './urls.ts'

/** Trips of the list, the latest first. */
const LISTED = 60

export const list = urls.list.view((request) =>
  render(request, 'trips/list.html', {
    trips: Trip.objects.published().prefetchRelated('countries').slice(0, LISTED),
  }),
)

export const trip = urls.trip.view(async (request, { slug }) => {
  const trip = await getObjectOr404(Trip.objects.selectRelated('owner').prefetchRelated('tags', 'countries'), { slug })
  // A draft is a preview for those who write it.
  if (trip.status === 'draft' && !(request.user.isAuthenticated && request.user.isStaff)) throw new NotFound()
  const legs = await Leg.objects.filter({ trip }).selectRelated('fromCity__country', 'toCity__country').orderBy('order')
  const first = legs[0]
  const stops = [...(first ? [first.fromCity] : []), ...legs.map((leg) => leg.toCity)]
  const map = chart(stops)
  return render(request, 'trips/trip.html', {
    trip,
    legs,
    days: trip.startsOn.until(trip.endsOn).days + 1,
    map: { viewBox: map.viewBox, route: map.line(stops), stops: map.draw(stops), start: map.draw(stops.slice(0, 1)) },
  })
})
