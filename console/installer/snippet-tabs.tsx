import { useSignal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { recall, remember } from '../shared/memory.ts'
import { CopyButton } from './copy-button.tsx'
import { kinds } from './kinds.ts'
import { deviceId, gatewayId, secret } from './setup.ts'
import { snippet, type Tool, tools } from './snippets.ts'
import { words } from './words.ts'

/** The API does not say where its MQTT door is: the port that is usual, at the address of this page. */
const usualPorts = { plain: '1883', tls: '8883' }

/** Ready-to-paste ways to send a first message, with this gateway's values. */
export function Snippets({ kind }: { readonly kind: string }) {
  const say = words()
  const host = useSignal(recall('mqtt-host') ?? location.hostname)
  const port = useSignal(recall('mqtt-port') ?? usualPorts.plain)
  const isTls = useSignal(recall('mqtt-tls') === 'yes')
  const tool = useSignal<Tool>('mosquitto_pub')
  const password = secret.value?.gatewayId === gatewayId.value ? secret.value.password : null
  remember('mqtt-host', host.value)
  remember('mqtt-port', port.value)
  remember('mqtt-tls', isTls.value ? 'yes' : 'no')
  const text = snippet(tool.value, {
    ...{ host: host.value.trim(), mqttPort: port.value.trim(), isTls: isTls.value, httpOrigin: location.origin },
    ...{ gatewayId: gatewayId.value, deviceId: deviceId.value, password, values: kinds[kind]?.example ?? {} },
  })

  function setTls(on: boolean): void {
    const [before, after] = on ? [usualPorts.plain, usualPorts.tls] : [usualPorts.tls, usualPorts.plain]
    isTls.value = on
    if (port.value === before) port.value = after
  }

  return (
    <section aria-label={say.tools}>
      <h3>{say.tools}</h3>
      <div class="broker">
        <Field label={say.host} value={host} />
        <Field label={say.port} value={port} />
        <Button pressed={isTls.value} onClick={() => setTls(!isTls.value)}>
          {isTls.value ? '✓ ' : ''}
          {say.tls}
        </Button>
      </div>
      <p class="muted">{say.brokerHint}</p>
      <div class="tabs" role="tablist" aria-label={say.tools}>
        {tools.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            class="tab"
            aria-selected={one === tool.value}
            aria-controls="snippet"
            tabIndex={one === tool.value ? 0 : -1}
            onClick={() => (tool.value = one)}
            onKeyDown={(event) => moveTab(event, tool)}
          >
            {one}
          </button>
        ))}
      </div>
      <div id="snippet" role="tabpanel" aria-labelledby={`tab-${tool.value}`}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        <pre class="code" tabIndex={0}>
          {text}
        </pre>
        {tool.value === 'curl' && <p class="muted">{say.curlHint}</p>}
        {tool.value !== 'curl' && password === null && <p class="caution">▲ {say.passwordPlace}</p>}
        <CopyButton text={text} what={tool.value} />
      </div>
    </section>
  )
}

/** Arrow keys go from tab to tab (WAI-ARIA Authoring Practices, tabs). */
function moveTab(event: KeyboardEvent, tool: { value: Tool }): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const next = tools[(tools.indexOf(tool.value) + step + tools.length) % tools.length]
  if (next === undefined) return
  tool.value = next
  document.getElementById(`tab-${next}`)?.focus()
}
