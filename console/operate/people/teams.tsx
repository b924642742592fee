import { useSignal } from '@preact/signals'
import { teamTypes } from '../../../core/people.ts'
import { get, list, post, request } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Sure, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { listText } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import { clockTime } from '../../shared/time.ts'
import type { Member, OnDuty, Page, Team } from '../../shared/wire.ts'
import { OpenButton } from '../open-button.tsx'
import { idsIn } from '../search/ids-in.ts'
import type { NewMember, NewTeam } from '../wire.ts'
import { peopleWords } from './people-words.ts'
import { RosterPart } from './roster.tsx'

const everyMs = 30_000
/** Who there is, and who is on when. */
export function TeamsView() {
  const say = peopleWords()
  const { loaded, again } = useLoaded(read, { everyMs })
  const opened = place.value.query.get('team')
  const teams = loaded.value.value?.teams ?? []
  return (
    <>
      <LoadState of={loaded.value} />
      {loaded.value.value !== null && teams.length === 0 && <EmptyState title={say.none} hint={say.noneHint} />}
      <ul class="rows">
        {teams.map((team) => (
          <li key={team.id} class="card">
            <div class="line">
              <strong>{team.name}</strong>
              <span class="muted">
                {say.teamTypes[team.type]} · <code>{team.id}</code>
              </span>
              <OnNow duty={loaded.value.value?.duty.get(team.id)} />
              <span class="muted">{say.members(loaded.value.value?.duty.get(team.id)?.memberCount ?? 0)}</span>
              <OpenButton
                name={team.name}
                isOpen={opened === team.id}
                onTurn={() => setQuery({ team: opened === team.id ? null : team.id })}
              />
            </div>
            {opened === team.id && <OneTeam team={team} onChange={again} />}
          </li>
        ))}
      </ul>
      <AddTeam onAdded={again} />
    </>
  )
}

async function read() {
  const [teams, duty] = await Promise.all([list<Team>('/teams'), get<Page<OnDuty>>('/on-duty')])
  const byTeam = new Map(duty.items.map((one) => [one.teamId, one]))
  const hasGap = ({ id }: Team) => (byTeam.get(id)?.nextGap == null ? 1 : 0)
  return { teams: teams.sort((one, other) => hasGap(one) - hasGap(other)), duty: byTeam }
}

function OnNow({ duty }: { readonly duty: OnDuty | undefined }) {
  const say = peopleWords()
  if (duty === undefined) return <span />
  const time = (at: string) => clockTime(Date.parse(at), now.value)
  if (duty.memberCount === 0) return <span class="wrong">■ {say.noMembers}</span>
  const names = listText(duty.members.map(({ name }) => name))
  return (
    <span>
      {duty.members.length === 0 ? <strong class="wrong">■ {say.nobody}</strong> : say.onNow(names)}{' '}
      {duty.until !== null && <span class="muted">{say.until(time(duty.until))}</span>}{' '}
      {!duty.rostered && <span class="muted">{say.always}</span>}
      {duty.nextGap !== null && (
        <span class="caution">▲ {say.gap(time(duty.nextGap.from), time(duty.nextGap.until))}</span>
      )}
    </span>
  )
}

interface OneTeamProps {
  readonly team: Team
  readonly onChange: () => Promise<void>
}

function OneTeam({ team, onChange }: OneTeamProps) {
  const { loaded, again } = useLoaded(() => list<Member>('/members', { teamId: team.id }), { keys: [team.id] })
  const members = loaded.value.value
  const changed = async () => {
    await Promise.all([again(), onChange()])
  }
  return (
    <div class="opened">
      <LoadState of={loaded.value} />
      {members !== null && (
        <>
          <Members team={team} members={members} onChange={changed} />
          <RosterPart teamId={team.id} members={members} onChange={onChange} />
        </>
      )}
      <TeamFields team={team} onChange={onChange} />
    </div>
  )
}

function TeamFields({ team, onChange }: OneTeamProps) {
  const say = peopleWords()
  const doing = useDoing()
  const [name, phone, areas] = [useSignal(team.name), useSignal(team.phone ?? ''), useSignal(team.areas.join(', '))]
  const isSaved = useSignal(false)

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    const body = { name: name.value, phone: phone.value.trim() || null, areas: idsIn(areas.value) }
    isSaved.value = await doing.act(async () => {
      await request('PATCH', `/teams/${team.id}`, { body })
      await onChange()
    })
  }
  return (
    <details>
      <summary>{say.changeTeam}</summary>
      <form class="fields" onSubmit={save}>
        <Field label={say.name} value={name} required />
        <Field label={say.phone} value={phone} />
        <Field label={say.areas} value={areas} />
        <p class="muted">{say.areasHint}</p>
        <Undone doing={doing} />
        <Button type="submit" busy={doing.isBusy}>
          {say.save}
        </Button>
        {isSaved.value && (
          <p role="status" class="good">
            ✓ {say.saved}
          </p>
        )}
      </form>
    </details>
  )
}

interface MembersProps extends OneTeamProps {
  readonly members: readonly Member[]
}

function Members({ team, members, onChange }: MembersProps) {
  const say = peopleWords()
  const doing = useDoing()
  const id = useSignal('')
  const [name, phone] = [useSignal(''), useSignal('')]
  /** Asked about first: it takes them out of the roster too. */
  const leaving = useSignal<Member | null>(null)
  const gone = leaving.value

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    const made: NewMember = {
      ...{ id: id.value.trim(), teamId: team.id, name: name.value },
      phone: phone.value.trim() || null,
    }
    if (!(await doing.act(() => post('/members', made)))) return
    for (const field of [id, name, phone]) field.value = ''
    await onChange()
  }
  const remove = (member: Member) =>
    doing.act(async () => {
      await request('DELETE', `/members/${member.id}`)
      leaving.value = null
      await onChange()
    })

  return (
    <section aria-label={say.members(members.length)}>
      {members.length === 0 && <p class="wrong">■ {say.noMembers}</p>}
      <ul class="changes">
        {members.map((member) => (
          <li key={member.id}>
            {member.name} <code>{member.id}</code> {member.phone ?? <span class="caution">{say.noPhone}</span>}{' '}
            <Button look="link" label={say.removeMember(member.name)} onClick={() => (leaving.value = member)}>
              ✕
            </Button>
          </li>
        ))}
      </ul>
      {gone !== null && (
        <Sure
          title={say.removeMember(gone.name)}
          text={say.removeText}
          yes={say.removeMember(gone.name)}
          doing={doing}
          onYes={() => remove(gone)}
          onClose={() => (leaving.value = null)}
        />
      )}
      <form class="row" onSubmit={add} autocapitalize="none">
        <Field label={say.id} value={id} required />
        <Field label={say.person} value={name} required />
        <Field label={say.phone} value={phone} />
        <Button type="submit" busy={doing.isBusy}>
          {say.addMember}
        </Button>
      </form>
      <Undone doing={doing} />
    </section>
  )
}

function AddTeam({ onAdded }: { readonly onAdded: () => Promise<void> }) {
  const say = peopleWords()
  const doing = useDoing()
  const [id, name, phone, areas] = [useSignal(''), useSignal(''), useSignal(''), useSignal('')]
  const type = useSignal<NewTeam['type']>('crew')

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    const made: NewTeam = {
      ...{ id: id.value.trim(), type: type.value, name: name.value },
      ...{ phone: phone.value.trim() || null, areas: idsIn(areas.value) },
    }
    if (!(await doing.act(() => post('/teams', made)))) return
    for (const field of [id, name, phone, areas]) field.value = ''
    await onAdded()
    setQuery({ team: made.id })
  }
  return (
    <details class="card">
      <summary>{say.addTeam}</summary>
      <form class="fields" onSubmit={add} autocapitalize="none">
        <Field label={say.id} value={id} required />
        <Field label={say.name} value={name} required />
        <Select label={say.type} value={type.value} onChange={(one) => (type.value = one as NewTeam['type'])}>
          {teamTypes.map((one) => (
            <option key={one} value={one}>
              {say.teamTypes[one]}
            </option>
          ))}
        </Select>
        <Field label={say.phone} value={phone} />
        <Field label={say.areas} value={areas} />
        <p class="muted">{say.areasHint}</p>
        <Undone doing={doing} />
        <Button type="submit" look="main" busy={doing.isBusy}>
          {say.add}
        </Button>
      </form>
    </details>
  )
}
