import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from '../shared/components/dialog.tsx'
import { isQrOf } from './steps.ts'
import { words } from './words.ts'

/** Of the Shape Detection API; not in every browser, and not in TypeScript's library. */
interface CodeReader {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
type CodeReaderClass = new (options: { formats: readonly string[] }) => CodeReader

const lookEveryMs = 200

function readerClass(): CodeReaderClass | undefined {
  return (globalThis as { BarcodeDetector?: CodeReaderClass }).BarcodeDetector
}

export function canScan(): boolean {
  return readerClass() !== undefined && navigator.mediaDevices !== undefined
}

interface ScanProps {
  readonly deviceId: string | null
  /** What the code says. */
  readonly onFound: (text: string) => void
  readonly onClose: () => void
}

/** The camera, until it sees the code of this device. */
export function Scan({ deviceId, onFound, onClose }: ScanProps) {
  const say = words()
  const video = useRef<HTMLVideoElement>(null)
  const [said, setSaid] = useState<'hint' | 'failed' | 'other'>('hint')
  useEffect(() => {
    let camera: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let closed = false

    async function look(reader: CodeReader): Promise<void> {
      if (closed || video.current === null) return
      const codes = await reader.detect(video.current).catch(() => [])
      if (closed) return
      const ours = codes.find(({ rawValue }) => isQrOf(rawValue, deviceId))
      if (ours !== undefined) return onFound(ours.rawValue)
      if (codes.length > 0) setSaid('other')
      timer = setTimeout(look, lookEveryMs, reader)
    }

    async function start(): Promise<void> {
      const Reader = readerClass()
      if (Reader === undefined || video.current === null) return setSaid('failed')
      camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (closed) return stop()
      video.current.srcObject = camera
      await video.current.play()
      look(new Reader({ formats: ['qr_code'] }))
    }

    function stop(): void {
      for (const track of camera?.getTracks() ?? []) track.stop()
    }

    start().catch(() => setSaid('failed'))
    return () => {
      closed = true
      clearTimeout(timer)
      stop()
    }
  }, [deviceId])
  const text = { hint: say.scanHint, failed: say.scanFailed, other: say.otherCode }[said]
  return (
    <Dialog title={say.scan} onClose={onClose}>
      <video ref={video} class="crew-camera" playsInline muted />
      <p role="status">{text}</p>
    </Dialog>
  )
}
