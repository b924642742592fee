/** What a first message is sent with. */
export interface Target {
  readonly host: string
  readonly mqttPort: string
  readonly isTls: boolean
  /** Of the API: "http://10.0.0.7:8080". */
  readonly httpOrigin: string
  readonly gatewayId: string
  readonly deviceId: string
  /** Null once it is no longer known here: it was shown once. */
  readonly password: string | null
  readonly values: Readonly<Record<string, number | string | boolean>>
}

export const tools = ['mosquitto_pub', 'mqtt.js', 'Python', 'curl'] as const
export type Tool = (typeof tools)[number]

/** Stands where the password is to be put. */
export const passwordMark = 'PASSWORD'

/** Where gateways connect, as the service says it; null = it has not, or did not answer. */
export type Door = { readonly host: string; readonly port: number; readonly tlsPort: number | null } | null

/** The port to offer: as somebody wrote it, else as the service listens, else the usual one. */
export function portFor(door: Door, isTls: boolean, own: string | null): string {
  if (own !== null) return own
  return String(isTls ? (door?.tlsPort ?? 8883) : (door?.port ?? 1883))
}

/** One word of a POSIX shell, whatever is in it (POSIX.1-2024, 2.2.2). */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A text of JavaScript and of Python alike: JSON, with everything beyond ASCII escaped. */
export function quoted(text: string): string {
  const escapeOf = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e]/g, escapeOf)
}

export function topicOf({ gatewayId, deviceId }: Pick<Target, 'gatewayId' | 'deviceId'>): string {
  return `liftwatt/v1/${gatewayId}/${deviceId}/telemetry`
}

const writers: Readonly<Record<Tool, (target: Target) => string>> = {
  mosquitto_pub: mosquittoPub,
  'mqtt.js': mqttJs,
  Python: python,
  curl,
}

/** Ready to paste: it sends one message of the device, measured now; `curl` looks whether the service can be reached at all. */
export function snippet(tool: Tool, target: Target): string {
  return writers[tool](target)
}

function mosquittoPub(target: Target): string {
  const { host, mqttPort, gatewayId, isTls, password } = target
  const broker = ['-h', host, '-p', mqttPort, ...(isTls ? ['--tls-use-os-certs'] : [])].map(shellWord).join(' ')
  const who = ['-i', gatewayId, '-u', gatewayId, '-P', password ?? passwordMark].map(shellWord).join(' ')
  const what = ['-q', '1', '-t', topicOf(target)].map(shellWord).join(' ')
  // the shell writes the time: milliseconds since 1970
  const values = shellWord(`,"values":${JSON.stringify(target.values)}}`)
  return `mosquitto_pub ${broker} \\\n  ${who} \\\n  ${what} \\\n  -m '{"at":'"$(date +%s)000"${values}`
}

function mqttJs(target: Target): string {
  const { gatewayId, password, values } = target
  return `// npm install mqtt
import mqtt from 'mqtt'

const client = await mqtt.connectAsync({
  protocol: ${quoted(target.isTls ? 'mqtts' : 'mqtt')},
  host: ${quoted(target.host)},
  port: ${portOf(target)},
  clientId: ${quoted(gatewayId)},
  username: ${quoted(gatewayId)},
  password: ${quoted(password ?? passwordMark)},
})
const message = { at: Date.now(), values: ${JSON.stringify(values)} }
await client.publishAsync(${quoted(topicOf(target))}, JSON.stringify(message), { qos: 1 })
await client.endAsync()
`
}

function python(target: Target): string {
  const { gatewayId, password } = target
  return `# pip install "paho-mqtt>=2"
import json, time
import paho.mqtt.client as mqtt

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=${quoted(gatewayId)})
client.username_pw_set(${quoted(gatewayId)}, ${quoted(password ?? passwordMark)})
${target.isTls ? 'client.tls_set()\n' : ''}client.connect(${quoted(target.host)}, ${portOf(target)})
client.loop_start()
message = {"at": int(time.time() * 1000), "values": ${pythonValues(target.values)}}
client.publish(${quoted(topicOf(target))}, json.dumps(message), qos=1).wait_for_publish(10)
client.disconnect()
`
}

/** Whether the network reaches the service, and whose clock is wrong: its `Date` beside this machine's. */
function curl({ httpOrigin }: Target): string {
  return `curl -sS -i ${shellWord(`${httpOrigin}/healthz`)}\ndate -u`
}

/** A port is digits; anything else is a typing error, and stays visibly one without becoming code. */
function portOf({ mqttPort }: Target): string {
  return /^\d{1,5}$/.test(mqttPort) ? mqttPort : quoted(mqttPort)
}

function pythonValues(values: Target['values']): string {
  const said = Object.entries(values).map(([name, value]) => `${quoted(name)}: ${pythonValue(value)}`)
  return `{${said.join(', ')}}`
}

function pythonValue(value: Target['values'][string]): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? quoted(value) : String(value)
}
