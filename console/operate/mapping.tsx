import { type Signal, useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { Select } from '../installer/select.tsx'
import { get, request } from '../shared/api.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { base, place, setQuery } from '../shared/router.ts'
import { timeText } from '../shared/time.ts'
import { useLoaded } from './loaded.ts'
import { Faults } from './mapping-faults.tsx'
import {
  emptyMetric,
  emptyRule,
  type MappingTexts,
  type MetricTexts,
  mappingOf,
  namedTwice,
  pathsIn,
  type RuleTexts,
  ruleFor,
  textsOf,
} from './mapping-form.ts'
import { MappingTrial } from './mapping-trial.tsx'
import { mappingWords } from './mapping-words.ts'
import { LoadState, Sure, useDoing } from './parts.tsx'
import type { GatewayMapping, Mapping } from './wire.ts'
import './mapping.css'

const nothing: MappingTexts = { rules: [], ignore: '', devices: '' }

/** How a gateway that speaks in its own words is read: closed until somebody wants it, for most gateways need none. */
export function MappingEditor({ gatewayId }: { readonly gatewayId: string }) {
  const say = mappingWords()
  const { loaded, again } = useLoaded(() => get<GatewayMapping>(`/gateways/${gatewayId}/mapping`), {
    keys: [gatewayId],
  })
  const isOpen = place.value.query.get('mapping') === gatewayId
  const saved = loaded.value.value
  return (
    <details
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
  const say = mappingWords()
  if (version === 0) return say.none
  return (mapping === null ? say.off : say.inForce)(version, timeText(Date.parse(at), now.value), actor)
}

interface EditorProps {
  readonly saved: GatewayMapping
  readonly onChange: () => Promise<void>
}

function Editor({ saved, onChange }: EditorProps) {
  const say = mappingWords()
  const { gatewayId } = saved
  const texts = useSignal(saved.mapping === null ? nothing : textsOf(saved.mapping))
  const reason = useSignal('')
  const sample = { topic: useSignal(''), payload: useSignal('') }
  const asksToTurnOff = useSignal(false)
  const doing = useDoing()
  const { rules } = texts.value
  const twice = rules.flatMap(namedTwice)
  const setRule = (index: number, rule: RuleTexts) => {
    texts.value = { ...texts.value, rules: rules.map((one, at) => (at === index ? rule : one)) }
  }
  const addRule = (rule: RuleTexts) => {
    texts.value = { ...texts.value, rules: [...rules, rule] }
  }

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
            onChange={(changed) => setRule(index, changed)}
            onRemove={() => {
              texts.value = { ...texts.value, rules: rules.filter((_, at) => at !== index) }
            }}
          />
        ))}
        <div>
          <Button onClick={() => addRule(emptyRule)}>{say.addRule}</Button>
        </div>
        <TextLines label={say.devices} of={texts} name="devices" />
        <TextLines label={say.ignore} of={texts} name="ignore" />
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
          {twice.length > 0 && <p class="wrong">▲ {say.twice(twice.join(', '))}</p>}
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
            <a href={`${base}/operate?view=audit&subject=${gatewayId}`}>{say.history}</a>
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

interface TextLinesProps {
  readonly label: string
  readonly of: Signal<MappingTexts>
  readonly name: 'devices' | 'ignore'
}

function TextLines({ label, of, name }: TextLinesProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        spellcheck={false}
        value={of.value[name]}
        onInput={({ currentTarget: { value } }) => (of.value = { ...of.value, [name]: value })}
      />
    </div>
  )
}

interface RuleFieldsProps {
  readonly rule: RuleTexts
  readonly number: number
  readonly metrics: GatewayMapping['metrics']
  /** The message whose places are offered. */
  readonly payload: string
  readonly onChange: (rule: RuleTexts) => void
  readonly onRemove: () => void
}

function RuleFields({ rule, number, metrics, payload, onChange, onRemove }: RuleFieldsProps) {
  const say = mappingWords()
  const [pathsId, metricsId] = [useId(), useId()]
  const set = (change: Partial<RuleTexts>) => onChange({ ...rule, ...change })
  const setMetric = (index: number, metric: MetricTexts | null) =>
    set({ metrics: rule.metrics.flatMap((one, at) => (at === index ? (metric ?? []) : one)) })
  return (
    <fieldset>
      <legend>{say.rule(number)}</legend>
      <datalist id={pathsId}>
        {pathsIn(payload, rule.each).map((path) => (
          <option key={path} value={path} />
        ))}
      </datalist>
      <datalist id={metricsId}>
        {Object.entries(metrics).flatMap(([kind, names]) =>
          names.map((name) => <option key={`${kind} ${name}`} value={name} label={kind} />),
        )}
      </datalist>
      <Text label={say.topic} text={rule.topic} onInput={(topic) => set({ topic })} />
      <div class="fact-fields">
        <Select label={say.device} value={rule.device} onChange={(one) => set({ device: one as RuleTexts['device'] })}>
          {options(say.deviceIs)}
        </Select>
        {rule.device !== 'topic' && (
          <Text
            label={rule.device === 'id' ? say.deviceId : say.devicePath}
            text={rule.deviceText}
            {...(rule.device === 'path' && { list: pathsId })}
            onInput={(deviceText) => set({ deviceText })}
          />
        )}
        <Text label={say.each} text={rule.each} onInput={(each) => set({ each })} />
      </div>
      <div class="fact-fields">
        <Select label={say.time} value={rule.time} onChange={(one) => set({ time: one as RuleTexts['time'] })}>
          {options(say.timeIs)}
        </Select>
        {rule.time !== 'receipt' && (
          <Text label={say.timePath} text={rule.timePath} list={pathsId} onInput={(timePath) => set({ timePath })} />
        )}
        {rule.time === 'iso' && (
          <Text label={say.utcOffset} text={rule.utcOffset} onInput={(utcOffset) => set({ utcOffset })} />
        )}
      </div>
      {rule.time === 'receipt' && <p class="muted">{say.receiptHint}</p>}
      <div class="metrics">
        <p class="muted">{say.metrics}</p>
        {rule.metrics.map((metric, index) => (
          // its place in the list is the only name that it has
          <MetricFields
            key={index}
            metric={metric}
            lists={{ pathsId, metricsId }}
            onChange={(changed) => setMetric(index, changed)}
          />
        ))}
      </div>
      <div class="row">
        <Button onClick={() => set({ metrics: [...rule.metrics, emptyMetric] })}>{say.addMetric}</Button>
        <Button look="link" onClick={onRemove}>
          {say.removeRule(number)}
        </Button>
      </div>
    </fieldset>
  )
}

interface MetricFieldsProps {
  readonly metric: MetricTexts
  readonly lists: { readonly pathsId: string; readonly metricsId: string }
  /** Null takes it away. */
  readonly onChange: (metric: MetricTexts | null) => void
}

function MetricFields({ metric, lists, onChange }: MetricFieldsProps) {
  const say = mappingWords()
  const set = (change: Partial<MetricTexts>) => onChange({ ...metric, ...change })
  const isNumber = metric.as === 'number'
  return (
    <div class="metric">
      <Text label={say.path} text={metric.path} list={lists.pathsId} onInput={(path) => set({ path })} />
      <Text label={say.metric} text={metric.name} list={lists.metricsId} onInput={(name) => set({ name })} />
      <Select label={say.as} value={metric.as} onChange={(one) => set({ as: one as MetricTexts['as'] })}>
        {options(say.readAs)}
      </Select>
      {isNumber && <Text label={say.scale} text={metric.scale} onInput={(scale) => set({ scale })} />}
      {isNumber && <Text label={say.offset} text={metric.offset} onInput={(offset) => set({ offset })} />}
      {metric.as === 'words' && (
        <div class="wide-field">
          <Text label={say.words} text={metric.words} onInput={(words) => set({ words })} />
        </div>
      )}
      <Text label={say.empty} text={metric.empty} onInput={(empty) => set({ empty })} />
      <Button look="link" label={say.removeMetric(metric.name || metric.path)} onClick={() => onChange(null)}>
        ✕
      </Button>
    </div>
  )
}

function options(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, name]) => (
    <option key={value} value={value}>
      {name}
    </option>
  ))
}

interface TextProps {
  readonly label: string
  readonly text: string
  /** Of the texts that are offered. */
  readonly list?: string
  readonly onInput: (text: string) => void
}

function Text({ label, text, list, onInput }: TextProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={text}
        list={list}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}
