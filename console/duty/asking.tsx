import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { serverNow } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { titleOf } from '../shared/finding.ts'
import { base } from '../shared/router.ts'
import { stateText } from '../shared/state-text.ts'
import { isTyping } from '../shared/typing.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { act, busy, reopen, shelve, verify } from './act.ts'
import { asking } from './action-bar.tsx'
import { onDuty, orders } from './board.ts'
import { Failed } from './order-row.tsx'
import { whereText } from './places.ts'
import { isHistoryRead, verdictSaid } from './selected.ts'
import { doubtOf, mayDo, type Verdict } from './steps.ts'
import { useDraft } from './use-draft.ts'
import { words } from './words.ts'

const hourMs = 3_600_000

const close = () => {
  asking.value = null
}

/** The dialog of the action that asks something first; none when nothing is asked, or when the order has moved on. */
export function Asking() {
  const asked = asking.value
  const order = orders.value.get(asked?.orderId ?? '') ?? asked?.ended
  const isStale = asked !== null && (order === undefined || !mayDo(asked.action, order))
  useEffect(() => {
    if (isStale) close()
  }, [isStale])
  if (asked === null || order === undefined || isStale) return null
  switch (asked.action) {
    case 'verify':
      return <Verify order={order} />
    case 'dispatch':
      return <Dispatch order={order} />
    case 'close':
      return <Close order={order} />
    case 'note':
      return <Note order={order} />
    case 'shelve':
      return <Shelve order={order} />
    case 'reopen':
      return <Reopen order={order} />
    default:
      return null
  }
}

interface Asked {
  readonly order: WorkOrder
}

/** Keys 1, 2, 3 … of a dialog choose its first, second, third button. */
function useNumberKeys(choices: readonly (() => void)[]): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, target, repeat, ctrlKey, metaKey, altKey } = event
      const chosen = choices[Number(key) - 1]
      if (chosen === undefined || isTyping(target) || repeat || ctrlKey || metaKey || altKey) return
      event.preventDefault()
      chosen()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

function Verify({ order }: Asked) {
  const say = words()
  const choose = (verdict: Verdict) => {
    close()
    if (verdict === 'false' && doubtOf(order, verdictSaid(order)) !== null) {
      asking.value = { action: 'close', orderId: order.id }
      return
    }
    return verify(order, verdict, say.verdicts[verdict], isHistoryRead(order))
  }
  const choices = [() => choose('real'), () => choose('false'), () => choose('drill')]
  useNumberKeys(choices)
  const texts = [say.verifyReal, say.verifyFalse, say.verifyDrill]
  return (
    <Dialog title={say.verifyTitle} onClose={close} asks>
      <p class="muted">{say.verifyHint}</p>
      <Choices texts={texts} choices={choices} />
    </Dialog>
  )
}

function Choices({ texts, choices }: { readonly texts: readonly string[]; readonly choices: readonly (() => void)[] }) {
  return (
    <div class="choices">
      {texts.map((text, index) => (
        <Button key={text} shortcut={String(index + 1)} onClick={() => choices[index]?.()}>
          {text}
        </Button>
      ))}
    </div>
  )
}

/** Crews that could go: who is on duty first. */
function Dispatch({ order }: Asked) {
  const say = words()
  const crews = onDuty.value
    .filter(({ type }) => type === 'crew' || type === 'maintainer')
    .sort((one, other) => Number(other.teamId === order.teamId) - Number(one.teamId === order.teamId))
  const offers = crews.flatMap(({ teamId, name, members }) => [
    // who has accepted it goes already
    ...(teamId === order.teamId && order.technicianId !== null ? [] : members).map((member) => ({
      teamId,
      text: [member.name, member.phone].filter(Boolean).join(' '),
      choose: () => send(order, teamId, member.id),
    })),
    ...(teamId === order.teamId && members.length > 0
      ? []
      : [{ teamId, text: say.giveToCrew(name), choose: () => giveTo(order, teamId) }]),
  ])
  const choices = offers.map(({ choose }) => () => {
    close()
    choose()
  })
  useNumberKeys(choices)
  return (
    <Dialog title={say.dispatchTitle} onClose={close} asks>
      <p class="muted">{say.dispatchHint}</p>
      {crews.length === 0 && <EmptyState title={say.noCrews} hint={say.noCrewsHint} />}
      {crews.map(({ teamId, name, phone, members }) => (
        <section key={teamId} class="crew">
          <h3>
            {name} {phone !== null && <span class="muted">☎ {phone}</span>}{' '}
            {members.length === 0 && <span class="order-nobody">⚠ {say.nobodyOnDuty}</span>}
          </h3>
          <div class="choices">
            {offers.map((offer, index) =>
              offer.teamId !== teamId ? null : (
                <Button
                  key={offer.text}
                  {...(index < 9 && { shortcut: String(index + 1) })}
                  onClick={() => choices[index]?.()}
                >
                  {offer.text}
                </Button>
              ),
            )}
          </div>
        </section>
      ))}
    </Dialog>
  )
}

/** Accepted for somebody; what another crew has accepted must be given to theirs first. */
async function send(order: WorkOrder, teamId: string, technicianId: string): Promise<void> {
  const isAnothers = order.state === 'accepted' && order.teamId !== teamId
  if (isAnothers && !(await act(order.id, 'reassign', { teamId }))) return
  await act(order.id, 'accept', { teamId, technicianId })
}

/** The crew that has it already, and of which nobody is on duty, has it accepted in the name of who acts here. */
function giveTo(order: WorkOrder, teamId: string): Promise<boolean> {
  return teamId === order.teamId ? act(order.id, 'accept', { teamId }) : act(order.id, 'reassign', { teamId })
}

const causes = ['equipment', 'people', 'external'] as const
const outcomes = ['repaired', 'self-corrected', 'serviced', 'enforcement', 'drill', 'false-alarm'] as const
/** Of what nothing was the cause. */
const without: readonly string[] = ['drill', 'false-alarm']

/**
 * What was restored is closed with its cause and outcome; anything before that only as a false alarm, with a reason where something
 * speaks against it.
 */
function Close({ order }: Asked) {
  const say = words()
  const isDone = order.state === 'restored'
  const draft = useDraft(`close ${order.id}`)
  const cause = useSignal<(typeof causes)[number]>('equipment')
  const outcome = useSignal<(typeof outcomes)[number]>(
    isDone ? (verdictSaid(order) === 'drill' ? 'drill' : 'repaired') : 'false-alarm',
  )
  const doubt = outcome.value === 'false-alarm' ? doubtOf(order, verdictSaid(order)) : null
  const submit = async (event: Event) => {
    event.preventDefault()
    close()
    const note = draft.text.value.trim()
    const said = note === '' ? {} : { note }
    const why = without.includes(outcome.value) ? {} : { causeClass: cause.value }
    if (await act(order.id, 'close', { outcome: outcome.value, ...why, ...said })) draft.sent(note)
  }
  return (
    <Dialog title={say.closeTitle} onClose={close} asks>
      <form class="form" onSubmit={submit}>
        {isDone ? (
          <>
            <Choice name={say.outcome} options={outcomes} texts={sharedWords().outcomes} value={outcome} />
            {!without.includes(outcome.value) && (
              <Choice name={say.cause} options={causes} texts={sharedWords().causes} value={cause} />
            )}
          </>
        ) : (
          <p>▲ {say.closeAsFalse}</p>
        )}
        {doubt !== null && <p class="wrong">■ {say.doubts[doubt]}</p>}
        <Field label={doubt === null ? say.note : say.whyFalse} value={draft.text} rows={3} required={doubt !== null} />
        <Button
          type="submit"
          look={isDone ? 'main' : 'danger'}
          disabled={doubt !== null && draft.text.value.trim() === ''}
        >
          {say.closeTitle}
        </Button>
      </form>
    </Dialog>
  )
}

interface ChoiceProps<Option extends string> {
  readonly name: string
  readonly options: readonly Option[]
  readonly texts: Readonly<Record<Option, string>>
  readonly value: { value: Option | null }
}

export function Choice<Option extends string>({ name, options, texts, value }: ChoiceProps<Option>) {
  return (
    <fieldset class="choice">
      <legend>{name}</legend>
      {options.map((option) => (
        <Button key={option} pressed={value.value === option} onClick={() => (value.value = option)}>
          {texts[option]}
        </Button>
      ))}
    </fieldset>
  )
}

function Note({ order }: Asked) {
  const say = words()
  const draft = useDraft(`note ${order.id}`)
  const note = draft.text.value.trim()
  const submit = async (event: Event) => {
    event.preventDefault()
    close()
    if (await act(order.id, 'note', { note })) draft.sent(note)
  }
  return (
    <Dialog title={say.noteTitle} onClose={close} asks>
      <form class="form" onSubmit={submit}>
        <Field label={say.note} value={draft.text} rows={3} required />
        <Button type="submit" look="main" disabled={note === ''}>
          {say.save}
        </Button>
      </form>
    </Dialog>
  )
}

/** It stays until it is answered: the row of an ended order, which would say why it was refused, may be gone by then. */
function Reopen({ order }: Asked) {
  const say = words()
  const draft = useDraft(`reopen ${order.id}`)
  const reason = draft.text.value.trim()
  const isBusy = busy.value.has(order.id)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!(await reopen(order, reason))) return
    draft.sent(reason)
    close()
  }
  return (
    <Dialog title={say.reopenTitle} onClose={close} asks>
      <form class="form" onSubmit={submit}>
        <p>
          <strong>
            <bdi>{titleOf(order)}</bdi>
          </strong>{' '}
          <bdi>{whereText(order)}</bdi>
          <br />
          {stateText(order)} · <Moment at={order.closedAt ?? order.cancelledAt ?? order.detectedAt} /> ·{' '}
          <a href={`${base}/crew/${encodeURIComponent(order.id)}`} target="_blank" rel="noopener">
            {say.itsRecord}
          </a>
        </p>
        <p class="muted">{say.reopenHint}</p>
        <Field label={say.reason} value={draft.text} rows={2} required />
        <Failed order={order} />
        <Button type="submit" look="main" busy={isBusy} disabled={reason === ''}>
          {say.reopenTitle}
        </Button>
      </form>
    </Dialog>
  )
}

const shelfHours = [1, 4, 8, 24, 72, 168] as const

function Shelve({ order }: Asked) {
  const say = words()
  const draft = useDraft(`shelve ${order.id}`)
  const reason = draft.text.value.trim()
  const hours = useSignal<string>('4')
  const submit = async (event: Event) => {
    event.preventDefault()
    close()
    const endsAt = new Date(serverNow() + Number(hours.value) * hourMs).toISOString()
    if (await shelve(order, reason, endsAt)) draft.sent(reason)
  }
  const texts = Object.fromEntries(shelfHours.map((each) => [String(each), say.untilHours(each)]))
  return (
    <Dialog title={say.shelveTitle} onClose={close} asks>
      <form class="form" onSubmit={submit}>
        <p class="muted">{say.shelveHint}</p>
        <Choice name={say.until} options={shelfHours.map(String)} texts={texts} value={hours} />
        <Field label={say.reason} value={draft.text} rows={2} required />
        <Button type="submit" look="main" disabled={reason === ''}>
          {say.shelveTitle}
        </Button>
      </form>
    </Dialog>
  )
}
