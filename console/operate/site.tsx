import { useSignal } from '@preact/signals'
import { get, request } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { base, setQuery } from '../shared/router.ts'
import type { Site, SiteDetail } from '../shared/wire.ts'
import { useLoaded } from './loaded.ts'
import { LoadState, Undone, useDoing } from './parts.tsx'
import { placeWords } from './place-words.ts'
import { SiteFields, type SiteForm, sentContacts, siteBody, useSiteForm } from './site-form.tsx'
import { placeText, type SiteTree } from './site-tree.ts'
import type { SiteUpdate } from './wire.ts'

interface OneSiteProps {
  readonly site: Site
  readonly tree: SiteTree
  readonly onChange: () => Promise<void>
}

/** One site: where it is, what is known of it, and all of it to change. */
export function OneSite({ site, tree, onChange }: OneSiteProps) {
  const say = placeWords()
  const { loaded } = useLoaded(() => get<SiteDetail>(`/sites/${site.id}`), { keys: [site] })
  const where = placeText(tree, site.id)
  return (
    <>
      <h3>
        {site.name} <span class="muted">{say.types[site.type]}</span>
      </h3>
      <p class="muted">
        {where !== '' && `${where} · `}
        <code>{site.id}</code>
        {loaded.value.value !== null && ` · ${say.devices(loaded.value.value.devices)}`} ·{' '}
        <a href={`${base}/operate?view=audit&subject=${site.id}`}>{say.history}</a>
      </p>
      <LoadState of={{ value: site, problem: loaded.value.problem }} />
      <ChangeSite site={site} tree={tree} onChange={onChange} />
    </>
  )
}

function ChangeSite({ site, tree, onChange }: OneSiteProps) {
  const say = placeWords()
  const doing = useDoing()
  const form = useSiteForm(site)
  /** What was there before the last saving: it can be put back. */
  const before = useSignal<Site | null>(null)
  const isBack = useSignal(false)
  const isRemoving = useSignal(false)
  const path = `/sites/${site.id}`

  async function patch(body: SiteUpdate): Promise<boolean> {
    return doing.act(async () => {
      await request('PATCH', path, { body })
      await onChange()
    })
  }
  async function save(event: Event): Promise<void> {
    event.preventDefault()
    isBack.value = false
    if (await patch(siteBody(form))) before.value = site
  }
  async function undo(): Promise<void> {
    if (before.value === null) return
    const { id: _, createdAt: __, ...was } = before.value
    if (!(await patch({ ...was, contacts: sentContacts(was.contacts) }))) return
    fill(form, before.value)
    before.value = null
    isBack.value = true
  }
  const remove = () =>
    doing.act(async () => {
      await request('DELETE', path)
      setQuery({ site: null })
      await onChange()
    })

  return (
    <form class="fields" onSubmit={save} autocapitalize="none">
      <SiteFields form={form} tree={tree} id={site.id} />
      <Undone doing={doing} />
      <div class="row">
        <Button type="submit" look="main" busy={doing.isBusy}>
          {say.save}
        </Button>
        <Button look="link" onClick={() => (isRemoving.value = true)}>
          {say.remove}
        </Button>
        {before.value !== null && (
          <span role="status" class="good">
            ✓ {say.saved} <Button onClick={undo}>{say.undo}</Button>
          </span>
        )}
        {isBack.value && (
          <span role="status" class="good">
            ✓ {say.undone}
          </span>
        )}
      </div>
      {isRemoving.value && (
        <Dialog title={say.removeTitle(site.name)} onClose={() => (isRemoving.value = false)}>
          <div class="fields">
            <p>{say.removeText}</p>
            <Undone doing={doing} />
            <Button look="danger" onClick={remove} busy={doing.isBusy}>
              {say.removeDo}
            </Button>
          </div>
        </Dialog>
      )}
    </form>
  )
}

function fill(form: SiteForm, site: Site): void {
  for (const [name, field] of Object.entries(form.texts)) field.value = site[name as keyof SiteForm['texts']] ?? ''
  form.type.value = site.type
  form.contacts.value = site.contacts
}
