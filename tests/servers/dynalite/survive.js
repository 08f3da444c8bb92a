// dynalite ends itself when a client goes away in the middle of a request, as clients of these tests do on purpose.
process.on('uncaughtException', (error) => {
  if (!['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(error.code)) throw error
})
