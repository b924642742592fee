import { useSignal } from '@preact/signals'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Qr } from '../shared/components/qr.tsx'
import { clockTime } from '../shared/time.ts'
import { CopyButton } from './copy-button.tsx'
import { GatewayKeys } from './gateway-keys.tsx'
import { IdField } from './id-field.tsx'
import {
  create,
  device,
  deviceId,
  gateway,
  gatewayId,
  isId,
  revoke,
  rotate,
  type Secret,
  secret,
  there,
  updateDevice,
} from './setup.ts'
import { words } from './words.ts'

/** The gateway, and what it connects with. */
export function GatewayStep() {
  const say = words()
  const known = there(gateway.value)
  const shown = secret.value?.gatewayId === gatewayId.value ? secret.value : null
  return (
    <div class="fields">
      <IdField label={say.gatewayId} value={gatewayId} />
      {gateway.value === null && <p class="muted">{say.gatewayHint}</p>}
      {gateway.value === 'new' && <p class="muted">{say.newGateway}</p>}
      {known !== null && known.revokedAt === null && (
        <p>
          <span class="good">✓</span> {say.knownGateway(known.devices)}
        </p>
      )}
      {known !== null && known.revokedAt !== null && <p class="wrong">■ {say.revokedGateway}</p>}
      <Next />
      {shown !== null && <Credential secret={shown} />}
      {known !== null && known.revokedAt === null && (
        <>
          {shown === null && <p class="muted">{say.forgotten}</p>}
          <GatewayKeys gateway={known} rotate={rotate} revoke={revoke} />
        </>
      )}
    </div>
  )
}

/** The one thing that is to be done next; nothing once both are there and belong together. */
function Next() {
  const say = words()
  const isBusy = useSignal(false)
  const [knownGateway, knownDevice] = [there(gateway.value), there(device.value)]
  if (knownGateway !== null && knownGateway.revokedAt !== null) return null

  async function act(work: () => Promise<boolean>): Promise<void> {
    isBusy.value = true
    await work()
    isBusy.value = false
  }

  const isThereGateway = gateway.value === 'new' || knownGateway !== null
  if (isThereGateway && device.value === null) return <p class="muted">{say.first}</p>
  if (knownGateway !== null && knownDevice !== null && knownDevice.gatewayId !== knownGateway.id) {
    const move = () => act(() => updateDevice({ gatewayId: knownGateway.id }))
    return (
      <Button onClick={move} busy={isBusy.value}>
        {say.move(knownGateway.id)}
      </Button>
    )
  }
  const isNew = gateway.value === 'new' || device.value === 'new'
  if (!isNew || !isId(gatewayId.value) || !isId(deviceId.value)) return null
  return (
    <Button look="main" onClick={() => act(create)} busy={isBusy.value}>
      {gateway.value !== 'new' ? say.createDevice : device.value === 'new' ? say.create : say.createGateway}
    </Button>
  )
}

function Credential({ secret: { gatewayId, password, previousValidUntil } }: { readonly secret: Secret }) {
  const say = words()
  const rows = [
    [say.clientId, gatewayId],
    [say.username, gatewayId],
    [say.password, password],
  ] as const
  return (
    <section class="credential" aria-label={say.credential}>
      <h3>{say.credential}</h3>
      <p class="caution">▲ {say.onceOnly}</p>
      <dl>
        {rows.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{text}</code>
              <CopyButton text={text} what={name} />
            </dd>
          </div>
        ))}
      </dl>
      <Qr text={password} label={`QR: ${say.password}`} />
      {previousValidUntil !== null && (
        <p class="muted">{say.previousUntil(clockTime(Date.parse(previousValidUntil), now.value))}</p>
      )}
    </section>
  )
}
