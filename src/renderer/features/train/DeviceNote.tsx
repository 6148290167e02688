import { Cpu } from 'lucide-react'
import { useStore } from 'zustand'
import { shellStore } from '../../stores/shell.ts'
import { deviceWords } from '../frame/device.ts'

/** A slow device is said where the work is started, not found out after an hour. */
export function DeviceNote() {
  const engine = useStore(shellStore, (state) => state.engine)
  const backend = useStore(shellStore, (state) => state.backend)
  const words = deviceWords(engine, backend?.backend ?? null)
  if (words.tone === 'fast') return null
  return (
    <p className={`device-note device-note-${words.tone}`}>
      <Cpu size={16} aria-hidden />
      <span>
        <strong>{words.short}</strong> {words.long}
      </span>
    </p>
  )
}
