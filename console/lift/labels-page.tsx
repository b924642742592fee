import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get, list } from '../shared/api.ts'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Field } from '../shared/components/field.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { Qr } from '../shared/components/qr.tsx'
import { problemText } from '../shared/problem-text.ts'
import { base } from '../shared/router.ts'
import { words as sharedWords } from '../shared/words.ts'
import { type About, hostOf, type Label, mayPrint } from './label.ts'
import { words } from './words.ts'
import './labels.css'

/** What hangs in the cars, to be printed and cut: the same two languages on each, whatever language whoever prints it reads. */
export function Page() {
  const say = words()
  const labels = useSignal<readonly Label[] | null>(null)
  /** Undefined until it is known. */
  const publicUrl = useSignal<string | null | undefined>(undefined)
  const problem = useSignal<unknown>(null)
  const search = useSignal('')
  useEffect(() => {
    read()
  }, [])
  async function read(): Promise<void> {
    problem.value = null
    try {
      const [all, about] = await Promise.all([list<Label>('/labels'), get<About>('/service')])
      publicUrl.value = about.publicUrl
      labels.value = all
    } catch (cause) {
      problem.value = cause
    }
  }
  const wanted = search.value.trim().toLowerCase()
  const fits = ({ deviceId, name, place }: Label) =>
    `${deviceId} ${name ?? ''} ${place ?? ''}`.toLowerCase().includes(wanted)
  const shown = labels.value?.filter(fits) ?? []
  const prints = mayPrint(publicUrl.value)
  return (
    <div class={prints ? 'labels' : 'labels labels-unprintable'}>
      {publicUrl.value === null && <Bar tone="critical">{say.noPublicUrl(location.host)}</Bar>}
      <header class="labels-head">
        <h1>{say.title}</h1>
        <a href={`${base}/`}>{sharedWords().home}</a>
        <Preferences />
        <p>{say.what}</p>
        <Field label={say.search} value={search} type="search" />
        <Button look="main" onClick={() => print()} disabled={!prints || shown.length === 0}>
          {say.print} · {say.count(shown.length)}
        </Button>
      </header>
      <main aria-label={say.title}>
        {problem.value !== null && (
          <p class="wrong" role="alert">
            {problemText(problem.value)} <Button onClick={read}>{sharedWords().tryAgain}</Button>
          </p>
        )}
        {labels.value === null && problem.value === null && <p class="muted">{sharedWords().loading}</p>}
        {labels.value?.length === 0 && <EmptyState title={say.noLifts} hint={say.noLiftsHint} />}
        {labels.value !== null && labels.value.length > 0 && shown.length === 0 && (
          <EmptyState title={say.noneFits} hint={say.noneFitsHint} />
        )}
        <ul class="labels-sheet">
          {shown.map((label) => (
            <LiftLabel key={label.deviceId} label={label} />
          ))}
        </ul>
      </main>
    </div>
  )
}

/** Not of the dictionary: a label speaks to everybody. */
function LiftLabel({ label: { deviceId, name, place, url } }: { readonly label: Label }) {
  return (
    <li class="label">
      <Qr text={url} label={words().code(deviceId)} />
      <div>
        <p class="label-name">{name ?? deviceId}</p>
        {place !== null && <p lang="zh-CN">{place}</p>}
        <p class="label-what" lang="zh-CN">
          困人、故障请扫码报告
        </p>
        <p lang="en">Trapped, or a fault? Scan to report</p>
        <p class="label-number">{deviceId}</p>
        <p class="label-host">{hostOf(url)}</p>
      </div>
    </li>
  )
}
