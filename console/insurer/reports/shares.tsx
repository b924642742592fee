import { useSignal } from '@preact/signals'
import { CopyButton } from '../../installer/copy-button.tsx'
import { list, newKey, post, request } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import type { ReportShare } from '../wire-records.ts'
import { reportWords } from './report-words.ts'

const lengths = [7, 30, 90] as const
const dayMs = 86_400_000

/** Links by which others read one report. */
export function Shares({ reportId }: { readonly reportId: string }) {
  const say = reportWords()
  const isOpen = useSignal(false)
  return (
    <details class="review-more" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>{say.share}</summary>
      {isOpen.value && <OpenShares reportId={reportId} />}
    </details>
  )
}

function OpenShares({ reportId }: { readonly reportId: string }) {
  const say = reportWords()
  const doing = useDoing()
  const { loaded, again } = useLoaded(() => list<ReportShare>(`/quality/reports/${reportId}/shares`))
  const [name, days, url] = [useSignal(''), useSignal('30'), useSignal<string | null>(null)]

  function make(event: Event): void {
    event.preventDefault()
    doing.act(async () => {
      const expiresAt = new Date(serverNow() + Number(days.value) * dayMs).toISOString()
      const body = { name: name.value.trim(), expiresAt }
      url.value = (await post<{ url: string }>(`/quality/reports/${reportId}/shares`, body, newKey())).url
      name.value = ''
      await again()
    })
  }
  return (
    <div class="review-form">
      <p class="muted">{say.shareHint}</p>
      <form class="review-bar" onSubmit={make}>
        <Field label={say.forWhom} value={name} required maxLength={100} />
        <Select label={say.lasts} value={days.value} onChange={(one) => (days.value = one)}>
          {lengths.map((one) => (
            <option key={one} value={one}>
              {say.days(one)}
            </option>
          ))}
        </Select>
        <Button type="submit" busy={doing.isBusy}>
          {say.makeLink}
        </Button>
      </form>
      <Undone doing={doing} />
      {url.value !== null && (
        <p>
          {say.once} <code>{url.value}</code> <CopyButton text={url.value} what={say.share} />
        </p>
      )}
      <LoadState of={loaded.value} />
      <ul class="review-events">
        {loaded.value.value?.map((share) => (
          <OneShare key={share.id} share={share} again={again} />
        ))}
      </ul>
    </div>
  )
}

function OneShare({ share, again }: { readonly share: ReportShare; readonly again: () => Promise<void> }) {
  const say = reportWords()
  const doing = useDoing()
  const { id, name, createdBy, expiresAt, revokedAt, uses } = share
  return (
    <li>
      <strong>{name}</strong>{' '}
      <span class="muted">
        {revokedAt === null ? say.until : say.revoked} <Moment at={revokedAt ?? expiresAt} /> · {say.madeBy(createdBy)}{' '}
        · {say.used(uses)}
      </span>{' '}
      {revokedAt === null && Date.parse(expiresAt) > serverNow() && (
        <Button
          look="link"
          busy={doing.isBusy}
          onClick={() =>
            doing.act(async () => {
              await request('DELETE', `/quality/report-shares/${id}`)
              await again()
            })
          }
        >
          {say.revoke}
        </Button>
      )}
      <Undone doing={doing} />
    </li>
  )
}
