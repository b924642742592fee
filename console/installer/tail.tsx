import { EmptyState } from '../shared/components/empty-state.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { words as sharedWords } from '../shared/words.ts'
import { explain } from './explain.ts'
import { breakIn, excerpt, type Trouble } from './trouble.ts'
import { troubleWords } from './trouble-words.ts'
import { words } from './words.ts'

interface At {
  readonly gatewayId: string
  readonly deviceId: string
}

/** What is wrong, in one sentence, and how to mend it. */
export function Explained({ trouble, at }: { readonly trouble: Trouble; readonly at: At }) {
  const say = words()
  const { title, mend } = explain(trouble, at)
  return (
    <article class="trouble">
      <p>
        <strong>{title}</strong>{' '}
        <span class="muted">
          <Moment at={new Date(trouble.at).toISOString()} />
        </span>
      </p>
      <Place trouble={trouble} />
      <p>
        <span class="mend">{say.howToMend}</span> {mend}
      </p>
    </article>
  )
}

/** The payload around the character at which it breaks. */
function Place({ trouble: { reason, text, message } }: { readonly trouble: Trouble }) {
  const raw = message?.raw ?? null
  const place = reason === 'bad-json' ? breakIn(text) : null
  if (place === null || raw === null) return null
  const { before, at, after } = excerpt(raw, place)
  return (
    <p class="code excerpt">
      {before}
      <mark>{at === '' ? '⏎' : at}</mark>
      {after}
    </p>
  )
}

const shownOfRaw = 2_000

interface TailProps {
  readonly at: At
  /** Null = not known yet. */
  readonly troubles: readonly Trouble[] | null
  /** Of a list of several gateways: which. */
  readonly of?: string
}

/** Everything of the gateway that was not accepted lately, as it comes. */
export function Tail({ at, troubles, of }: TailProps) {
  const say = words()
  return (
    <section aria-label={of ?? say.tail}>
      <h3>{of ?? say.tail}</h3>
      {of === undefined && <p class="muted">{say.tailHint}</p>}
      {troubles === null && <p class="muted">{sharedWords().loading}</p>}
      {troubles?.length === 0 && <EmptyState title={say.tailEmpty} hint={say.tailEmptyHint} />}
      <ol class="tail">
        {troubles?.map((trouble) => (
          <li key={keyOf(trouble)}>
            <TailLine trouble={trouble} at={at} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function TailLine({ trouble, at }: { readonly trouble: Trouble; readonly at: At }) {
  const say = words()
  const { message, text } = trouble
  const raw = message?.raw ?? null
  return (
    <details>
      <summary>
        <Moment at={new Date(trouble.at).toISOString()} /> · <span>{explain(trouble, at).title}</span>{' '}
        <span class="muted">
          {message === null ? say.atTheDoor : say.inMessage(message.deviceId)} · <code>{trouble.reason}</code>
        </span>
      </summary>
      <p>
        <span class="mend">{say.howToMend}</span> {explain(trouble, at).mend}
      </p>
      <p class="muted" lang="en">
        {troubleWords().says}: {message !== null && <code>{message.path}</code>} {text}
      </p>
      {raw !== null && (
        <>
          <p class="muted">{say.showRaw}</p>
          <p class="code raw">
            {raw.slice(0, shownOfRaw)}
            {raw.length > shownOfRaw && '…'}
          </p>
        </>
      )}
    </details>
  )
}

function keyOf({ at, reason, message, text }: Trouble): string {
  return JSON.stringify([at, reason, message?.deviceId, message?.path, text])
}
