/** Rooms on uWebSockets.js. It runs on whatever Node its binary loads in, which need not be ours. */
const uws = require('@trufflesuite/uws-js-unofficial')

uws
  .App()
  .ws('/*', {
    compression: uws.DISABLED,
    maxBackpressure: 1024 * 1024,
    idleTimeout: 120,
    upgrade(response, request, context) {
      response.upgrade(
        { room: request.getUrl() },
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      )
    },
    open: (ws) => void ws.subscribe(ws.getUserData().room),
    message: (ws, message) => void ws.publish(ws.getUserData().room, message, false),
  })
  .listen('127.0.0.1', Number(process.env.PORT), (listening) => {
    if (!listening) process.exit(1)
  })
