// A child that behaves as its first argument says, in the engine's own messages.
const behaviour = process.argv[2]
const send = (message) => process.send(message)
process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  if (message.kind === 'shutdown' && behaviour !== 'stubborn') process.exit(0)
  if (message.kind === 'ping' && behaviour !== 'mute') send({ kind: 'pong', sent: message.sent, busy: false })
  if (message.kind !== 'request') return
  if (behaviour === 'crashes-when-asked') process.exit(7)
  if (behaviour === 'nonsense') return send({ kind: 'answer', id: 'one' })
  if (behaviour === 'silent') return
  send({
    kind: 'answer',
    id: message.id,
    answer: { ok: true, reply: { name: message.name, env: Object.keys(process.env) } },
  })
})
if (behaviour === 'crashes') {
  console.error('the driver fell over')
  process.exit(3)
}
send({ kind: 'ready', processId: process.pid })
