import { type Signal, useSignal } from '@preact/signals'
import { CopyButton } from '../../installer/copy-button.tsx'
import { list, post, request } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Sure, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import { clockTime, timeText } from '../../shared/time.ts'
import { OpenButton } from '../open-button.tsx'
import type { Account, Invitation, NewAccount } from '../wire.ts'
import { accountWords } from './account-words.ts'
import { membershipOf, membershipText, RoleFields, useRoleChoice } from './membership.tsx'

/** Who may sign in, and as what. */
export function AccountsView() {
  const say = accountWords()
  const { loaded, again } = useLoaded(() => list<Account>('/accounts'))
  const accounts = loaded.value.value
  const opened = place.value.query.get('account')
  return (
    <>
      <AddAccount onAdded={again} />
      <LoadState of={loaded.value} />
      {accounts?.length === 0 && <EmptyState title={say.noAccounts} hint={say.noAccountsHint} />}
      <ul class="rows">
        {accounts?.map((account) => (
          <li key={account.id} class="card">
            <div class="line">
              <strong>{account.name}</strong>
              <code>{account.id}</code>
              <span>{account.memberships.map(membershipText).join(' · ')}</span>
              <WaysIn account={account} />
              <OpenButton
                name={account.id}
                isOpen={opened === account.id}
                onTurn={() => setQuery({ account: opened === account.id ? null : account.id })}
              />
            </div>
            {opened === account.id && <OneAccount account={account} onChange={again} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function WaysIn({ account: { passwordSetAt, identity } }: { readonly account: Account }) {
  const say = accountWords()
  const password = passwordSetAt !== null && `${say.passwordSet} ${timeText(Date.parse(passwordSetAt), now.value)}`
  const ways = [password, identity !== null && say.byProvider].filter(Boolean)
  if (ways.length === 0) return <span class="caution">▲ {say.passwordNotSet}</span>
  return <span class="muted">{ways.join(' · ')}</span>
}

function AddAccount({ onAdded }: { readonly onAdded: () => Promise<void> }) {
  const say = accountWords()
  const doing = useDoing()
  const choice = useRoleChoice()
  const [id, name, email, locale] = [useSignal(''), useSignal(''), useSignal(''), useSignal<Account['locale']>('zh-CN')]
  const membership = membershipOf(choice)

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    if (membership === null) return
    const made: NewAccount = {
      ...{ id: id.value.trim(), name: name.value, memberships: [membership] },
      ...{ locale: locale.value, email: email.value.trim() || null },
    }
    if (!(await doing.act(() => post('/accounts', made)))) return
    for (const field of [id, name, email]) field.value = ''
    await onAdded()
    setQuery({ account: made.id })
  }

  return (
    <details class="card">
      <summary>{say.addAccount}</summary>
      <form class="fields" onSubmit={add} autocapitalize="none">
        <Field label={say.id} value={id} required />
        <p class="muted">{say.idHint}</p>
        <Field label={say.name} value={name} required />
        <Language of={locale} />
        <Field label={say.email} value={email} type="email" />
        <p class="muted">{say.emailHint}</p>
        <RoleFields choice={choice} />
        <Undone doing={doing} />
        <Button type="submit" look="main" busy={doing.isBusy} disabled={membership === null}>
          {say.add}
        </Button>
      </form>
    </details>
  )
}

function Language({ of }: { readonly of: Signal<Account['locale']> }) {
  const onChange = (chosen: string) => {
    of.value = chosen === 'en' ? 'en' : 'zh-CN'
  }
  return (
    <Select label={accountWords().language} value={of.value} onChange={onChange}>
      <option value="zh-CN">中文</option>
      <option value="en">English</option>
    </Select>
  )
}

interface OneAccountProps {
  readonly account: Account
  readonly onChange: () => Promise<void>
}

function OneAccount({ account, onChange }: OneAccountProps) {
  const say = accountWords()
  const doing = useDoing()
  const link = useSignal<Invitation | null>(null)
  const isSignedOut = useSignal(false)
  const isRemoving = useSignal(false)
  const path = `/accounts/${account.id}`
  const invite = () =>
    doing.act(async () => {
      link.value = await post<Invitation>(`${path}/invitation`)
    })
  const signOut = async () => {
    isSignedOut.value = await doing.act(() => request('DELETE', `${path}/sessions`))
  }
  const remove = () =>
    doing.act(async () => {
      await request('DELETE', path)
      await onChange()
    })
  return (
    <div class="opened">
      <div class="row">
        <Button onClick={invite} busy={doing.isBusy}>
          {say.invite}
        </Button>
        <Button onClick={signOut} busy={doing.isBusy}>
          {say.signOut}
        </Button>
        <Button look="link" onClick={() => (isRemoving.value = true)}>
          {say.remove}
        </Button>
      </div>
      <Undone doing={doing} />
      {isSignedOut.value && (
        <p role="status" class="good">
          ✓ {say.signedOut}
        </p>
      )}
      {link.value !== null && <Link of={link.value} />}
      <Who account={account} onChange={onChange} />
      <Roles account={account} onChange={onChange} />
      {isRemoving.value && (
        <Sure
          title={say.removeTitle(account.name)}
          text={say.removeText}
          yes={say.removeDo}
          doing={doing}
          onYes={remove}
          onClose={() => (isRemoving.value = false)}
        />
      )}
    </div>
  )
}

function Link({ of: { url, purpose, expiresAt } }: { readonly of: Invitation }) {
  const say = accountWords()
  return (
    <section class="credential" aria-label={say.inviteFor[purpose]}>
      <p>
        <strong>{say.inviteFor[purpose]}</strong>
      </p>
      <div class="row">
        <code>{url}</code>
        <CopyButton text={url} what={say.inviteFor[purpose]} />
      </div>
      <p class="caution">▲ {say.inviteHint(clockTime(Date.parse(expiresAt), now.value))}</p>
    </section>
  )
}

/** What changed is sent, and nothing else. Another e-mail takes the identity away that was learned by the one before. */
function Who({ account, onChange }: OneAccountProps) {
  const say = accountWords()
  const doing = useDoing()
  const told = useSignal<string | null>(null)
  const [name, email, locale] = [useSignal(account.name), useSignal(account.email ?? ''), useSignal(account.locale)]
  const written = { name: name.value.trim(), email: email.value.trim() || null, locale: locale.value }
  const changes = Object.entries(written).filter(([field, value]) => account[field as keyof typeof written] !== value)
  const change = async (body: object, saying: string) => {
    told.value = null
    if (!(await doing.act(() => request('PATCH', `/accounts/${account.id}`, { body })))) return
    await onChange()
    told.value = saying
  }
  const save = (event: Event) => {
    event.preventDefault()
    change(Object.fromEntries(changes), say.saved)
  }
  return (
    <details>
      <summary>{say.who}</summary>
      <form class="fields" onSubmit={save}>
        <Field label={say.name} value={name} required />
        <Language of={locale} />
        <Field label={say.email} value={email} type="email" />
        <p class="muted">{say.emailHint}</p>
        <Undone doing={doing} />
        <Button type="submit" look="main" busy={doing.isBusy} disabled={changes.length === 0}>
          {say.save}
        </Button>
        <p role="status">{told.value}</p>
        <h3>{say.identity}</h3>
        {account.identity === null ? (
          <p class="muted">{say.identityNone}</p>
        ) : (
          <>
            <p>
              <code>{account.identity.subject}</code> · <code>{account.identity.issuer}</code>
            </p>
            <Button onClick={() => change({ identity: null }, say.identityForgotten)} busy={doing.isBusy}>
              {say.identityForget}
            </Button>
          </>
        )}
      </form>
    </details>
  )
}

/** Roles are replaced as a whole, and count from the next request on. */
function Roles({ account: { id, memberships }, onChange }: OneAccountProps) {
  const say = accountWords()
  const doing = useDoing()
  const choice = useRoleChoice()
  const added = membershipOf(choice)
  const replace = (next: Account['memberships']) =>
    doing.act(async () => {
      await request('PATCH', `/accounts/${id}`, { body: { memberships: next } })
      await onChange()
    })
  return (
    <details>
      <summary>{say.roles}</summary>
      <div class="fields">
        {memberships.length === 1 && <p class="muted">{say.lastRole}</p>}
        {memberships.length > 1 &&
          memberships.map((one) => (
            <Button key={JSON.stringify(one)} onClick={() => replace(memberships.filter((other) => other !== one))}>
              {say.removeRole(membershipText(one))}
            </Button>
          ))}
        <RoleFields choice={choice} />
        <Undone doing={doing} />
        <Button
          onClick={() => added !== null && replace([...memberships, added])}
          disabled={added === null}
          busy={doing.isBusy}
        >
          {say.addRole}
        </Button>
      </div>
    </details>
  )
}
