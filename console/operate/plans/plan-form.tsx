import { type Signal, useSignal } from '@preact/signals'
import { kinds } from '../../installer/kinds.ts'
import { kindName } from '../../installer/where-step.tsx'
import { request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { Tick, Ticks } from '../../shared/components/tick.tsx'
import { words as sharedWords } from '../../shared/words.ts'
import { peopleWords } from '../people/people-words.ts'
import { idsIn } from '../search/ids-in.ts'
import type { Plan } from '../wire.ts'
import { added, documentOf, goals, type PlanDraft, parties, severities } from './plan-draft.ts'
import { planWords } from './plan-words.ts'

interface PlanFormProps {
  readonly plan: Plan
  readonly onChange: () => Promise<void>
}

/** Everything of a plan; what cannot be, the service says at its place. */
export function PlanForm({ plan, onChange }: PlanFormProps) {
  const say = planWords()
  const doing = useDoing()
  const { id, ...content } = plan
  const draft = useSignal<PlanDraft>(content)
  const [findings, sites] = [
    useSignal((plan.match.findings ?? []).join(', ')),
    useSignal((plan.match.siteIds ?? []).join(', ')),
  ]
  const set = (change: Partial<PlanDraft>) => {
    draft.value = { ...draft.value, ...change }
  }
  const { name, match, tell, steps } = draft.value

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    await doing.act(async () => {
      const body = documentOf(draft.value, { findings: idsIn(findings.value), siteIds: idsIn(sites.value) })
      await request('PUT', `/plans/${id}`, { body })
      await onChange()
    })
  }
  return (
    <details>
      <summary>{say.change}</summary>
      <form class="fields wide" onSubmit={save} autocapitalize="none">
        <Field
          label={say.nameChinese}
          value={name['zh-CN']}
          onInput={(chinese) => set({ name: { ...name, 'zh-CN': chinese } })}
          required
        />
        <Field label={say.nameEnglish} value={name.en} onInput={(en) => set({ name: { ...name, en } })} required />
        <fieldset>
          <legend>{say.form.for}</legend>
          <div class="row">
            <Ticks
              names={sharedWords().severities}
              all={severities}
              chosen={match.severities ?? []}
              onChange={(chosen) => set({ match: { ...match, severities: chosen } })}
            />
          </div>
          <div class="row">
            {say.form.kinds}:{' '}
            <Ticks
              names={Object.fromEntries(Object.keys(kinds).map((kind) => [kind, kindName(kind)]))}
              all={Object.keys(kinds)}
              chosen={match.kinds ?? []}
              onChange={(chosen) => set({ match: { ...match, kinds: chosen } })}
            />
          </div>
          <Field label={say.form.findings} value={findings} isCode />
          <Field label={say.form.sites} value={sites} isCode />
        </fieldset>
        <fieldset>
          <legend>{say.tellAtOnce}</legend>
          <div class="row">
            <Ticks names={say.parties} all={parties} chosen={tell} onChange={(chosen) => set({ tell: chosen })} />
          </div>
        </fieldset>
        <AskFirst draft={draft} />
        <p class="muted">
          {say.step}. {say.form.hint}
        </p>
        {steps.map((step, index) => (
          <StepFields key={step.id} draft={draft} index={index} />
        ))}
        <div class="row">
          <Button onClick={() => set({ steps: [...steps, added(steps)] })}>{say.form.addStep}</Button>
          <Button type="submit" look="main" busy={doing.isBusy}>
            {peopleWords().save}
          </Button>
        </div>
        <Undone doing={doing} />
      </form>
    </details>
  )
}

interface DraftProps {
  readonly draft: Signal<PlanDraft>
}

function AskFirst({ draft }: DraftProps) {
  const say = planWords()
  const asked = draft.value.askFirst ?? null
  const set = (askFirst: PlanDraft['askFirst']) => {
    draft.value = { ...draft.value, askFirst }
  }
  return (
    <div class="row">
      <Select
        label={say.form.askFirst}
        value={asked?.party ?? ''}
        onChange={(party) =>
          set(party === '' ? null : { party: party as 'property' | 'tenant', minutes: asked?.minutes ?? 3 })
        }
      >
        <option value="">{say.form.nobody}</option>
        <option value="property">{say.parties.property}</option>
        <option value="tenant">{say.parties.tenant}</option>
      </Select>
      {asked !== null && (
        <Minutes label={say.form.askMinutes} value={asked.minutes} onInput={(minutes) => set({ ...asked, minutes })} />
      )}
    </div>
  )
}

function StepFields({ draft, index }: DraftProps & { readonly index: number }) {
  const say = planWords()
  const { steps } = draft.value
  const step = steps[index]
  if (step === undefined) return null
  const put = (changed: readonly (typeof step)[]) => {
    draft.value = { ...draft.value, steps: steps.flatMap((one, at) => (at === index ? changed : one)) }
  }
  const set = (change: Partial<typeof step>) => put([{ ...step, ...change }])
  const reassigns = step.reassign ?? false
  return (
    <fieldset>
      <legend>{say.form.step(index + 1)}</legend>
      <div class="row">
        <Minutes label={say.minutes} value={step.minutes} onInput={(minutes) => set({ minutes })} />
        <Select label={say.goal} value={step.goal} onChange={(goal) => set({ goal: goal as typeof step.goal })}>
          {goals.map((goal) => (
            <option key={goal} value={goal}>
              {say.goals[goal]}
            </option>
          ))}
        </Select>
        {(step.goal === 'accepted' || reassigns) && (
          <Tick label={say.form.reassign} isOn={reassigns} onTurn={() => set({ reassign: !reassigns })} />
        )}
        <Button look="link" onClick={() => put([])}>
          {say.form.removeStep(index + 1)}
        </Button>
      </div>
      <div class="row">
        {say.tell} <Ticks names={say.parties} all={parties} chosen={step.tell} onChange={(tell) => set({ tell })} />
      </div>
    </fieldset>
  )
}

interface MinutesProps {
  readonly label: string
  readonly value: number
  readonly onInput: (minutes: number) => void
}

function Minutes({ label, value, onInput }: MinutesProps) {
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min={1}
        required
        class="short"
        value={value}
        onInput={({ currentTarget: { valueAsNumber } }) => !Number.isNaN(valueAsNumber) && onInput(valueAsNumber)}
      />
    </label>
  )
}
