import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { Bar } from '../shared/components/bar.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { problemText } from '../shared/problem-text.ts'
import { base } from '../shared/router.ts'
import { words as sharedWords } from '../shared/words.ts'
import { GatewayStep } from './gateway-step.tsx'
import { MessageStep } from './message-step.tsx'
import { device, followSetup, gateway, problem, there } from './setup.ts'
import { WhereStep } from './where-step.tsx'
import { words } from './words.ts'
import './installer.css'

/** From nothing to the first message: where, which gateway, and a light that turns green. */
export function Page() {
  const say = words()
  useEffect(followSetup, [])
  const knownDevice = there(device.value)
  const knownGateway = there(gateway.value)
  const isPair = knownDevice !== null && knownGateway !== null && knownDevice.gatewayId === knownGateway.id
  return (
    <div class="install">
      <header class="install-header">
        <h1>{say.title}</h1>
        <a href={`${base}/`}>{sharedWords().home}</a>
        <Preferences />
      </header>
      {problem.value !== null && <Bar tone="critical">■ {problemText(problem.value)}</Bar>}
      <main class="steps">
        <Step number={1} title={say.whereStep} isDone={knownDevice !== null}>
          <WhereStep />
        </Step>
        <Step number={2} title={say.gatewayStep} isDone={isPair && knownGateway.revokedAt === null}>
          <GatewayStep />
        </Step>
        <Step number={3} title={say.messageStep} isDone={false}>
          <MessageStep />
        </Step>
      </main>
    </div>
  )
}

interface StepProps {
  readonly number: number
  readonly title: string
  readonly isDone: boolean
  readonly children: ComponentChildren
}

function Step({ number, title, isDone, children }: StepProps) {
  return (
    <section class={`card step step-${number}`} aria-labelledby={`step-${number}`}>
      <h2 id={`step-${number}`}>
        <span class="step-number">{number}</span> {title}
        {isDone && (
          <span class="good">
            {' '}
            ✓ <span class="unseen">{words().done}</span>
          </span>
        )}
      </h2>
      {children}
    </section>
  )
}
