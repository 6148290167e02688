import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useStore } from 'zustand'
import { withoutFlags } from '../format.ts'
import { dismissNotice, noticesStore } from '../stores/notices.ts'
import { IconButton } from './Button.tsx'

/** Refusals and good news, in a corner, until they are put away. */
export function Notices() {
  const notices = useStore(noticesStore, (state) => state.notices)
  return (
    <div className="notices">
      {notices.map(({ id, tone, message, remedy }) => (
        <div key={id} className={`notice notice-${tone}`} role={tone === 'danger' ? 'alert' : 'status'}>
          {tone === 'danger' ? <CircleAlert size={16} aria-hidden /> : <CircleCheck size={16} aria-hidden />}
          <div>
            <p className="refusal-message">{message}</p>
            {remedy ? <p className="refusal-remedy">{withoutFlags(remedy)}</p> : null}
          </div>
          <IconButton label="Put away" icon={X} onPress={() => dismissNotice(id)} />
        </div>
      ))}
    </div>
  )
}
