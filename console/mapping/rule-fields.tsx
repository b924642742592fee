import { useId } from 'preact/hooks'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { Select } from '../shared/components/select.tsx'
import { emptyMetric, type MetricTexts, pathsIn, type RuleTexts } from './form.ts'
import type { GatewayMapping } from './wire.ts'
import { words } from './words.ts'

interface RuleFieldsProps {
  readonly rule: RuleTexts
  readonly number: number
  readonly metrics: GatewayMapping['metrics']
  /** The message whose places are offered. */
  readonly payload: string
  readonly onChange: (rule: RuleTexts) => void
  readonly onRemove: () => void
}

/** One rule: its topic, whose its readings are, when they were made, and where their values stand. */
export function RuleFields({ rule, number, metrics, payload, onChange, onRemove }: RuleFieldsProps) {
  const say = words()
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
      <Field isCode label={say.topic} value={rule.topic} onInput={(topic) => set({ topic })} />
      <div class="fact-fields">
        <Select label={say.device} value={rule.device} onChange={(one) => set({ device: one as RuleTexts['device'] })}>
          {options(say.deviceIs)}
        </Select>
        {rule.device !== 'topic' && (
          <Field
            isCode
            label={rule.device === 'id' ? say.deviceId : say.devicePath}
            value={rule.deviceText}
            {...(rule.device === 'path' && { list: pathsId })}
            onInput={(deviceText) => set({ deviceText })}
          />
        )}
        <Field isCode label={say.each} value={rule.each} onInput={(each) => set({ each })} />
      </div>
      <div class="fact-fields">
        <Select label={say.time} value={rule.time} onChange={(one) => set({ time: one as RuleTexts['time'] })}>
          {options(say.timeIs)}
        </Select>
        {rule.time !== 'receipt' && (
          <Field
            isCode
            label={say.timePath}
            value={rule.timePath}
            list={pathsId}
            onInput={(timePath) => set({ timePath })}
          />
        )}
        {rule.time === 'iso' && (
          <Field isCode label={say.utcOffset} value={rule.utcOffset} onInput={(utcOffset) => set({ utcOffset })} />
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
  const say = words()
  const set = (change: Partial<MetricTexts>) => onChange({ ...metric, ...change })
  const isNumber = metric.as === 'number'
  return (
    <div class="metric">
      <Field isCode label={say.path} value={metric.path} list={lists.pathsId} onInput={(path) => set({ path })} />
      <Field isCode label={say.metric} value={metric.name} list={lists.metricsId} onInput={(name) => set({ name })} />
      <Select label={say.as} value={metric.as} onChange={(one) => set({ as: one as MetricTexts['as'] })}>
        {options(say.readAs)}
      </Select>
      {isNumber && <Field isCode label={say.scale} value={metric.scale} onInput={(scale) => set({ scale })} />}
      {isNumber && <Field isCode label={say.offset} value={metric.offset} onInput={(offset) => set({ offset })} />}
      {metric.as === 'words' && (
        <div class="wide-field">
          <Field isCode label={say.words} value={metric.words} onInput={(words) => set({ words })} />
        </div>
      )}
      <Field isCode label={say.empty} value={metric.empty} onInput={(empty) => set({ empty })} />
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
