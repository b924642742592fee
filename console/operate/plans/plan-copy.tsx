import { useSignal } from '@preact/signals'
import { request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { setQuery } from '../../shared/router.ts'
import { peopleWords } from '../people/people-words.ts'
import { idsIn } from '../search/ids-in.ts'
import type { Plan } from '../wire.ts'
import { planWords } from './plan-words.ts'

interface PlanCopyProps {
  readonly of: Plan
  /** Ids of plans that there are. */
  readonly taken: readonly string[]
  readonly onMade: () => Promise<void>
}

/** A plan of one's own for some places: it begins as a copy, and is the more exact one there. */
export function PlanCopy({ of: plan, taken, onMade }: PlanCopyProps) {
  const [say, common] = [planWords(), peopleWords()]
  const doing = useDoing()
  const [id, places] = [useSignal(''), useSignal('')]
  const [chinese, english] = [useSignal(plan.name['zh-CN']), useSignal(plan.name.en)]
  const newId = id.value.trim()
  const isTaken = taken.includes(newId)
  const siteIds = idsIn(places.value)
  const isWhole = newId !== '' && siteIds.length > 0 && !isTaken

  async function make(event: Event): Promise<void> {
    event.preventDefault()
    if (!isWhole) return
    const { id: _, ...content } = plan
    const body = {
      ...{ ...content, version: 0, enabled: true, match: { ...plan.match, siteIds } },
      name: { 'zh-CN': chinese.value.trim(), en: english.value.trim() },
    }
    if (!(await doing.act(() => request('PUT', `/plans/${encodeURIComponent(newId)}`, { body })))) return
    await onMade()
    setQuery({ plan: newId })
  }
  return (
    <details>
      <summary>{say.copyPlan}</summary>
      <form class="fields" onSubmit={make} autocapitalize="none">
        <p class="muted">{say.copyHint}</p>
        <Field label={common.id} value={id} required />
        {isTaken && <p class="wrong">■ {say.planTaken}</p>}
        <Field label={say.nameChinese} value={chinese} required />
        <Field label={say.nameEnglish} value={english} required />
        <Field label={say.planSites} value={places} required />
        <p class="muted">{say.planSitesHint}</p>
        <Undone doing={doing} />
        <Button type="submit" busy={doing.isBusy} disabled={!isWhole}>
          {common.add}
        </Button>
      </form>
    </details>
  )
}
