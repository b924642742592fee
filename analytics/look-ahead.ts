import type { EpisodeEvent } from '../core/episode.ts'
import { type Place, type Scope, scopesOf } from '../core/scope.ts'
import type { Ahead, FollowedIncident, IncidentChange, Operations, Surroundings } from '../stores/operations/port.ts'

export type PlacedEvent = readonly [EpisodeEvent, Place]

/**
 * What recording several events asks of the database for each of them, asked once for all: whether it has an incident already, and
 * what there is around it. In a flood of new faults the answer is almost always "nothing", or the storm or the outage that the one
 * before has met, too; then it is taken from here. Wherever there is something else, or what was recorded meanwhile may have changed
 * it, the database is asked as ever.
 *
 * @param unit of the transaction that holds the places of these events, so that nobody else records anything there
 * @param peersWithinMs before its own time an incident counts its peers
 */
export async function lookingAhead(
  unit: Operations,
  placed: readonly PlacedEvent[],
  peersWithinMs: number,
): Promise<Operations> {
  if (placed.length < 2) return unit
  const seen = await look(unit, placed, peersWithinMs)
  const larger = createLarger(seen)
  return {
    ...unit,
    async lockNewestIncident(scope, finding) {
      const key = episodeKey(scope, finding)
      if (seen.isNew(key)) return undefined
      return seen.ended.get(key) ?? unit.lockNewestIncident(scope, finding)
    },
    async insertIncident(incident) {
      const key = episodeKey(incident.scope, incident.finding)
      const isNew = seen.isNew(key)
      seen.inserted(key, incident)
      if (incident.scope.type !== 'device') larger.forget()
      if (!isNew) return unit.insertIncident(incident)
      await unit.insertNewIncidents([incident])
      return true
    },
    updateIncident(id, change) {
      if (change.suppressed === null) seen.freed()
      else if (change.state !== undefined && change.state !== 'cleared') seen.opened(id)
      larger.changed(id, change)
      return unit.updateIncident(id, change)
    },
    async surroundingsOf(incident, asked) {
      const peers = seen.peersAtMost(incident, asked)
      if (peers !== undefined) return { active: [], suppressions: [], peers }
      const known = larger.around(incident, asked)
      if (known !== undefined) return known
      const around = await unit.surroundingsOf(incident, asked)
      larger.found(incident, asked, around)
      return around
    },
    async takeIncidents(...given) {
      larger.forget()
      return unit.takeIncidents(...given)
    },
    async moveChildren(...given) {
      larger.forget()
      return unit.moveChildren(...given)
    },
    async markUnknown(...given) {
      larger.forget()
      return unit.markUnknown(...given)
    },
    async markKnown(...given) {
      larger.forget()
      return unit.markKnown(...given)
    },
  }
}

type Inserted = Parameters<Operations['insertIncident']>[0]
type Around = Parameters<Operations['surroundingsOf']>

/** What was found before the first event, and what became of it since. */
interface Seen {
  /** Never had an incident, nor has it got one since. */
  isNew(episode: string): boolean
  /** Done with for good: no event makes them go on, so they need not be locked. */
  readonly ended: ReadonlyMap<string, FollowedIncident>
  inserted(episode: string, incident: Inserted): void
  opened(incidentId: string): void
  /** Something that was explained is not any more. */
  freed(): void
  /** These were active before: to open them once more changes nothing around them. */
  isActive(incidents: readonly FollowedIncident[]): void
  /** Undefined: there is, or may be, something around it. Peers too many are no harm: then they are looked at. */
  peersAtMost(...around: Around): number | undefined
  /** The same of what is about its device alone: outages and storms around it are no matter. */
  peersBeside(...around: Around): number | undefined
}

/**
 * What is around the incidents of one place but not about their devices: the storm or the outage that thousands become members of.
 * It is looked up for the first that is about a device, for what is larger does not find itself around it, and from then on followed
 * through what is done to it.
 */
interface Larger {
  around(...around: Around): Surroundings | undefined
  found(incident: Around[0], asked: Around[1], around: Surroundings): void
  changed(id: string, change: IncidentChange): void
  forget(): void
}

function createLarger(seen: Seen): Larger {
  const places = new Map<string, readonly FollowedIncident[]>()
  return {
    around(incident, asked) {
      const place = placeOfDevice(asked.scopes)
      const active = place === undefined ? undefined : places.get(place)
      const peers = active && seen.peersBeside(incident, asked)
      return active && peers !== undefined ? { active, suppressions: [], peers } : undefined
    },
    found(incident, asked, { active, suppressions }) {
      const place = placeOfDevice(asked.scopes)
      if (place === undefined || suppressions.length > 0 || seen.peersBeside(incident, asked) === undefined) return
      places.set(place, active)
      seen.isActive(active)
    },
    changed(id, change) {
      for (const [place, active] of places) {
        if (!active.some((one) => one.id === id)) continue
        if (change.state === 'cleared') places.delete(place)
        else
          places.set(
            place,
            active.map((one) => (one.id === id ? { ...one, ...change } : one)),
          )
      }
    },
    forget: () => places.clear(),
  }
}

/** Undefined when no device is among them. */
function placeOfDevice(scopes: readonly Scope[]): string | undefined {
  const larger = scopes.filter(({ type }) => type !== 'device')
  return larger.length < scopes.length ? larger.map(scopeKey).join(separator) : undefined
}

async function look(unit: Operations, placed: readonly PlacedEvent[], peersWithinMs: number): Promise<Seen> {
  const times = placed.map(([event]) => event.detectedAt)
  const [from, until] = [Math.min(...times), Math.max(...times)]
  const scopes = new Map(placed.flatMap(([event, place]) => scopesIn(event, place)).map((one) => [scopeKey(one), one]))
  const gatewayIds = [...new Set(placed.flatMap(([, { gatewayId }]) => gatewayId ?? []))]
  const episodes = placed.map(([{ scope, finding }]) => ({ scope, finding }))
  const peersFrom = from - peersWithinMs
  const span = { from, until, peersFrom }
  const found = await unit.lookAhead({ episodes, scopes: [...scopes.values()], gatewayIds, ...span })
  return follow(found, { episodes, scopes: new Set(scopes.keys()), gatewayIds: new Set(gatewayIds), ...span })
}

interface Asked {
  readonly episodes: readonly { readonly scope: Scope; readonly finding: string }[]
  readonly scopes: ReadonlySet<string>
  readonly gatewayIds: ReadonlySet<string>
  readonly from: number
  readonly until: number
  readonly peersFrom: number
}

function follow({ newest, busy, peers }: Ahead, asked: Asked): Seen {
  const fresh = new Set(asked.episodes.map(({ scope, finding }) => episodeKey(scope, finding)))
  for (const { scope, finding } of newest) fresh.delete(episodeKey(scope, finding))
  const done = newest.filter(isDone)
  const ended = new Map(done.map((incident) => [episodeKey(incident.scope, incident.finding), incident]))
  /** Those that are active: to open them once more changes nothing around them. */
  const open = new Set(newest.filter(({ state }) => state !== 'cleared').map(({ id }) => id))
  /** The incidents that were added, by what they are about. */
  const added = new Map<string, Set<string>>()
  const before = new Set(busy.map(scopeKey))
  const said = new Set(busy.filter(({ isSaid }) => isSaid).map(scopeKey))
  const counts = new Map(peers.map(({ gatewayId, finding, count }) => [peerKey(gatewayId, finding), count]))
  let isChanged = false

  const isQuiet = (key: string, id: string) =>
    asked.scopes.has(key) && !before.has(key) && [...(added.get(key) ?? [])].every((other) => other === id)

  const isInSpan = ({ at, peersFrom }: Around[1]) =>
    at >= asked.from && at <= asked.until && peersFrom >= asked.peersFrom

  // itself among them, unless it was found long ago
  const peersOf = ({ finding }: Around[0], gatewayId: string | null): number | undefined => {
    if (gatewayId === null) return 0
    return asked.gatewayIds.has(gatewayId) ? (counts.get(peerKey(gatewayId, finding)) ?? 0) : undefined
  }

  return {
    isNew: (episode) => fresh.has(episode),
    ended,
    inserted(episode, { id, scope, finding, place }) {
      fresh.delete(episode)
      ended.delete(episode)
      open.add(id)
      const key = scopeKey(scope)
      added.set(key, (added.get(key) ?? new Set()).add(id))
      const peer = peerKey(place.gatewayId, finding)
      counts.set(peer, (counts.get(peer) ?? 0) + 1)
    },
    opened(id) {
      isChanged ||= !open.has(id)
    },
    freed() {
      isChanged = true
    },
    isActive(incidents) {
      for (const { id } of incidents) open.add(id)
    },
    peersAtMost(incident, around) {
      if (isChanged || !isInSpan(around)) return undefined
      if (!around.scopes.every((scope) => isQuiet(scopeKey(scope), incident.id))) return undefined
      return peersOf(incident, around.gatewayId)
    },
    peersBeside(incident, around) {
      if (isChanged || !isInSpan(around)) return undefined
      const isQuietOrLarger = (scope: Scope) =>
        scope.type === 'device'
          ? isQuiet(scopeKey(scope), incident.id)
          : asked.scopes.has(scopeKey(scope)) && !said.has(scopeKey(scope))
      return around.scopes.every(isQuietOrLarger) ? peersOf(incident, around.gatewayId) : undefined
    },
  }
}

/** Its order was ended by people, and the condition is over, too. */
function isDone({ state, suppressed, orderState }: FollowedIncident): boolean {
  return state === 'cleared' && suppressed === null && (orderState === 'closed' || orderState === 'cancelled')
}

function scopesIn({ scope, deviceId }: EpisodeEvent, place: Place): Scope[] {
  return [scope, ...scopesOf({ deviceId, place })]
}

const separator = '\n'

function scopeKey({ type, id }: Scope): string {
  return `${type}${separator}${id}`
}

function episodeKey(scope: Scope, finding: string): string {
  return `${scopeKey(scope)}${separator}${finding}`
}

function peerKey(gatewayId: string | null, finding: string): string {
  return `${gatewayId}${separator}${finding}`
}
