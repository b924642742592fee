import { useSignal } from '@preact/signals'
import { localDate, shanghai } from '../../../core/local-time.ts'
import { newKey, post } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { language } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { place } from '../../shared/router.ts'
import { hasRole } from '../../shared/session.ts'
import { askedFor } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { insurerRoles } from '../roles.ts'
import type { ReportDetail } from '../wire-records.ts'
import { words } from '../words.ts'
import { readReports } from './read.ts'
import { reportPeriods } from './report-periods.ts'
import { reportWords } from './report-words.ts'
import { Shares } from './shares.tsx'

/** While one is being made somebody waits for it. */
const againMs = 5_000

/** Reports to be handed on: made here, or by themselves each month or quarter. */
export function Page() {
  const say = reportWords()
  const { loaded, again } = useLoaded(readReports, { everyMs: againMs })
  const reports = loaded.value.value
  return (
    <Frame tab="reports">
      <FilterBar isDated narrows={['maintainerId', 'insurerId', 'siteId']} />
      <Make again={again} />
      <LoadState of={loaded.value} />
      {reports?.length === 0 && <EmptyState title={say.none} hint={say.noneHint} />}
      {reports?.map((report) => (
        <OneReport key={report.id} report={report} again={again} />
      ))}
    </Frame>
  )
}

function Make({ again }: { readonly again: () => Promise<void> }) {
  const say = reportWords()
  const doing = useDoing()
  const period = useSignal('shown')
  const { deviceId: _, from, to, ...filter } = askedFor(place.value.query, serverNow())
  const about = period.value === 'shown' ? { from, to } : { period: period.value }

  function make(): void {
    doing.act(async () => {
      await post('/quality/reports', { ...about, ...filter }, newKey())
      await again()
    })
  }
  return (
    <section class="card review-list">
      <p class="muted">{say.makeHint}</p>
      <div class="review-bar">
        <Select label={say.about} value={period.value} onChange={(one) => (period.value = one)}>
          <option value="shown">{say.shownPeriod}</option>
          {reportPeriods(localDate(serverNow(), shanghai)).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
        <Button look="main" busy={doing.isBusy} onClick={make}>
          {say.make}
        </Button>
      </div>
      <Undone doing={doing} />
    </section>
  )
}

interface ReportProps {
  readonly report: ReportDetail
  readonly again: () => Promise<void>
}

function OneReport({ report, again }: ReportProps) {
  const say = reportWords()
  const { id, type, from, to, asOf, filter, state, error, requestedBy, requestedAt, scheduleId, summary, sealed } =
    report
  const last = localDate(Math.min(Date.parse(to) - 1, Date.parse(asOf ?? requestedAt)), shanghai)
  return (
    <section class="card review-list">
      <h2>
        {say.types[type]} {words().spanText(localDate(Date.parse(from), shanghai), last)}
      </h2>
      <p class="muted">
        <strong>{say.states[state]}</strong> · {scheduleId === null ? say.askedBy(requestedBy) : say.scheduled}{' '}
        <Moment at={requestedAt} />
        {filter.maintainerId !== undefined && (
          <>
            {' '}
            · <Name of="maintainerId" id={filter.maintainerId} />
          </>
        )}
        {filter.siteId !== undefined && (
          <>
            {' '}
            · <Name of="siteId" id={filter.siteId} />
          </>
        )}
      </p>
      {error !== null && <p class="wrong">■ {error}</p>}
      {state === 'failed' && <Retry id={id} again={again} />}
      {summary !== null && (
        <ul class="review-summary-lines">
          {summary[language.value].map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Files report={report} />
      {sealed !== null && (
        <p class="muted">
          {say.head}: <code>{`${sealed.number}:${sealed.hash}`}</code>
        </p>
      )}
      {state === 'done' && hasRole(insurerRoles) && <Shares reportId={id} />}
    </section>
  )
}

function Retry({ id, again }: { readonly id: string; readonly again: () => Promise<void> }) {
  const doing = useDoing()
  function retry(): void {
    doing.act(async () => {
      await post(`/quality/reports/${id}/retry`, undefined, newKey())
      await again()
    })
  }
  return (
    <>
      <div class="review-bar">
        <Button busy={doing.isBusy} onClick={retry}>
          {reportWords().retry}
        </Button>
      </div>
      <Undone doing={doing} />
    </>
  )
}

function Files({ report: { id, files } }: { readonly report: ReportDetail }) {
  const say = reportWords()
  const kept = files.filter(({ removedAt }) => removedAt === null)
  const removed = files.find(({ removedAt }) => removedAt !== null)
  return (
    <div class="review-bar">
      {kept.map(({ name, format, locale, bytes }) => (
        <a key={name} class="button" href={`/api/v1/quality/reports/${id}/files/${encodeURIComponent(name)}`} download>
          {format.toUpperCase()} {say.languages[locale]}
          <small class="muted">{(bytes / 1024).toFixed(0)} KiB</small>
        </a>
      ))}
      {removed?.removedAt != null && (
        <p class="muted">{say.removed(localDate(Date.parse(removed.removedAt), shanghai))}</p>
      )}
    </div>
  )
}
