import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { chineseDetail } from '../../core/chinese-detail.ts'
import { unitOf } from '../duty/curve-data.ts'
import { MappingEditor } from '../mapping/editor.tsx'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { language } from '../shared/language.ts'
import { setQuery } from '../shared/router.ts'
import { clockSeconds, timeText } from '../shared/time.ts'
import type { DeviceDetail } from '../shared/wire.ts'
import { explainLate } from './explain.ts'
import { device, deviceId, gateway, gatewayId, there } from './setup.ts'
import { Snippets } from './snippet-tabs.tsx'
import { Explained, Tail } from './tail.tsx'
import type { Trouble } from './trouble.ts'
import { concerning, verdictOf } from './verdict.ts'
import { isBlind, type Watched, watch, watched } from './watch.ts'
import { words } from './words.ts'

/** Something to send, and the light. */
export function MessageStep() {
  const say = words()
  const [knownGateway, knownDevice] = [there(gateway.value), there(device.value)]
  const isReady = knownGateway?.revokedAt === null && knownDevice?.gatewayId === knownGateway.id
  useEffect(
    () => (isReady ? watch(gatewayId.value, deviceId.value) : undefined),
    [isReady, gatewayId.value, deviceId.value],
  )
  if (!isReady) return <p class="muted">○ {say.waitingStep}</p>
  return (
    <>
      <Light />
      <Snippets kind={knownDevice.kind} />
      <MappingEditor gatewayId={knownGateway.id} />
      <Tail at={{ gatewayId: knownGateway.id, deviceId: knownDevice.id }} troubles={watched.value?.troubles ?? null} />
    </>
  )
}

/** Whoever waits so long has something wrong, and nothing to see it by. */
const patienceMs = 20_000
const isImpatient = signal(false)

function Light() {
  const say = words()
  const seen = watched.value
  useEffect(() => {
    const timer = setTimeout(() => (isImpatient.value = true), patienceMs)
    return () => {
      clearTimeout(timer)
      isImpatient.value = false
    }
  }, [gatewayId.value, deviceId.value])
  const at = { gatewayId: gatewayId.value, deviceId: deviceId.value }
  const verdict = seen === null ? null : verdictOf(seen.seen, concerning(at.deviceId, seen.troubles), measuredOf(seen))
  const light = verdict?.light ?? 'waiting'
  const hasCome = light === 'green' || light === 'late'
  return (
    <section class={`light light-${light}`} aria-label={say.messageStep}>
      {isBlind.value && <p class="caution">⚠ {say.lightUnknown}</p>}
      {seen?.lastUnknown && <p class="caution">⚠ {say.historyUnknown}</p>}
      <p class="light-state" role="status">
        <span aria-hidden="true" class="lamp">
          {{ waiting: '○', wrong: '▲', late: '▲', green: '●' }[light]}
        </span>{' '}
        {light === 'waiting' && say.waiting(at.gatewayId)}
        {light === 'wrong' && say.wrong}
        {hasCome && seen?.seen.came && say.received(clockSeconds(seen.seen.came.by))}
      </p>
      {hasCome && seen !== null && <Parsed seen={seen} />}
      {hasCome && verdict !== null && verdict.troubles.length > 0 && <p class="caution">▲ {say.stillWrong}</p>}
      {verdict?.troubles.slice(0, shownAtOnce).map((trouble) => (
        <Explained key={`${trouble.at} ${trouble.reason} ${trouble.message?.path}`} trouble={trouble} at={at} />
      ))}
      {verdict?.troubles.some(isInItsOwnWords) && (
        <Button look="link" onClick={() => setQuery({ mapping: at.gatewayId })}>
          {say.mapIt}
        </Button>
      )}
      {light === 'waiting' && isImpatient.value && !isBlind.value && <Silence />}
    </section>
  )
}

const shownAtOnce = 3
const isInItsOwnWords = ({ reason }: Trouble) => reason === 'wrong-topic' || reason === 'not-mapped'

function Silence() {
  const say = words()
  return (
    <div class="silence">
      <p>{say.nothingYet}</p>
      <ul>
        {say.nothingCauses.split('\n').map((cause) => (
          <li key={cause}>{cause}</li>
        ))}
      </ul>
    </div>
  )
}

function measuredOf({ last }: Watched): number | null {
  return last === null ? null : Date.parse(last.at)
}

function Parsed({ seen: { last, seen } }: { readonly seen: Watched }) {
  const say = words()
  if (last === null) return null
  const measuredAt = Date.parse(last.at)
  const late = seen.came === null ? null : explainLate(measuredAt, seen.came.by)
  return (
    <>
      <p class="muted">
        {say.measured} <time dateTime={last.at}>{timeText(measuredAt, now.value)}</time>
      </p>
      {late !== null && (
        <p class="caution">
          ▲ {late.title} {late.mend}
        </p>
      )}
      <dl class="values">
        {Object.entries(last.values).map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{valueText(name, value)}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

type Value = NonNullable<DeviceDetail['last']>['values'][string]

/** The value with its unit, and in Chinese what the metric is called there. */
function valueText(name: string, value: Value): string {
  const chinese = language.value === 'zh-CN' ? chineseDetail({ [name]: value }) : undefined
  return chinese ?? [value, unitOf(name)].filter((part) => part !== '').join(' ')
}
