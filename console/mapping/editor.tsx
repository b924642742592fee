import { useSignal } from '@preact/signals'
import { get, request } from '../shared/api.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { LoadState, Sure, useDoing } from '../shared/components/doing.tsx'
import { Field } from '../shared/components/field.tsx'
import { listText } from '../shared/language.ts'
import { useLoaded } from '../shared/loaded.ts'
import { isOperatorOfAll } from '../shared/roles.ts'
import { base, place, setQuery } from '../shared/router.ts'
import { me } from '../shared/session.ts'
import { timeText } from '../shared/time.ts'
import { Faults } from './faults.tsx'
import { emptyRule, type MappingTexts, mappingOf, namedTwice, type RuleTexts, ruleFor, textsOf } from './form.ts'
import { RuleFields } from './rule-fields.tsx'
import { MappingTrial } from './trial.tsx'
import type { GatewayMapping, Mapping } from './wire.ts'
import { words } from './words.ts'
import './mapping.css'

const nothing: MappingTexts = { rules: [], ignore: '', devices: '' }

/** How a gateway that speaks in its own words is read: closed until somebody wants it, for most gateways need none. */
export function MappingEditor({ gatewayId }: { readonly gatewayId: string }) {
  const say = words()
  const { loaded, again } = useLoaded(() => get<GatewayMapping>(`/gateways/${gatewayId}/mapping`), {
    keys: [gatewayId],
  })
  const isOpen = place.value.query.get('mapping') === gatewayId
  const saved = loaded.value.value
  return (
    <details
      class="mapping-of"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => open !== isOpen && setQuery({ mapping: open ? gatewayId : null })}
    >
      <summary>
        {say.title} · <span class="muted">{saved === null ? '…' : stateText(saved)}</span>
      </summary>
      <LoadState of={loaded.value} />
      {isOpen && saved !== null && <Editor key={saved.version} saved={saved} onChange={again} />}
    </details>
  )
}

function stateText({ version, mapping, at, actor }: GatewayMapping): string {
  const say = words()
  if (version === 0) return say.none
  return (mapping === null ? say.off : say.inForce)(version, timeText(Date.parse(at), now.value), actor)
}

interface EditorProps {
  readonly saved: GatewayMapping
  readonly onChange: () => Promise<void>
}

function Editor({ saved, onChange }: EditorProps) {
  const say = words()
  const { gatewayId } = saved
  const texts = useSignal(saved.mapping === null ? nothing : textsOf(saved.mapping))
  const reason = useSignal('')
  const sample = { topic: useSignal(''), payload: useSignal('') }
  const asksToTurnOff = useSignal(false)
  const doing = useDoing()
  const { rules } = texts.value
  const twice = rules.flatMap(namedTwice)
  const set = (change: Partial<MappingTexts>) => {
    texts.value = { ...texts.value, ...change }
  }
  const addRule = (rule: RuleTexts) => set({ rules: [...rules, rule] })

  function put(mapping: Mapping | null): Promise<boolean> {
    return doing.act(async () => {
      const body = { mapping, version: saved.version, reason: reason.value.trim() || say.turnOff }
      await request('PUT', `/gateways/${gatewayId}/mapping`, { body })
      await onChange()
    })
  }

  return (
    <div class="mapping">
      <div class="column-of">
        <p class="muted">{say.hint}</p>
        {rules.map((rule, index) => (
          // its place in the list is the only name that it has
          <RuleFields
            key={index}
            rule={rule}
            number={index + 1}
            metrics={saved.metrics}
            payload={sample.payload.value}
            onChange={(changed) => set({ rules: rules.map((one, at) => (at === index ? changed : one)) })}
            onRemove={() => set({ rules: rules.filter((_, at) => at !== index) })}
          />
        ))}
        <div>
          <Button onClick={() => addRule(emptyRule)}>{say.addRule}</Button>
        </div>
        <Field
          label={say.devices}
          value={texts.value.devices}
          onInput={(devices) => set({ devices })}
          rows={3}
          isCode
        />
        <Field label={say.ignore} value={texts.value.ignore} onInput={(ignore) => set({ ignore })} rows={3} isCode />
      </div>
      <div class="column-of">
        <MappingTrial
          gatewayId={gatewayId}
          mapping={mappingOf(texts.value)}
          sample={sample}
          onBegin={({ topic, payload }) => addRule(ruleFor(topic, payload))}
        />
        <form
          class="fields"
          autocapitalize="none"
          onSubmit={(event) => {
            event.preventDefault()
            put(mappingOf(texts.value))
          }}
        >
          <Field label={say.reason} value={reason} required maxLength={500} />
          {twice.length > 0 && <p class="wrong">▲ {say.twice(listText(twice))}</p>}
          <Faults problem={doing.problem} />
          <div class="row">
            <Button type="submit" look="main" busy={doing.isBusy} disabled={rules.length === 0 || twice.length > 0}>
              {say.save}
            </Button>
            {saved.mapping !== null && (
              <Button look="link" onClick={() => (asksToTurnOff.value = true)}>
                {say.turnOff}
              </Button>
            )}
            {isOperatorOfAll(me.value?.memberships ?? []) && (
              <a href={`${base}/operate?view=audit&subject=${gatewayId}`}>{say.history}</a>
            )}
          </div>
        </form>
      </div>
      {asksToTurnOff.value && (
        <Sure
          title={say.turnOff}
          text={say.turnOffText}
          yes={say.turnOff}
          doing={doing}
          onYes={() => put(null)}
          onClose={() => (asksToTurnOff.value = false)}
        />
      )}
    </div>
  )
}
