import { type Signal, useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { list } from '../../shared/api.ts'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { listText } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import type { Role, Team } from '../../shared/wire.ts'
import { idsIn } from '../search/ids-in.ts'
import type { Membership } from '../wire.ts'
import { accountWords } from './account-words.ts'

/** What is chosen in the form, before it is one. */
export interface RoleChoice {
  readonly role: Signal<Role>
  /** Of a role over places: ids with commas. */
  readonly sites: Signal<string>
  /** Of a role in a team. */
  readonly teamId: Signal<string>
}

export function useRoleChoice(): RoleChoice {
  return { role: useSignal<Role>('duty-room'), sites: useSignal(''), teamId: useSignal('') }
}

/** Whose members have the role: a technician may work for the company that maintains. */
const teamTypes = {
  technician: ['crew', 'maintainer'],
  maintainer: ['maintainer'],
  insurer: ['insurer-inspector', 'insurer-parts'],
} as const satisfies Partial<Record<Role, readonly Team['type'][]>>
const roles: readonly Role[] = ['operator', 'duty-room', 'installer', 'district', 'technician', 'maintainer', 'insurer']

function typesOf(role: Role): readonly Team['type'][] {
  return role === 'technician' || role === 'maintainer' || role === 'insurer' ? teamTypes[role] : []
}

/** Null while something is missing. */
export function membershipOf({ role, sites, teamId }: RoleChoice): Membership | null {
  const { value } = role
  if (value === 'technician' || value === 'maintainer' || value === 'insurer') {
    return teamId.value === '' ? null : { role: value, scope: { teamId: teamId.value } }
  }
  return { role: value, scope: { sites: idsIn(sites.value) } }
}

export function membershipText(membership: Membership): string {
  const say = accountWords()
  const { role, scope } = membership
  const where = 'teamId' in scope ? scope.teamId : scope.sites.length === 0 ? say.everywhere : listText(scope.sites)
  return say.roleAt(say.roleNames[role], where)
}

/** A role, and where or of whom. */
export function RoleFields({ choice: { role, sites, teamId } }: { readonly choice: RoleChoice }) {
  const say = accountWords()
  const { loaded } = useLoaded(() => list<Team>('/teams'))
  const ofRole = loaded.value.value?.filter(({ type }) => typesOf(role.value).includes(type)) ?? []
  const hint = useId()
  return (
    <>
      <Select label={say.role} value={role.value} onChange={(chosen) => (role.value = chosen as Role)}>
        {roles.map((one) => (
          <option key={one} value={one}>
            {say.roleNames[one]}
          </option>
        ))}
      </Select>
      {typesOf(role.value).length > 0 ? (
        <>
          <Select label={say.team} value={teamId.value} onChange={(id) => (teamId.value = id)}>
            <option value="">—</option>
            {ofRole.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
          {loaded.value.value !== null && ofRole.length === 0 && <p class="caution">▲ {say.noTeams}</p>}
        </>
      ) : (
        <>
          <Field label={say.sites} value={sites} />
          <p id={hint} class="muted">
            {say.sitesHint}
          </p>
        </>
      )}
    </>
  )
}
