export interface ServerEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/**
 * Takes a stream of Server-Sent Events apart (HTML standard, 9.2.6) as far as ours goes: `id`, `event` and `data`, lines that end
 * with a line feed. Unlike `EventSource` it lets its owner see comments, by which a link is known to be alive.
 */
export function eventStreamParser(onEvent: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []

  function take(line: string): void {
    if (line === '') {
      if (data.length > 0) onEvent({ id, event: event === '' ? 'message' : event, data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'id') id = value
    if (field === 'event') event = value
    if (field === 'data') data.push(value)
  }

  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}
