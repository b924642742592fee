/** Unverified defaults: a rating plate can still be read, and a quarter of a megabyte goes through a lift shaft. */
const longestSide = 1_600
const quality = 0.75
/** Of what this browser cannot make small; the service takes twice that. */
const mostBytes = 1024 * 1024

/** A picture as a JPEG of at most 1,600 pixels, upright, and without where it was taken; null when it is none or too large. */
export async function smallPicture(file: File): Promise<Blob | null> {
  try {
    const image = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, longestSide / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * scale)
    canvas.height = Math.round(image.height * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    image.close()
    const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
    if (small !== null && small.size <= mostBytes) return small
  } catch {
    // not every browser reads every picture; as it is, it may be small enough
  }
  return file.size <= mostBytes && /^image\/(?:jpeg|png|webp)$/.test(file.type) ? file : null
}
