import { useSignal } from '@preact/signals'
import { newKey, post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { navigate, place, setQuery } from '../../shared/router.ts'
import { hasRole } from '../../shared/session.ts'
import { Frame } from '../frame.tsx'
import { Paged } from '../paged.tsx'
import { insurerRoles } from '../roles.ts'
import { usePages } from '../use-pages.ts'
import { ViewTabs } from '../view-tabs.tsx'
import type { Inspection } from '../wire-records.ts'
import { InspectionRows } from './inspection-rows.tsx'
import { inspectionWords } from './inspection-words.ts'
import { PlanView } from './plan.tsx'
import { RiskView } from './risk.tsx'
import { SamplesView, SamplesWaiting } from './samples.tsx'

const kinds = ['quarterly', 'monthly', 'unannounced', 're-check'] as const
const states = ['planned', 'started', 'done', 'not-possible'] as const
const views = [
  { name: 'list', View: ListView, isInsurers: false },
  { name: 'samples', View: SamplesView, isInsurers: false },
  { name: 'plan', View: PlanView, isInsurers: true },
  { name: 'risk', View: RiskView, isInsurers: true },
] as const

/** What is inspected and what came of it; the month's samples, the plan, the riskiest elevators. */
export function Page() {
  const say = inspectionWords()
  const { query } = place.value
  const theirs = views.filter(({ isInsurers }) => !isInsurers || hasRole(insurerRoles))
  const shown = theirs.find(({ name }) => name === query.get('view')) ?? views[0]
  return (
    <Frame tab="inspections">
      <ViewTabs
        page="inspections"
        names={theirs.map(({ name }) => name)}
        shown={shown.name}
        label={say.viewsOf}
        say={say.views}
      />
      {shown.name !== 'samples' && hasRole(insurerRoles) && <SamplesWaiting />}
      <shown.View key={shown.name} />
    </Frame>
  )
}

function ListView() {
  const say = inspectionWords()
  const { query } = place.value
  const [kind, state] = [
    kinds.find((one) => one === query.get('kind')),
    states.find((one) => one === query.get('state')),
  ]
  const pages = usePages<Inspection>('/quality/inspections', {
    ...(kind !== undefined && { kind }),
    ...(state !== undefined && { state }),
    ...only(query, 'maintainerId'),
    ...only(query, 'deviceId'),
  })
  return (
    <>
      <section class="card review-list">
        <div class="review-bar">
          <Select label={say.kind} value={kind ?? ''} onChange={(one) => setQuery({ kind: one || null })}>
            <option value="">{say.everyKind}</option>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {say.kinds[one]}
              </option>
            ))}
          </Select>
          <Select label={say.state} value={state ?? ''} onChange={(one) => setQuery({ state: one || null })}>
            <option value="">{say.everyState}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {say.states[one]}
              </option>
            ))}
          </Select>
        </div>
        <Paged of={pages} none={say.none} noneHint={hasRole(insurerRoles) ? say.noneHint : say.noneMaintainerHint}>
          {(items) => <InspectionRows items={items} />}
        </Paged>
      </section>
      {hasRole(insurerRoles) && <PlanOne />}
    </>
  )
}

function only(query: URLSearchParams, name: string): Record<string, string> {
  const said = query.get(name)
  return said === null ? {} : { [name]: said }
}

function PlanOne() {
  const say = inspectionWords()
  const doing = useDoing()
  const [device, dueOn, kind] = [
    useSignal(place.peek().query.get('deviceId') ?? ''),
    useSignal(''),
    useSignal('unannounced'),
  ]

  function plan(event: Event): void {
    event.preventDefault()
    doing.act(async () => {
      const body = { deviceId: device.value.trim(), dueOn: dueOn.value, kind: kind.value }
      const { id } = await post<Inspection>('/quality/inspections', body, newKey())
      navigate(`/review/inspections/${id}`)
    })
  }
  return (
    <details class="card review-more">
      <summary>{say.planOne}</summary>
      <form class="review-form" onSubmit={plan}>
        <p class="muted">{say.hidden}</p>
        <div class="review-bar">
          <Field label={say.device} value={device} required isCode />
          <Field label={say.dueOn} value={dueOn} type="date" required />
          <Select label={say.kind} value={kind.value} onChange={(one) => (kind.value = one)}>
            {(['unannounced', 'quarterly'] as const).map((one) => (
              <option key={one} value={one}>
                {say.kinds[one]}
              </option>
            ))}
          </Select>
        </div>
        <Undone doing={doing} />
        <Button type="submit" busy={doing.isBusy}>
          {say.plan}
        </Button>
      </form>
    </details>
  )
}
