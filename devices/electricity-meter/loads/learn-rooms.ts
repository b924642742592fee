import { minutesPerDay, quantile } from './day.ts'
import { growTrees, type Sample } from './extra-trees.ts'
import { groupOfLoad, type LoadGroup } from './load-groups.ts'
import {
  appliancesOf,
  type RoomKind,
  type RoomModel,
  roomKinds,
  roomLoadFeatures,
  type SwitchedAppliance,
} from './room-loads.ts'

/** One appliance's measured day, W a minute; NaN where unknown. */
export interface ApplianceDay {
  readonly label: string
  readonly device: string
  readonly watts: Float64Array
}

/** A room put together from measured days, taken apart again, each load with the kind of the appliance that made it. */
export interface LearningRoom {
  readonly watts: Float64Array
  readonly loads: readonly { readonly appliance: SwitchedAppliance; readonly kind: RoomKind }[]
}

const kindOf: Partial<Record<LoadGroup, RoomKind>> = {
  'kitchen-heat': 'kitchen-heat',
  wash: 'wash',
  cold: 'cold',
  screen: 'electronics',
  audio: 'electronics',
  light: 'electronics',
}

/** `ofKind`: loads of one kind taken from a room, the largest; a fridge leaves more of them than all else. Unverified defaults. */
const learning = { rooms: 300, most: 4, ofKind: 2, trees: 40, tried: 6 }
/** Of what is always on: routers, standby. */
const mostBaseWatts = 150

/**
 * Learns what single loads look like in a room. The data set has one appliance a meter, so measured days are added up to rooms of one
 * to four appliances, and whoever draws most during a load's runs is its truth.
 */
export function learnRooms(days: readonly ApplianceDay[], random: () => number): RoomModel {
  const samples: Sample[] = []
  for (let room = 0; room < learning.rooms; room++) {
    const { watts, loads } = composeRoom(days, 1 + (room % learning.most), random)
    for (const kind of roomKinds)
      for (const { appliance } of loads.filter((load) => load.kind === kind).slice(0, learning.ofKind))
        samples.push({ features: roomLoadFeatures(appliance, watts), class: roomKinds.indexOf(kind), weight: 1 })
  }
  return { trees: growTrees(samples, roomKinds.length, learning, random) }
}

/** Each kind is as likely, then each group of it, each device, each day. */
export function composeRoom(days: readonly ApplianceDay[], appliances: number, random: () => number): LearningRoom {
  const drawn: (ApplianceDay & { kind: RoomKind })[] = []
  for (let draws = 0; drawn.length < appliances && draws < 10 * appliances; draws++) {
    const day = draw(days, random)
    if (day && !drawn.some(({ device }) => device === day.device)) drawn.push(day)
  }
  const baseWatts = mostBaseWatts * random()
  const watts = Float64Array.from({ length: minutesPerDay }, (_, minute) =>
    drawn.reduce((sum, day) => sum + (day.watts[minute] || 0), baseWatts),
  )
  const found = appliancesOf(watts).appliances.sort((a, b) => b.kilowattHours - a.kilowattHours)
  const loads = found.flatMap((appliance) => {
    const kind = ownerOf(appliance, drawn)
    return kind === undefined ? [] : [{ appliance, kind }]
  })
  return { watts, loads }
}

function draw(days: readonly ApplianceDay[], random: () => number): (ApplianceDay & { kind: RoomKind }) | undefined {
  const pick = <Item>(items: Iterable<Item>) => {
    const unique = [...new Set(items)]
    return unique[Math.floor(random() * unique.length)]
  }
  const of = days.flatMap((day) => {
    const group = groupOfLoad(day.label)
    const kind = kindOf[group]
    return kind === undefined ? [] : [{ ...day, kind, group }]
  })
  const kind = pick(of.map((day) => day.kind))
  const ofKind = of.filter((day) => day.kind === kind)
  const group = pick(ofKind.map((day) => day.group))
  const ofGroup = ofKind.filter((day) => day.group === group)
  const device = pick(ofGroup.map((day) => day.device))
  return pick(ofGroup.filter((day) => day.device === device))
}

/** Whoever draws most above its own standby during the runs, and no more than the load itself counts. */
function ownerOf({ watts, runs }: SwitchedAppliance, drawn: readonly (ApplianceDay & { kind: RoomKind })[]) {
  let owner: RoomKind | undefined
  let most = 0
  for (const day of drawn) {
    const standbyWatts = quantile(day.watts.filter((value) => !Number.isNaN(value)).sort(), 0.1)
    let sum = 0
    for (const { from, to } of runs)
      for (let minute = from; minute < to; minute++)
        sum += Math.min(1.3 * watts, Math.max(0, (day.watts[minute] || 0) - standbyWatts))
    if (sum > most) {
      most = sum
      owner = day.kind
    }
  }
  return owner
}
