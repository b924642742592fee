import { computed } from '@preact/signals'
import { isGivenOn } from '../../core/incident.ts'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { shapes } from '../shared/components/severity.tsx'
import type { Severity, WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { isLoaded, openOrders } from './board.ts'
import { type Block, layOut, type MapEstate, shortName } from './map-layout.ts'
import { sites, sitesOf } from './places.ts'
import { filterBySite, siteFilter } from './view.ts'
import { words } from './words.ts'

const width = 900
const height = 330

interface BlockState {
  readonly worst: Severity
  readonly count: number
  readonly crew: 'on-site' | 'on-way' | null
}

/** The worst open order of each place, by the place's id; `openOrders` has the worst first. */
const states = computed(() => {
  const found = new Map<string, BlockState>()
  for (const order of openOrders.value) {
    for (const { id } of sitesOf(order)) {
      const before = found.get(id)
      const crew = before?.crew === 'on-site' ? 'on-site' : (crewOf(order) ?? before?.crew ?? null)
      found.set(id, { worst: before?.worst ?? order.severity, count: (before?.count ?? 0) + 1, crew })
    }
  }
  return found
})

/** Where an order's crew is, as far as the order tells: no position is known. */
function crewOf(order: WorkOrder): BlockState['crew'] {
  const { state } = order
  if (state === 'arrived' || state === 'restored') return 'on-site'
  return state === 'accepted' && !isGivenOn(order) ? 'on-way' : null
}

const estates = computed(() => {
  const all = [...sites.value.values()].sort((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }))
  const buildings = all.filter(({ type }) => type === 'building')
  const named = all
    .filter(({ type }) => type === 'estate')
    .map(({ id, name }): MapEstate => ({ id, name, buildings: buildings.filter(({ parentId }) => parentId === id) }))
  const known = new Set(named.map(({ id }) => id))
  const alone = buildings.filter(({ parentId }) => parentId === null || !known.has(parentId))
  return [...named, ...alone.map((building) => ({ ...building, buildings: [building] }))]
})

const scheme = computed(() => layOut(estates.value, width, height))
const coarse = computed(() => layOut([{ id: '', name: '', buildings: estates.value }], width, height))

/** The estates and their buildings, coloured by the worst open order there; a click shows only that place. Not to scale. */
export function EstateMap() {
  const say = words()
  const shapesOfEstates = scheme.value ?? coarse.value
  if (estates.value.length === 0) return <EmptyState title={say.mapEmpty} hint={say.mapEmptyHint} />
  if (shapesOfEstates === undefined) return <EmptyState title={say.mapTooMany} hint={say.mapTooManyHint} />
  const lowest = Math.max(...shapesOfEstates.map((estate) => estate.y + estate.height))
  return (
    <svg class="map" viewBox={`0 0 ${width} ${lowest}`}>
      <title>{say.map}</title>
      <defs>
        <pattern id="map-unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="map-hatch" width="2" height="6" />
        </pattern>
      </defs>
      {shapesOfEstates.map((estate) => (
        <g key={estate.id}>
          <rect class="map-estate" x={estate.x} y={estate.y} width={estate.width} height={estate.height} rx={8} />
          <text class="map-name" x={estate.x + 10} y={estate.y + 23}>
            {shortened(estate.name, estate.width)}
          </text>
          {estate.blocks.map((block) => (
            <MapBlock key={block.id} block={block} />
          ))}
        </g>
      ))}
    </svg>
  )
}

function MapBlock({ block }: { readonly block: Block }) {
  const say = words()
  const state = states.value.get(block.id)
  const { id, name, x, y, size } = block
  const isChosen = siteFilter.value === id
  const nothing = isLoaded.value ? say.quiet : sharedWords().noData
  const label = state ? say.block(name, state.count, sharedWords().severities[state.worst]) : `${name}: ${nothing}`
  const choose = () => filterBySite(isChosen ? null : id)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button of HTML cannot stand in a drawing
    <g
      role="button"
      tabIndex={0}
      aria-label={label}
      aria-pressed={isChosen}
      class={`map-block ${state ? `map-${state.worst}` : ''} ${isLoaded.value ? '' : 'map-unknown'}`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') choose()
      }}
    >
      <title>{label}</title>
      <rect x={x} y={y} width={size} height={size} rx={4} />
      {state && size >= 20 && (
        <text x={x + size / 2} y={y + size / 2 + 5} text-anchor="middle">
          {shapes[state.worst]}
          {state.count > 1 ? state.count : ''}
        </text>
      )}
      {!state && size >= 34 && (
        <text class="map-number" x={x + size / 2} y={y + size / 2 + 5} text-anchor="middle">
          {shortName(name)}
        </text>
      )}
      {state?.crew && (
        <circle class={`map-crew map-crew-${state.crew}`} cx={x + size - 2} cy={y + 2} r={6}>
          <title>{state.crew === 'on-site' ? say.crewOnSite : say.crewOnWay}</title>
        </circle>
      )}
    </g>
  )
}

/** A Chinese character is as wide as two Latin letters; 18 px high. */
function shortened(name: string, boxWidth: number): string {
  let left = boxWidth - 20
  let text = ''
  for (const character of name) {
    left -= character.charCodeAt(0) > 0xff ? 16 : 9
    if (left < 0) return `${text}…`
    text += character
  }
  return text
}
