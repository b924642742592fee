import { effect, signal } from '@preact/signals'
import { openOrders } from './board.ts'

/* The sound for orders that nobody has acknowledged: it repeats until somebody does. */

/** `blocked`: the browser lets a page sound only after somebody touched it. */
export const sound = signal<'on' | 'blocked'>('blocked')

type Level = 'critical' | 'urgent'

/** Tones in Hz one after another; critical is high and quick, urgent is low and slow. */
const patterns: Readonly<Record<Level, { hertz: readonly number[]; secondsEach: number; againMs: number }>> = {
  critical: { hertz: [988, 1319, 988, 1319, 988, 1319], secondsEach: 0.16, againMs: 2_500 },
  urgent: { hertz: [587, 440], secondsEach: 0.35, againMs: 6_000 },
}
const loudness = 0.4
const fadeSeconds = 0.02

let context: AudioContext | undefined

/** Follows the orders until the answer is called. */
export function startAlarm(): () => void {
  context ??= new AudioContext()
  const told = context
  const look = () => {
    sound.value = told.state === 'running' ? 'on' : 'blocked'
  }
  told.onstatechange = look
  look()
  let timer: ReturnType<typeof setInterval> | undefined
  let current: Level | null = null
  const stopFollowing = effect(() => {
    const level = levelOf()
    if (level === current) return
    current = level
    clearInterval(timer)
    if (level === null) return
    play(level)
    timer = setInterval(play, patterns[level].againMs, level)
  })
  // any touch of the page will do
  addEventListener('pointerdown', unlockSound)
  addEventListener('keydown', unlockSound)
  return () => {
    stopFollowing()
    clearInterval(timer)
    removeEventListener('pointerdown', unlockSound)
    removeEventListener('keydown', unlockSound)
  }
}

export async function unlockSound(): Promise<void> {
  if (context?.state !== 'running') await context?.resume().catch(() => {})
}

export async function testSound(): Promise<void> {
  await unlockSound()
  play('critical')
}

function levelOf(): Level | null {
  const raised = openOrders.value.filter(({ state }) => state === 'raised').map(({ severity }) => severity)
  if (raised.includes('critical')) return 'critical'
  return raised.includes('urgent') ? 'urgent' : null
}

function play(level: Level): void {
  // a clock that stands would gather the tones, and play them all at once when it goes on
  if (context?.state !== 'running') return
  const { hertz, secondsEach } = patterns[level]
  for (const [index, frequency] of hertz.entries())
    tone(context, frequency, context.currentTime + index * secondsEach, secondsEach)
}

/** With soft ends: without them a loudspeaker cracks. */
function tone(into: AudioContext, hertz: number, at: number, seconds: number): void {
  const [oscillator, gain] = [into.createOscillator(), into.createGain()]
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(loudness, at + fadeSeconds)
  gain.gain.setValueAtTime(loudness, at + seconds - fadeSeconds)
  gain.gain.linearRampToValueAtTime(0, at + seconds)
  oscillator.connect(gain).connect(into.destination)
  oscillator.start(at)
  oscillator.stop(at + seconds)
}
