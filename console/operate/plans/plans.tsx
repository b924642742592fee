import { useSignal } from '@preact/signals'
import { findingTitles } from '../../../core/finding-titles.ts'
import { kindName } from '../../installer/where-step.tsx'
import { list, request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Sure, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { language, listText } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { base, place, setQuery } from '../../shared/router.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { OpenButton } from '../open-button.tsx'
import { placeWords } from '../sites/place-words.ts'
import type { Plan } from '../wire.ts'
import { PlanCopy } from './plan-copy.tsx'
import { PlanForm } from './plan-form.tsx'
import { type PlanWish, planQuestion } from './plan-questions.ts'
import { planWords } from './plan-words.ts'

/** What happens when: whom each kind of order reaches, and until when. */
export function PlansView() {
  const say = planWords()
  const { loaded, again } = useLoaded(() => list<Plan>('/plans'))
  const plans = loaded.value.value
  const opened = place.value.query.get('plan')
  return (
    <>
      <LoadState of={loaded.value} />
      {plans?.length === 0 && <EmptyState title={say.noPlans} hint={say.noPlansHint} />}
      {plans !== null && <p class="muted">{say.planHint}</p>}
      <ul class="rows">
        {plans?.map((plan) => (
          <li key={plan.id} class="card">
            <div class="line">
              <strong>{plan.name[language.value]}</strong>
              <Match plan={plan} />
              <span class="muted">
                {plan.version === 0 ? say.shipped : say.version(plan.version)} · <code>{plan.id}</code>
              </span>
              <span class={plan.enabled ? 'good' : 'caution'}>{plan.enabled ? `● ${say.on}` : `○ ${say.off}`}</span>
              <OpenButton
                name={plan.name[language.value]}
                isOpen={opened === plan.id}
                onTurn={() => setQuery({ plan: opened === plan.id ? null : plan.id })}
              />
            </div>
            {opened === plan.id && (
              <>
                <OnePlan key={plan.version} plan={plan} onChange={again} />
                <PlanForm key={`form-${plan.version}`} plan={plan} onChange={again} />
                <PlanCopy of={plan} taken={plans.map(({ id }) => id)} onMade={again} />
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function Match({ plan: { match } }: { readonly plan: Plan }) {
  const say = planWords()
  const titles = findingTitles(language.value)
  const severities = match.severities?.map((one) => sharedWords().severities[one]) ?? []
  const what = match.findings?.map((finding) => titles[finding] ?? finding) ??
    match.kinds?.map((kind) => kindName(kind)) ?? [say.allKinds]
  return (
    <span>
      {listText(severities)} · {listText(what)}
      {match.siteIds !== undefined && ` · ${listText(match.siteIds)}`}
    </span>
  )
}

interface OnePlanProps {
  readonly plan: Plan
  readonly onChange: () => Promise<void>
}

function OnePlan({ plan, onChange }: OnePlanProps) {
  const say = planWords()
  const doing = useDoing()
  const asked = useSignal<PlanWish | null>(null)
  const question = asked.value === null ? null : planQuestion(asked.value, plan)
  const { id, ...content } = plan
  const put = (change: Partial<Plan>) =>
    doing.act(async () => {
      await request('PUT', `/plans/${id}`, { body: { ...content, ...change } })
      await onChange()
    })
  const asShipped = () =>
    doing.act(async () => {
      await request('DELETE', `/plans/${id}`)
      await onChange()
    })
  function fulfil(wish: PlanWish): Promise<boolean> {
    return wish === 'as-shipped' ? asShipped() : put({ enabled: wish === 'turn-on' })
  }
  async function confirm(): Promise<void> {
    if (asked.value !== null && (await fulfil(asked.value))) asked.value = null
  }
  function want(wish: PlanWish): void {
    if (planQuestion(wish, plan) === null) fulfil(wish)
    else asked.value = wish
  }
  const partyNames = (parties: Plan['tell']) => listText(parties.map((one) => say.parties[one]))
  return (
    <div class="opened">
      <p>
        {say.toldAtOnce(partyNames(plan.tell) || '—')}
        {plan.askFirst != null && ` · ${say.ask(say.parties[plan.askFirst.party], plan.askFirst.minutes)}`}
      </p>
      <table>
        <caption class="muted">{say.step}</caption>
        <thead>
          <tr>
            <th scope="col">{say.minutes}</th>
            <th scope="col">{say.goal}</th>
            <th scope="col">{say.tell}</th>
          </tr>
        </thead>
        <tbody>
          {plan.steps.map((step) => (
            <tr key={step.id}>
              <td>{step.minutes}</td>
              <td>{say.goals[step.goal]}</td>
              <td>
                {partyNames(step.tell) || '—'} {step.reassign && <strong>{say.reassign}</strong>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {question === null ? (
        <Undone doing={doing} />
      ) : (
        <Sure {...question} hint={say.planHint} doing={doing} onYes={confirm} onClose={() => (asked.value = null)} />
      )}
      <div class="row">
        <Button busy={doing.isBusy} onClick={() => want(plan.enabled ? 'turn-off' : 'turn-on')}>
          {plan.enabled ? say.turnOff : say.turnOn}
        </Button>
        {plan.version > 0 && (
          <Button look="link" onClick={() => want('as-shipped')}>
            {say.asShipped}
          </Button>
        )}
        <a href={`${base}/operate?view=audit&subject=${plan.id}`}>{placeWords().history}</a>
      </div>
    </div>
  )
}
