import { type Signal, useSignal } from '@preact/signals'
import { type SiteType, siteTypes } from '../../../core/site.ts'
import type { NewSite } from '../../installer/wire.ts'
import { post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import { setQuery } from '../../shared/router.ts'
import { siteTypeNames } from '../../shared/site-words.ts'
import type { Contact, Site } from '../../shared/wire.ts'
import { placeWords } from './place-words.ts'
import { type SiteTexts, type SiteValues, siteBody, valuesOf } from './site-body.ts'
import { placeText, possibleParents, type SiteTree } from './site-tree.ts'

/** What is written in the form, before it is saved. */
export interface SiteForm {
  readonly type: Signal<SiteType>
  readonly texts: Readonly<Record<keyof SiteTexts, Signal<string>>>
  readonly contacts: Signal<readonly Contact[]>
}

export function useSiteForm(site: Partial<Site>): SiteForm {
  const { type, texts, contacts } = valuesOf(site)
  return {
    type: useSignal(type),
    texts: {
      name: useSignal(texts.name),
      parentId: useSignal(texts.parentId),
      use: useSignal(texts.use),
      address: useSignal(texts.address),
      entrance: useSignal(texts.entrance),
      emergencyPlan: useSignal(texts.emergencyPlan),
    },
    contacts: useSignal(contacts),
  }
}

export function written({ type, texts, contacts }: SiteForm): SiteValues {
  const { name, parentId, use, address, entrance, emergencyPlan } = texts
  return {
    type: type.value,
    texts: {
      ...{ name: name.value, parentId: parentId.value, use: use.value },
      ...{ address: address.value, entrance: entrance.value, emergencyPlan: emergencyPlan.value },
    },
    contacts: contacts.value,
  }
}

export function fill(form: SiteForm, { type, texts, contacts }: SiteValues): void {
  for (const [name, text] of Object.entries(texts)) form.texts[name as keyof SiteTexts].value = text
  form.type.value = type
  form.contacts.value = contacts
}

const uses = ['residential', 'rental', 'hotel', 'office', 'medical', 'school', 'commercial', 'other'] as const
const contactRoles: readonly Contact['role'][] = ['property', 'tenant', 'owner', 'car-phone', 'emergency']

interface SiteFieldsProps {
  readonly form: SiteForm
  readonly tree: SiteTree
  /** Null = it is a new one. */
  readonly id: string | null
}

export function SiteFields({ form: { type, texts, contacts }, tree, id }: SiteFieldsProps) {
  const say = placeWords()
  const parents = possibleParents(tree, type.value, id)
  return (
    <>
      <div class="fact-fields">
        <Field label={say.name} value={texts.name} required />
        <Select label={say.type} value={type.value} onChange={(one) => (type.value = one as SiteType)}>
          {siteTypes.map((one) => (
            <option key={one} value={one}>
              {siteTypeNames()[one]}
            </option>
          ))}
        </Select>
        <Select label={say.parent} value={texts.parentId.value} onChange={(one) => (texts.parentId.value = one)}>
          <option value="">{say.noParent}</option>
          {parents.map((one) => (
            <option key={one.id} value={one.id}>
              {[placeText(tree, one.id), one.name].filter((part) => part !== '').join(' › ')}
            </option>
          ))}
        </Select>
        {type.value === 'building' && (
          <Select label={say.use} value={texts.use.value} onChange={(one) => (texts.use.value = one)}>
            <option value="">{say.noUse}</option>
            {uses.map((one) => (
              <option key={one} value={one}>
                {say.uses[one]}
              </option>
            ))}
          </Select>
        )}
      </div>
      <Field label={say.address} value={texts.address} />
      <Field label={say.entrance} value={texts.entrance} rows={2} />
      <Field label={say.plan} value={texts.emergencyPlan} rows={3} />
      <Contacts contacts={contacts} />
    </>
  )
}

function Contacts({ contacts }: { readonly contacts: Signal<readonly Contact[]> }) {
  const say = placeWords()
  const set = (index: number, change: Partial<Contact>) => {
    contacts.value = contacts.value.map((one, at) => (at === index ? { ...one, ...change } : one))
  }
  const added: Contact = { role: 'property', name: '', phone: null, addresses: [] }
  return (
    <fieldset>
      <legend>{say.contacts}</legend>
      {contacts.value.map((contact, index) => (
        // its place in the list is the only name that it has
        <div key={index} class="row">
          <Select
            label={say.role}
            value={contact.role}
            onChange={(one) => set(index, { role: one as Contact['role'] })}
          >
            {contactRoles.map((one) => (
              <option key={one} value={one}>
                {say.contactRoles[one]}
              </option>
            ))}
          </Select>
          <TextField label={say.person} text={contact.name} onInput={(name) => set(index, { name })} isNeeded />
          <TextField
            label={say.phone}
            text={contact.phone ?? ''}
            onInput={(phone) => set(index, { phone: phone === '' ? null : phone })}
          />
          <Button
            look="link"
            label={say.removeContact(contact.name)}
            onClick={() => (contacts.value = contacts.value.filter((_, at) => at !== index))}
          >
            ✕
          </Button>
          {contact.addresses.length > 0 && <span class="muted">{say.addresses(contact.addresses.length)}</span>}
        </div>
      ))}
      <Button onClick={() => (contacts.value = [...contacts.value, added])}>{say.addContact}</Button>
    </fieldset>
  )
}

interface TextFieldProps {
  readonly label: string
  readonly text: string
  readonly onInput: (text: string) => void
  readonly isNeeded?: boolean
}

function TextField({ label, text, onInput, isNeeded = false }: TextFieldProps) {
  return (
    <label class="field">
      {label}
      <input value={text} required={isNeeded} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  )
}

interface AddSiteProps {
  readonly tree: SiteTree
  /** Where it is put unless somebody says otherwise. */
  readonly parent: Site | null
  readonly onAdded: () => Promise<void>
}

export function AddSite(props: AddSiteProps) {
  const { parent } = props
  const say = placeWords()
  return (
    <details class="card">
      <summary>{parent === null ? say.add : say.addIn(parent.name)}</summary>
      <AddSiteForm key={parent?.id ?? ''} {...props} />
    </details>
  )
}

function AddSiteForm({ tree, parent, onAdded }: AddSiteProps) {
  const say = placeWords()
  const doing = useDoing()
  const id = useSignal('')
  const narrower = parent === null ? 'district' : siteTypes[siteTypes.indexOf(parent.type) + 1]
  const form = useSiteForm({ type: narrower ?? 'unit', parentId: parent?.id ?? null })

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    const made: NewSite = { id: id.value.trim(), ...siteBody(written(form)) }
    if (!(await doing.act(() => post('/sites', made)))) return
    id.value = ''
    form.texts.name.value = ''
    form.contacts.value = []
    await onAdded()
    setQuery({ site: made.id, q: null })
  }

  return (
    <form class="fields" onSubmit={add} autocapitalize="none">
      <Field label={say.id} value={id} required />
      <SiteFields form={form} tree={tree} id={null} />
      <Undone doing={doing} />
      <Button type="submit" look="main" busy={doing.isBusy}>
        {say.add}
      </Button>
    </form>
  )
}
