import { app, protocol, type Session, type WebContents } from 'electron'

/** Features of the browser below that would talk to the network by themselves. */
const silencedSwitches = [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'disable-breakpad',
  'disable-sync',
  'disable-default-apps',
  'no-pings',
  'no-proxy-server',
] as const
const silencedFeatures =
  'AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,MediaRouter,OptimizationHints,Translate,WebRtcHideLocalIpsWithMdns'

/** Before the app is ready: our scheme behaves like https, with an origin of its own. */
export function declareScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: 'studio', privileges }])
}

/** Before the app is ready: every page is sandboxed, and no name is ever looked up on the network. */
export function lockProcess(): void {
  // Whoever runs the app as root must switch the sandbox off (tests do), and Electron fails with both.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  for (const name of silencedSwitches) app.commandLine.appendSwitch(name)
  app.commandLine.appendSwitch('disable-features', silencedFeatures)
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp')
  app.on('web-contents-created', (_event, contents) => lockContents(contents))
}

/** Every permission, device, download and outgoing request is denied. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setSpellCheckerEnabled(false)
  session.on('will-download', (event) => event.preventDefault())
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isOwn(details.url) }))
}

/** blob: and data: stay inside the page that made them. */
function isOwn(url: string): boolean {
  return ['studio:', 'blob:', 'data:'].includes(new URL(url).protocol)
}

function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
