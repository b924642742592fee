import { useSignal } from '@preact/signals'
import { list, request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { me } from '../../shared/session.ts'
import { places } from '../figure-text.ts'
import { Name } from '../name.tsx'
import type { InspectionPlan } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { planBody } from './plan-body.ts'

/** What is planned by itself, for each insurer that the reader may plan for. */
export function PlanView() {
  const say = inspectionWords()
  const { loaded, again } = useLoaded(() => list<InspectionPlan>('/quality/inspection-plans'))
  const plans = loaded.value.value
  const without = insurersOf().filter((id) => !plans?.some(({ insurerId }) => insurerId === id))
  return (
    <>
      <LoadState of={loaded.value} />
      {plans?.length === 0 && without.length === 0 && <EmptyState title={say.planNone} hint={say.planIntro} />}
      {plans?.map((plan) => (
        <PlanForm key={`${plan.insurerId} ${plan.version}`} insurerId={plan.insurerId} plan={plan} again={again} />
      ))}
      {plans !== null && without.map((id) => <PlanForm key={id} insurerId={id} plan={null} again={again} />)}
    </>
  )
}

/** Companies that the reader speaks for as an insurer. */
function insurersOf(): string[] {
  return (me.value?.memberships ?? []).flatMap(({ role, scope }) =>
    role === 'insurer' && 'teamId' in scope ? [scope.teamId] : [],
  )
}

interface PlanFormProps {
  readonly insurerId: string
  readonly plan: InspectionPlan | null
  readonly again: () => Promise<void>
}

function PlanForm({ insurerId, plan, again }: PlanFormProps) {
  const say = inspectionWords()
  const doing = useDoing()
  const quarterly = useSignal(plan?.quarterly ?? true)
  const share = useSignal(plan === null ? '5' : places(plan.monthlyShare * 100))
  const unannounced = useSignal(String(plan?.unannouncedPerMonth ?? 5))
  const publicSource = useSignal(plan?.publicSource ?? '')
  const isWrong = useSignal(false)

  function save(event: Event): void {
    event.preventDefault()
    const written = { quarterly: quarterly.value, share: share.value, unannounced: unannounced.value }
    const body = planBody({ ...written, publicSource: publicSource.value }, plan)
    isWrong.value = body === null
    if (body === null) return
    doing.act(async () => {
      await request('PUT', `/quality/inspection-plans/${encodeURIComponent(insurerId)}`, { body })
      await again()
    })
  }
  return (
    <form class="card review-list" onSubmit={save}>
      <h2>
        <Name of="insurerId" id={insurerId} />
      </h2>
      <p class="muted">
        {plan === null ? say.planNone : say.sheetVersion(plan.version)} · {say.planIntro}
      </p>
      <label class="review-check">
        <input
          type="checkbox"
          checked={quarterly.value}
          onChange={({ currentTarget }) => {
            quarterly.value = currentTarget.checked
          }}
        />
        {say.quarterly}
      </label>
      <div class="review-bar">
        <Field label={say.monthlyShare} value={share} />
        <Field label={say.unannounced} value={unannounced} />
      </div>
      <Field label={say.publicSource} value={publicSource} maxLength={500} />
      <p class="muted">{say.publicSourceHint}</p>
      {isWrong.value && <p class="wrong">■ {say.wrongNumbers}</p>}
      <Undone doing={doing} />
      <Button type="submit" look="main" busy={doing.isBusy}>
        {say.save}
      </Button>
    </form>
  )
}
