import type { ComponentChildren } from 'preact'
import { localDate, shanghai } from '../../../core/local-time.ts'
import type { DeviceHealth, Upkeep } from '../../device/wire.ts'
import { words as deviceWords } from '../../device/words.ts'
import { words as installerWords } from '../../installer/words.ts'
import { ApiProblem, get } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState } from '../../shared/components/doing.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { SeverityMark } from '../../shared/components/severity.tsx'
import { findingTitle } from '../../shared/finding.ts'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { hasRole } from '../../shared/session.ts'
import { stateText } from '../../shared/state-text.ts'
import { clockTime } from '../../shared/time.ts'
import type { DeviceDetail, SiteDetail, WorkOrder } from '../../shared/wire.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { wordsOf } from '../definitions.ts'
import { HowComputed, Value } from '../figure.tsx'
import { intervalText, valueText, yuanText } from '../figure-text.ts'
import { askedFor, sameFilter } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { fullName } from '../full-name.ts'
import { InspectionRows } from '../inspections/inspection-rows.tsx'
import { Name } from '../name.tsx'
import { orderWords } from '../orders/order-words.ts'
import { OverhaulRows } from '../overhauls/overhaul-rows.tsx'
import { readTotal } from '../overview/read.ts'
import { Paged } from '../paged.tsx'
import { inspectionRoles } from '../roles.ts'
import { type Pages, usePages } from '../use-pages.ts'
import { VisitRows } from '../visits/visit-rows.tsx'
import type { Contract, Inspection, Overhaul, PartyPeriod, Visit } from '../wire-records.ts'
import { words } from '../words.ts'
import { dossierWords } from './dossier-words.ts'
import { HealthDays } from './health-days.tsx'

const shownFigures = [
  ...(['failure-rate', 'entrapment-rate', 'availability', 'arrived-in-30-minutes'] as const),
  ...(['maintenance-on-time', 'maintenance-claimed', 'verified-visits', 'repeat-faults', 'inspection-score'] as const),
]

/** All that is known of one elevator on one page, for the screen and for paper. */
export function Page({ params: { id = '' } }: PageProps) {
  return <Dossier key={id} id={id} />
}

function Dossier({ id }: { readonly id: string }) {
  const say = dossierWords()
  const { loaded } = useLoaded(() => readDevice(id), { keys: [id] })
  const known = loaded.value.value
  const { from = '', to = '' } = askedFor(place.value.query, serverNow())
  const span = { from, to }
  const orders = usePages<WorkOrder>('/work-orders', { deviceId: id, ...span })
  const visits = usePages<Visit>('/visits', { deviceId: id, ...span })
  const overhauls = usePages<Overhaul>('/overhauls', { deviceId: id })
  return (
    <Frame tab="overview" title={known === null ? say.dossier : fullName(known.device.name ?? id, known.path)}>
      <FilterBar narrows={[]} />
      <LoadState of={loaded.value} />
      {known !== null && (
        <>
          <Facts known={known} />
          <Figures id={id} asked={{ ...span, deviceId: id }} />
          <Contracts id={id} />
          <Parties id={id} />
          <HealthPart health={known.health} />
          <List title={say.orders} of={orders} none={say.noOrders} noneHint={say.chooseLonger}>
            {(items) => <OrderRows items={items} />}
          </List>
          <List title={say.visits} of={visits} none={say.noVisits} noneHint={say.chooseLonger}>
            {(items) => <VisitRows visits={items} isOfOne />}
          </List>
          {hasRole(inspectionRoles) && <Inspections id={id} />}
          <List title={say.overhauls} of={overhauls} none={say.noOverhauls}>
            {(items) => <OverhaulRows items={items} isOfOne />}
          </List>
        </>
      )}
    </Frame>
  )
}

interface Known {
  readonly device: DeviceDetail
  readonly path: readonly string[]
  /** Null = it did not come. */
  readonly health: (DeviceHealth & { readonly history: HealthDaysProps }) | null
  readonly upkeep: Upkeep | null
}
type HealthDaysProps = Parameters<typeof HealthDays>[0]['days']

async function readDevice(id: string): Promise<Known> {
  const path = `/devices/${encodeURIComponent(id)}`
  const [device, health, upkeep] = await Promise.all([
    get<DeviceDetail>(path),
    get<NonNullable<Known['health']>>(`${path}/health`).catch(() => null),
    get<Upkeep>(`${path}/maintenance`).catch(() => null),
  ])
  return { device, path: await readPath(device.siteId), health, upkeep }
}

/** Names from the widest place to the nearest; none where they are not for the reader. */
async function readPath(siteId: string | null): Promise<string[]> {
  const names: string[] = []
  try {
    let next = siteId
    while (next !== null) {
      const site: SiteDetail = await get<SiteDetail>(`/sites/${encodeURIComponent(next)}`)
      names.unshift(site.name)
      next = site.parentId
    }
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw cause
  }
  return names
}

function Facts({ known: { device, path, upkeep } }: { readonly known: Known }) {
  const [say, common] = [dossierWords(), words()]
  const { id, maintainerId, insurerId, createdAt, retiredAt, facts } = device
  const factNames: Readonly<Record<string, string>> = installerWords().fact
  const rows: [string, ComponentChildren][] = [
    [say.id, id],
    [common.place, path.length === 0 ? say.none : path.join(' › ')],
    [say.insurer, insurerId === null ? say.none : <Name key="insurer" of="insurerId" id={insurerId} />],
    [say.maintainer, maintainerId === null ? say.none : <Name key="team" of="maintainerId" id={maintainerId} />],
    [say.inService, localDate(Date.parse(createdAt), shanghai)],
    ...(retiredAt === null ? [] : [[say.retired, localDate(Date.parse(retiredAt), shanghai)] as [string, string]]),
    ...(upkeep?.items ?? []).map(({ item, dueDate, overdueDays }): [string, ComponentChildren] => [
      deviceWords().items[item as 'half-month'],
      overdueDays > 0 ? (
        <span key={item} class="standing-worse">
          ✕ {say.overdue(dueDate, overdueDays)}
        </span>
      ) : (
        say.dueBy(dueDate)
      ),
    ]),
    ...Object.entries(facts).map(([name, value]): [string, string] => [factNames[name] ?? name, String(value)]),
  ]
  return (
    <section class="card review-list">
      <p class="review-paper muted">{say.printedAt(clockTime(serverNow(), 0))}</p>
      <div class="review-bar review-screen">
        <a class="button" href={`${base}/devices/${encodeURIComponent(id)}`}>
          {say.curves}
        </a>
        <Button onClick={() => print()}>{common.print}</Button>
      </div>
      <dl class="review-pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Figures({ id, asked }: { readonly id: string; readonly asked: Record<string, string> }) {
  const say = dossierWords()
  const { loaded } = useLoaded(() => readTotal(asked), { keys: [JSON.stringify(asked)] })
  const overview = loaded.value.value
  const filter = sameFilter(place.value.query, { deviceId: id })
  return (
    <section class="card review-list">
      <h2>{say.figures}</h2>
      <LoadState of={loaded.value} />
      {overview !== null && (
        <dl class="review-pairs">
          {shownFigures.map((kpi) => {
            const definition = overview.definitions.find((one) => one.id === kpi)
            const figure = overview.review.total.kpis[kpi]
            if (definition === undefined) return null
            const rate = definition.unit.startsWith('per-') ? wordsOf(definition).unit : ''
            return (
              <div key={kpi}>
                <dt>
                  {wordsOf(definition).name} <HowComputed definition={definition} figure={figure} />
                </dt>
                <dd>
                  <strong>
                    <Value definition={definition} figure={figure} href={`/review/figures/${kpi}${filter}`} />
                  </strong>{' '}
                  <small class="muted">
                    {figure?.value != null && `${rate} ${intervalText(figure, definition.unit)}`}
                    {figure?.coverage != null && ` · ${words().coverage(valueText(figure.coverage, 'share'))}`}
                  </small>
                </dd>
              </div>
            )
          })}
        </dl>
      )}
    </section>
  )
}

function Contracts({ id }: { readonly id: string }) {
  const say = dossierWords()
  const pages = usePages<Contract>('/contracts', { deviceId: id })
  const isHidden = pages.problem instanceof ApiProblem && pages.problem.code === 'forbidden'
  if (isHidden) return null
  return (
    <section class="card review-list">
      <h2>{say.contracts}</h2>
      <Paged of={pages} none={say.noContracts} noneHint={say.noContractsHint}>
        {(contracts) => (
          <div class="review-wide">
            <table class="review-table">
              <thead>
                <tr>
                  <th scope="col">{say.number}</th>
                  <th scope="col">{say.team}</th>
                  <th scope="col">{say.valid}</th>
                  <th scope="col" class="review-number">
                    {say.premium}
                  </th>
                  <th scope="col" class="review-number">
                    {say.sumInsured}
                  </th>
                </tr>
              </thead>
              <tbody>
                {contracts.map((one) => (
                  <tr key={one.id}>
                    <th scope="row">
                      {say.contractTypes[one.type]} {one.number}
                    </th>
                    <td>
                      <Name of="insurerId" id={one.teamId} />
                    </td>
                    <td>
                      {say.validSpan(dateOf(one.validFrom), one.validUntil === null ? null : dateOf(one.validUntil))}
                    </td>
                    <td class="review-number">{one.premiumFen === null ? '' : yuanText(one.premiumFen)}</td>
                    <td class="review-number">{one.sumInsuredFen === null ? '' : yuanText(one.sumInsuredFen)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
    </section>
  )
}

/** Whoever it was: of what others had agreed on nothing is shown. */
function Parties({ id }: { readonly id: string }) {
  const say = dossierWords()
  const { loaded } = useLoaded(() => readParties(id), { keys: [id] })
  const periods = loaded.value.value
  return (
    <section class="card review-list">
      <h2>{say.parties}</h2>
      <LoadState of={loaded.value} />
      {periods?.length === 0 && <p class="muted">{say.noParties}</p>}
      {periods !== null && periods.length > 0 && (
        <table class="review-table">
          <thead>
            <tr>
              <th scope="col">{say.team}</th>
              <th scope="col">{say.role}</th>
              <th scope="col">{say.valid}</th>
            </tr>
          </thead>
          <tbody>
            {periods.map(({ role, teamId, teamName, validFrom, validUntil }) => (
              <tr key={role + validFrom}>
                <th scope="row">{teamName ?? teamId}</th>
                <td>{say.partyRoles[role]}</td>
                <td>{say.validSpan(dateOf(validFrom), validUntil === null ? null : dateOf(validUntil))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

/** None for a company that only once had an order there. */
async function readParties(id: string): Promise<readonly PartyPeriod[]> {
  try {
    return (await get<{ items: readonly PartyPeriod[] }>(`/devices/${encodeURIComponent(id)}/parties`)).items
  } catch (cause) {
    if (cause instanceof ApiProblem && cause.status === 404) return []
    throw cause
  }
}

const dateOf = (at: string) => localDate(Date.parse(at), shanghai)

function HealthPart({ health }: { readonly health: Known['health'] }) {
  const say = dossierWords()
  return (
    <section class="card review-list">
      <h2>{say.health}</h2>
      {health === null || health.score === null ? (
        <p class="muted">{say.healthUnknown}</p>
      ) : (
        <p class="review-value">{say.healthNow(String(health.score))}</p>
      )}
      {health !== null && health.history.length > 0 && (
        <>
          <HealthDays days={health.history} label={say.healthDays} />
          <p class="muted">{say.healthDays}</p>
        </>
      )}
    </section>
  )
}

function Inspections({ id }: { readonly id: string }) {
  const say = dossierWords()
  const pages = usePages<Inspection>('/quality/inspections', { deviceId: id })
  return (
    <List title={say.inspections} of={pages} none={say.noInspections}>
      {(items) => <InspectionRows items={items} isOfOne />}
    </List>
  )
}

interface ListProps<Item> {
  readonly title: string
  readonly of: Pages<Item>
  readonly none: string
  readonly noneHint?: string
  readonly children: (items: readonly Item[]) => ComponentChildren
}

function List<Item>({ title, of, none, noneHint = '', children }: ListProps<Item>) {
  return (
    <section class="card review-list">
      <h2>{title}</h2>
      <Paged of={of} none={none} noneHint={noneHint}>
        {children}
      </Paged>
    </section>
  )
}

function OrderRows({ items }: { readonly items: readonly WorkOrder[] }) {
  const [say, common, orders] = [dossierWords(), words(), orderWords()]
  return (
    <div class="review-wide">
      <table class="review-table">
        <thead>
          <tr>
            <th scope="col">{common.time}</th>
            <th scope="col">{say.what}</th>
            <th scope="col">{say.cause}</th>
            <th scope="col">{orders.outcome}</th>
            <th scope="col" class="review-number">
              {say.arrived}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((order) => (
            <tr key={order.id}>
              <td>
                <Moment at={order.occurredAt} />
              </td>
              <th scope="row">
                <SeverityMark of={order.severity} shapeOnly />{' '}
                <a href={`${base}/review/orders/${order.id}${sameFilter(place.value.query)}`}>
                  {findingTitle(order.finding) ?? order.summary}
                </a>
              </th>
              <td>{order.causeClass === null ? orders.notSaid : sharedWords().causes[order.causeClass]}</td>
              <td>{stateText(order)}</td>
              <td class="review-number">{arrivalText(order)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function arrivalText({ arrivedAt, upgradedAt, detectedAt }: WorkOrder): string {
  if (arrivedAt === null) return ''
  const seconds = (Date.parse(arrivedAt) - Date.parse(upgradedAt ?? detectedAt)) / 1_000
  return valueText(Math.max(0, seconds), 'seconds')
}
