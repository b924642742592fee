import { useSignal } from '@preact/signals'
import { get, request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Sure, Undone, useDoing } from '../../shared/components/doing.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { base, setQuery } from '../../shared/router.ts'
import { siteTypeNames } from '../../shared/site-words.ts'
import type { Site, SiteDetail } from '../../shared/wire.ts'
import type { SiteUpdate } from '../wire.ts'
import { placeWords } from './place-words.ts'
import { putBack, siteChanges, valuesOf } from './site-body.ts'
import { fill, SiteFields, useSiteForm, written } from './site-form.tsx'
import { placeText, type SiteTree } from './site-tree.ts'

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
        {site.name} <span class="muted">{siteTypeNames()[site.type]}</span>
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
  /** What the form was filled with: whoever else changes the site changes `site`, and not this. */
  const loaded = useSignal(valuesOf(site))
  /** What puts back the last saving. */
  const before = useSignal<SiteUpdate | null>(null)
  const isBack = useSignal(false)
  const isRemoving = useSignal(false)
  const path = `/sites/${site.id}`
  const changes = siteChanges(loaded.value, written(form))

  async function patch(body: SiteUpdate): Promise<boolean> {
    return doing.act(async () => {
      loaded.value = valuesOf(await request<Site>('PATCH', path, { body }))
      fill(form, loaded.value)
      await onChange()
    })
  }
  async function save(event: Event): Promise<void> {
    event.preventDefault()
    const back = putBack(changes, loaded.value)
    isBack.value = false
    if (await patch(changes)) before.value = back
  }
  async function undo(): Promise<void> {
    if (before.value === null || !(await patch(before.value))) return
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
        <Button type="submit" look="main" disabled={Object.keys(changes).length === 0} busy={doing.isBusy}>
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
        <Sure
          title={say.removeTitle(site.name)}
          text={say.removeText}
          yes={say.removeDo}
          doing={doing}
          onYes={remove}
          onClose={() => (isRemoving.value = false)}
        />
      )}
    </form>
  )
}
