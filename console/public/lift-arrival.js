// On the page behind the code in a lift: a crew that keeps an order of this lift in this browser is offered to say that it is there, with the
// code as the proof of it. Nothing is sent from here, and nobody else sees anything.
{
  const [, code, deviceId] = /^\/l\/(([\w-]+)\.[0-9a-z]{12})$/.exec(location.pathname) ?? []
  const offer = document.querySelector('#crew')
  const waits = ['raised', 'acknowledged', 'accepted']

  const pathTo = (door) => (door.type === 'link' ? `/console/o/${door.token}` : `/console/crew/${door.orderId}`)

  const show = (kept) => {
    const mine = kept.find(({ order }) => order.deviceId === deviceId && waits.includes(order.state))
    if (mine === undefined) return
    const link = offer.querySelector('a')
    // when it is tapped: the app takes no old address for an arrival
    const date = () => {
      link.href = `${pathTo(mine.door)}?arrived=${encodeURIComponent(code)}&at=${Date.now()}`
    }
    link.addEventListener('click', date)
    date()
    offer.hidden = false
  }

  if (offer !== null && code !== undefined && 'indexedDB' in globalThis) {
    const asked = indexedDB.open('liftwatt-crew')
    // nobody's crew: what is not there is not made
    asked.onupgradeneeded = () => asked.transaction.abort()
    asked.onsuccess = () => {
      const database = asked.result
      // the app may want to make it anew: it waits for no open page
      database.onversionchange = () => database.close()
      if (!database.objectStoreNames.contains('orders')) return database.close()
      const read = database.transaction('orders', 'readonly').objectStore('orders').getAll()
      read.onerror = () => database.close()
      read.onsuccess = () => {
        database.close()
        show(read.result)
      }
    }
  }
}
