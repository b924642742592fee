import { useEffect } from 'preact/hooks'
import './device.css'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { LinkBar } from '../shared/components/link-bar.tsx'
import type { PageProps } from '../shared/page-props.ts'
import { problemText } from '../shared/problem-text.ts'
import { base } from '../shared/router.ts'
import { words as sharedWords } from '../shared/words.ts'
import { Curves } from './curves.tsx'
import { Header } from './header.tsx'
import { Health } from './health.tsx'
import { Retire, RetiredBar } from './retire.tsx'
import { useKnown } from './use-known.ts'
import { Wear } from './wear.tsx'
import { words } from './words.ts'

/** One device: how it is, what is the matter with it, and all that it measured on one time axis. */
export function Page({ params: { id = '' } }: PageProps) {
  return <DevicePage key={id} id={id} />
}

function DevicePage({ id }: { readonly id: string }) {
  const { known, problem, again } = useKnown(id)
  const [say, common] = [words(), sharedWords()]
  useEffect(() => {
    document.title = `${known?.device.name ?? id} · Liftwatt`
  }, [known?.device.name, id])
  if (known === null) {
    return (
      <main class="notice">
        <h1>
          <bdi>{id}</bdi>
        </h1>
        <p>{problem === null ? common.loading : problemText(problem)}</p>
        {problem !== null && <Button onClick={again}>{common.tryAgain}</Button>}
        <p>
          <a href={`${base}/devices`}>{say.devices}</a>
        </p>
      </main>
    )
  }
  return (
    <div class="device">
      <LinkBar />
      {(problem !== null || known.missing.length > 0) && (
        <Bar tone="urgent">
          {problem !== null
            ? problemText(problem)
            : say.partMissing(known.missing.map((part) => say.parts[part]).join(say.and))}
          <Button onClick={again}>{common.tryAgain}</Button>
        </Bar>
      )}
      <RetiredBar device={known.device} />
      <Header known={known} />
      <main class="device-main">
        <div class="device-cards" aria-busy={!known.isWhole}>
          <Health known={known} />
          <Wear known={known} />
        </div>
        <Curves known={known} />
        <Retire device={known.device} again={again} />
      </main>
    </div>
  )
}
