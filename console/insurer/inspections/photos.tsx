import type { InspectionDetail } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { nameOf, sharePictureWith } from './sheet-state.ts'

interface PhotosProps {
  readonly inspection: InspectionDetail
  readonly item: string
}

/** Of one item; one picture for many items shows little of each, and is said to be so. */
export function Photos({ inspection, item }: PhotosProps) {
  const photos = inspection.photos.filter((photo) => photo.item === item)
  if (photos.length === 0) return null
  const others = sharePictureWith(inspection, item).map((other) => nameOf(inspection, other))
  return (
    <div class="inspection-photos">
      {photos.map(({ sha256, name }) => {
        const source = `/api/v1/quality/inspections/${inspection.id}/photos/${sha256}`
        return (
          <a key={sha256} href={source} target="_blank" rel="noreferrer">
            <img src={source} alt={inspectionWords().pictureOf(name)} loading="lazy" />
          </a>
        )
      })}
      {others.length > 0 && <span class="standing-unsure">○ {inspectionWords().samePicture(others.join(', '))}</span>}
    </div>
  )
}
