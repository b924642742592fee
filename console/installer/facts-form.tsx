import { type Signal, useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { findingTitles } from '../../core/finding-titles.ts'
import { ApiProblem } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { faultText } from '../shared/fault-text.ts'
import { language, listText } from '../shared/language.ts'
import type { DeviceDetail } from '../shared/wire.ts'
import { type FactField, factValue, kinds } from './kinds.ts'
import { updateDevice } from './setup.ts'
import { words } from './words.ts'

interface FactsFormProps {
  readonly device: DeviceDetail
  readonly onProblem: Signal<unknown>
}

/** What is known of the device and does not change by itself; which rules are off for want of it stands first. */
export function FactsForm({ device, onProblem }: FactsFormProps) {
  const say = words()
  const fields = kinds[device.kind]?.facts ?? []
  const isSaved = useSignal(false)
  const missing = new Set(device.rulesOff.flatMap(({ missingFacts }) => missingFacts))

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const facts = fields.map((field) => [field.name, factValue(field, String(form.get(field.name) ?? ''))])
    isSaved.value = await updateDevice({ facts: Object.fromEntries(facts) })
  }

  return (
    <form onSubmit={save} class="facts" aria-label={say.facts}>
      <RulesOff device={device} />
      <details open={device.rulesOff.length > 0}>
        <summary>{say.facts}</summary>
        <p class="muted">{say.factsHint}</p>
        <div class="fact-fields">
          {fields.map((field) => (
            <FactInput
              key={field.name}
              field={field}
              known={device.facts[field.name]}
              isMissing={missing.has(field.name)}
              fault={faultOf(onProblem.value, field.name)}
            />
          ))}
        </div>
        <div class="row">
          <Button type="submit">{say.saveFacts}</Button>
          {isSaved.value && (
            <p role="status" class="good">
              ✓ {say.factsSaved}
            </p>
          )}
        </div>
      </details>
    </form>
  )
}

function RulesOff({ device: { rulesOff } }: Pick<FactsFormProps, 'device'>) {
  const say = words()
  const titles = findingTitles(language.value)
  if (rulesOff.length === 0) return <p class="good">✓ {say.rulesOn}</p>
  return (
    <>
      <p class="caution">▲ {say.rulesOff(rulesOff.length)}</p>
      <ul class="rules-off">
        {rulesOff.map(({ finding, missingFacts }) => (
          <li key={finding}>
            {titles[finding] ?? finding} <span class="muted">{say.needs(listText(missingFacts.map(factName)))}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

interface FactInputProps {
  readonly field: FactField
  readonly known: unknown
  readonly isMissing: boolean
  readonly fault: string | null
}

function FactInput({ field: { name, input, unit }, known, isMissing, fault }: FactInputProps) {
  const say = words()
  const id = useId()
  const value = known === undefined || known === null ? '' : String(known)
  const label = `${isMissing ? '▲ ' : ''}${factName(name)}${unit === undefined ? '' : ` (${unit})`}`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {typeof input === 'string' ? (
        <input
          id={id}
          name={name}
          type={input === 'date' ? 'date' : 'text'}
          inputMode={input === 'whole' ? 'numeric' : input === 'number' ? 'decimal' : undefined}
          defaultValue={value}
          aria-invalid={fault !== null}
        />
      ) : (
        <select id={id} name={name}>
          <option value="" selected={value === ''}>
            {say.unknown}
          </option>
          {input.map((choice) => (
            <option key={choice} value={choice} selected={choice === value}>
              {choiceName(choice)}
            </option>
          ))}
        </select>
      )}
      {fault !== null && <p class="wrong">▲ {fault}</p>}
    </div>
  )
}

/** What the service says of this one fact. */
function faultOf(cause: unknown, name: string): string | null {
  if (!(cause instanceof ApiProblem)) return null
  const fault = cause.fields.find(({ path }) => path === `facts.${name}`)
  return fault === undefined ? null : faultText(fault.message)
}

function factName(name: string): string {
  const names: Readonly<Record<string, string>> = words().fact
  return Object.hasOwn(names, name) ? (names[name] ?? name) : name
}

function choiceName(choice: string): string {
  const names: Readonly<Record<string, string>> = words().choices
  return Object.hasOwn(names, choice) ? (names[choice] ?? choice) : choice
}
