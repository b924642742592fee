import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { post } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { Faults } from './faults.tsx'
import { triedText } from './tried-text.ts'
import type { Mapping, TriedMessage } from './wire.ts'
import { words } from './words.ts'

/** After the last key that was pressed. */
const waitMs = 400
/** A gateway that connects meanwhile is seen. */
const everyMs = 10_000
const shownReadings = 5
const longestShown = 2_000

interface MappingTrialProps {
  readonly gatewayId: string
  readonly mapping: Mapping
  readonly sample: { readonly topic: Signal<string>; readonly payload: Signal<string> }
  readonly onBegin: (message: Pick<TriedMessage, 'topic' | 'payload'>) => void
}

/** What the mapping that is being written would make of the gateway's last messages, or of one that somebody writes. */
export function MappingTrial({ gatewayId, mapping, sample, onBegin }: MappingTrialProps) {
  const say = words()
  const tried = useSignal<readonly TriedMessage[] | null>(null)
  const problem = useSignal<unknown>(null)
  const given = { topic: sample.topic.value.trim(), payload: sample.payload.value }
  const isGiven = given.topic !== '' && given.payload.trim() !== ''
  // one that has no rules yet is tried as one that fits nothing, so that there is something to begin with
  const asked = mapping.rules.length > 0 ? mapping : { ...mapping, rules: [fitsNothing] }
  const body = { mapping: asked, ...(isGiven && { samples: [given] }) }

  useEffect(() => {
    let isLate = false
    const run = async () => {
      if (document.visibilityState !== 'visible') return
      try {
        const { items } = await post<{ items: TriedMessage[] }>(`/gateways/${gatewayId}/mapping/try`, body)
        if (isLate) return
        tried.value = items
        problem.value = null
      } catch (cause) {
        if (!isLate) problem.value = cause
      }
    }
    const timers = [setTimeout(run, waitMs), ...(isGiven ? [] : [setInterval(run, everyMs)])]
    return () => {
      isLate = true
      for (const timer of timers) clearInterval(timer)
    }
  }, [gatewayId, JSON.stringify(body)])

  return (
    <section class="column-of" aria-label={say.tryTitle}>
      <h3>{say.tryTitle}</h3>
      <p class="muted">{say.tryHint}</p>
      <Field label={say.sampleTopic} value={sample.topic} />
      <Field label={say.samplePayload} value={sample.payload} rows={4} />
      <Faults problem={problem.value} />
      {tried.value?.length === 0 && <EmptyState title={say.noSamples} hint={say.noSamplesHint} />}
      <ol class="tried" aria-live="polite">
        {tried.value?.map((message, index) => (
          <li key={index} class="card">
            <Tried message={message} />
            <div class="row">
              <Button onClick={() => onBegin(message)}>{say.beginWith}</Button>
              {message.source !== 'given' && (
                <Button
                  look="link"
                  onClick={() => {
                    sample.topic.value = message.topic
                    sample.payload.value = message.payload
                  }}
                >
                  {say.take}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

const fitsNothing: Mapping['rules'][number] = {
  ...{ topic: '-', device: { id: '-' }, time: 'receipt' },
  metrics: { watts: { path: '$' } },
}

function Tried({ message }: { readonly message: TriedMessage }) {
  const { source, topic, payload, receivedAt, isMapped, readings, faults } = message
  const say = words()
  return (
    <>
      <p>
        <code>{topic}</code> <span class="muted">· {say.sources[source]}</span>{' '}
        {source !== 'given' && (
          <span class="muted">
            · <Moment at={receivedAt} />
          </span>
        )}
      </p>
      {source !== 'given' && (
        <p class="code raw">
          {payload.slice(0, longestShown)}
          {payload.length > longestShown && '…'}
        </p>
      )}
      {!isMapped && <p class="caution">○ {say.notMapped}</p>}
      {isMapped && readings.length === 0 && faults.length === 0 && <p class="muted">● {say.ignored}</p>}
      {readings.length > 0 && <p class="good">✓ {say.becomes(readings.length)}</p>}
      <ul class="made">
        {readings.slice(0, shownReadings).map(({ deviceId, at, values }) => (
          <li key={`${deviceId} ${at}`}>
            <strong>{deviceId}</strong> <Moment at={at} />{' '}
            {Object.entries(values).map(([name, value]) => (
              <span key={name} class="count">
                <code>{name}</code> <strong>{String(value)}</strong>
              </span>
            ))}
          </li>
        ))}
      </ul>
      {faults.length > 0 && (
        <div>
          <p class="wrong">▲ {say.faults}</p>
          <ul>
            {faults.map((fault) => (
              <li key={fault.path + fault.reason + fault.text}>
                <code>{fault.path}</code> {triedText(fault, message)} <code class="muted">{fault.reason}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
