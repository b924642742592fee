import { useSignal } from '@preact/signals'
import type { About } from '../../api/schemas.ts'
import { get } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { useLoaded } from '../shared/loaded.ts'
import { recall, remember } from '../shared/memory.ts'
import type { Wire } from '../shared/wire.ts'
import { CopyButton } from './copy-button.tsx'
import { kinds } from './kinds.ts'
import { deviceId, gatewayId, secret } from './setup.ts'
import { portFor, snippet, type Tool, tools } from './snippets.ts'
import { words } from './words.ts'

/** Ready-to-paste ways to send a first message, with this gateway's values. */
export function Snippets({ kind }: { readonly kind: string }) {
  const say = words()
  const { loaded } = useLoaded(() => get<Wire<typeof About>>('/service'))
  const door = loaded.value.value?.mqtt ?? null
  // what somebody wrote; null = nothing. An emptied field stays empty until the page is opened again
  const ownHost = useSignal(recall('mqtt-own-host') || null)
  const ownPort = useSignal(recall('mqtt-own-port') || null)
  const wantsTls = useSignal(recall('mqtt-tls') === 'yes')
  const mayTls = door === null || door.tlsPort !== null
  const isTls = wantsTls.value && mayTls
  const host = ownHost.value ?? door?.host ?? location.hostname
  const port = portFor(door, isTls, ownPort.value)
  const tool = useSignal<Tool>('mosquitto_pub')
  const password = secret.value?.gatewayId === gatewayId.value ? secret.value.password : null
  remember('mqtt-own-host', ownHost.value ?? '')
  remember('mqtt-own-port', ownPort.value ?? '')
  remember('mqtt-tls', wantsTls.value ? 'yes' : 'no')
  const text = snippet(tool.value, {
    ...{ host: host.trim(), mqttPort: port.trim(), isTls, httpOrigin: location.origin },
    ...{ gatewayId: gatewayId.value, deviceId: deviceId.value, password, values: kinds[kind]?.example ?? {} },
  })

  return (
    <section aria-label={say.tools}>
      <h3>{say.tools}</h3>
      <div class="broker">
        <Field label={say.host} value={host} onInput={(text) => (ownHost.value = text)} />
        <Field label={say.port} value={port} onInput={(text) => (ownPort.value = text)} />
        {mayTls ? (
          <Button pressed={isTls} onClick={() => (wantsTls.value = !isTls)}>
            {isTls ? '✓ ' : ''}
            {say.tls}
          </Button>
        ) : (
          <span class="muted">○ {say.noTls}</span>
        )}
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
