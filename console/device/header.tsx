import { useComputed } from '@preact/signals'
import { now } from '../shared/clock.ts'
import { Moment } from '../shared/components/moment.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { base } from '../shared/router.ts'
import type { Incident } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { isHeard } from './chart-models.ts'
import { metricName, stateText } from './metrics.ts'
import type { Known } from './read.ts'
import { isOpen } from './title.ts'
import { words } from './words.ts'

/** States worth a word beside the name, while the device is heard. */
const headlines = ['mode', 'breaker', 'floor', 'occupied'] as const

const severities = ['critical', 'urgent', 'warning', 'info']

/** What and where; what is the matter; when it was heard. */
export function Header({ known }: { readonly known: Known }) {
  const say = words()
  const { device, place, incidents } = known
  const open = incidents.filter(isOpen).sort((one, other) => rank(one) - rank(other))
  return (
    <header class="device-header">
      <div class="device-name">
        <nav aria-label={say.devices} class="device-path muted">
          <a href={`${base}/devices`}>{say.devices}</a>
          {place.map((name) => (
            <span key={name}>
              {' › '}
              <bdi>{name}</bdi>
            </span>
          ))}
        </nav>
        <h1>
          <bdi>{device.name ?? device.id}</bdi> <small class="muted">{kindName(device.kind)}</small>
        </h1>
        <p class="muted">
          {device.id} · {say.gateway} {device.gatewayId}
        </p>
      </div>
      <div class="device-state">
        {!known.isWhole ? (
          <p class="muted">{sharedWords().loading}</p>
        ) : known.hidden.has('incidents') || known.missing.includes('incidents') ? null : open.length === 0 ? (
          <Quiet known={known} />
        ) : (
          open.slice(0, 3).map((incident) => <OpenFinding key={incident.id} incident={incident} />)
        )}
        {open.length > 3 && <p class="muted">{say.more(open.length - 3)}</p>}
        <Heard known={known} />
      </div>
      <Preferences />
    </header>
  )
}

function rank({ severity }: Incident): number {
  return severities.indexOf(severity)
}

export function kindName(kind: string): string {
  return (words().kinds as Readonly<Record<string, string>>)[kind] ?? kind
}

function OpenFinding({ incident }: { readonly incident: Incident }) {
  return (
    <p>
      <SeverityMark of={incident.severity} />{' '}
      <strong>
        <bdi>{titleOf(incident)}</bdi>
      </strong>{' '}
      <span class="muted">
        <Moment at={incident.occurredAt} />
      </span>
    </p>
  )
}

/** That nothing is found speaks for a device that is heard, and for no other. */
function Quiet({ known: { device } }: { readonly known: Known }) {
  const say = words()
  const hears = useComputed(() => isHeard(device, now.value))
  if (hears.value) return <p class="device-well">✓ {say.allQuiet}</p>
  return (
    <p class="muted">
      ○ {sharedWords().noData} · {say.noOpenFinding}
    </p>
  )
}

/** What it said last; once that is old, it speaks for nothing. */
function Heard({ known: { device } }: { readonly known: Known }) {
  const say = words()
  const { last } = device
  const isFresh = useComputed(() => isHeard(device, now.value))
  if (last === null) {
    return (
      <p class="wrong">
        {device.lastUnknown !== undefined ? (
          say.lastUnknown
        ) : (
          <>
            {say.neverHeard} · {say.knownSince} <Moment at={device.createdAt} />
          </>
        )}
      </p>
    )
  }
  const said = headlines.flatMap((metric) => {
    const value = last.values[metric]
    return value === undefined ? [] : [`${metricName(metric)}: ${stateText(metric, value)}`]
  })
  return (
    <p class={isFresh.value ? 'muted' : 'device-silent'}>
      {!isFresh.value && `⚠ ${say.silentNow} · `}
      {say.lastHeard} <Moment at={last.at} />
      {isFresh.value && said.map((text) => ` · ${text}`)}
    </p>
  )
}
