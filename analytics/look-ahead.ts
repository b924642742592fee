import type { EpisodeEvent } from '../core/episode.ts'
import type { Place, Scope } from '../core/scope.ts'
import type { Ahead, FollowedIncident, Operations } from '../stores/operations/port.ts'
import { scopesOf } from './stages/place.ts'

export type PlacedEvent = readonly [EpisodeEvent, Place]

/**
 * What recording several events asks of the database for each of them, asked once for all: whether it has an incident already, and
 * what there is around it. In a flood of new faults the answer is almost always "nothing", and then it is taken from here; wherever
 * there is something, or what was recorded meanwhile may have changed it, the database is asked as ever.
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
      if (!isNew) return unit.insertIncident(incident)
      await unit.insertNewIncidents([incident])
      return true
    },
    updateIncident(id, change) {
      if (change.state !== undefined && change.state !== 'cleared') seen.opened(id)
      return unit.updateIncident(id, change)
    },
    async surroundingsOf(incident, asked) {
      const peers = seen.peersAtMost(incident, asked)
      return peers === undefined ? unit.surroundingsOf(incident, asked) : { active: [], suppressions: [], peers }
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
  /** Undefined: there is, or may be, something around it. Peers too many are no harm: then they are looked at. */
  peersAtMost(...around: Around): number | undefined
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
  const counts = new Map(peers.map(({ gatewayId, finding, count }) => [peerKey(gatewayId, finding), count]))
  let isChanged = false

  const isQuiet = (key: string, id: string) =>
    asked.scopes.has(key) && !before.has(key) && [...(added.get(key) ?? [])].every((other) => other === id)

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
    peersAtMost({ id, finding }, { scopes, at, peersFrom, gatewayId }) {
      const isInSpan = at >= asked.from && at <= asked.until && peersFrom >= asked.peersFrom
      if (isChanged || !isInSpan || !scopes.every((scope) => isQuiet(scopeKey(scope), id))) return undefined
      if (gatewayId === null) return 0
      if (!asked.gatewayIds.has(gatewayId)) return undefined
      // it is among them when it was added here
      const count = counts.get(peerKey(gatewayId, finding)) ?? 0
      return open.has(id) ? Math.max(0, count - 1) : count
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
