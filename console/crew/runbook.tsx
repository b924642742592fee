import { language } from '../shared/language.ts'
import { useDraft } from './use-draft.ts'
import type { KeptOrder } from './wire.ts'
import { words } from './words.ts'

/** What it usually is, and what is done on site, to be ticked off; the ticks are for who holds the phone, and go nowhere. */
export function Runbook({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  const ticks = useDraft(kept, 'steps').text
  const texts = kept.runbook?.texts
  if (texts == null) return null
  const { sections } = texts[language.value] ?? texts.en
  const causes = sections
    .filter((section) => section.for === 'causes')
    .flatMap(({ text, steps }) => [...text, ...steps])
  const steps = sections.filter((section) => section.for === 'crew').flatMap((section) => section.steps)
  const done = new Set(ticks.value.split(' ').filter(Boolean).map(Number))
  function tick(index: number): void {
    if (!done.delete(index)) done.add(index)
    ticks.value = [...done].join(' ')
  }
  return (
    <div lang={texts[language.value] === undefined ? 'en' : undefined}>
      {steps.length > 0 && (
        <section class="crew-section">
          <h2>{say.stepsOnSite(done.size, steps.length)}</h2>
          <ol class="crew-runbook">
            {steps.map((step, index) => (
              <li key={step}>
                <label class="crew-step">
                  <input type="checkbox" checked={done.has(index)} onChange={() => tick(index)} />
                  <span>{step}</span>
                </label>
              </li>
            ))}
          </ol>
        </section>
      )}
      {causes.length > 0 && (
        <section class="crew-section">
          <h2>{say.causesOf}</h2>
          <ul class="crew-runbook">
            {causes.map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
