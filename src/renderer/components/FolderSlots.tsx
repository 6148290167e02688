import { FolderClosed, FolderPlus, X } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { foldersOf, placeFolders, takeOut } from '../stores/choosing.ts'
import type { DataChoice } from '../stores/choosing.ts'
import { attempt } from '../stores/notices.ts'
import { IconButton } from './Button.tsx'
import { useDrop } from './useDrop.ts'

type SlotProps = {
  label: string
  help: string
  folder: FileHandle | undefined
  onFolders: (folders: FileHandle[]) => void
  onClear: () => void
}

function FolderSlot({ label, help, folder, onFolders, onClear }: SlotProps) {
  const { isOver, drop } = useDrop(onFolders)
  const choose = () =>
    void attempt(async () => {
      const chosen = await ask('dialog:chooseFolder', { purpose: 'dataset' })
      if (chosen) onFolders([chosen])
    })
  return (
    <div className={`folder-slot${isOver ? ' is-over' : ''}${folder ? ' folder-slot-full' : ''}`} {...drop}>
      <AriaButton
        className="folder-slot-button"
        onPress={choose}
        aria-label={folder ? `${label}: ${folder.name}` : `${label}. Drop or choose`}
      >
        <span className="folder-label">{label}</span>
        {folder ? <FolderClosed size={20} aria-hidden /> : <FolderPlus size={20} aria-hidden />}
        <span className="folder-name" title={folder?.name}>
          {folder ? folder.name : 'Drop or choose'}
        </span>
        <span className="folder-words">{help}</span>
      </AriaButton>
      {folder ? (
        <span className="card-action">
          <IconButton label={`Take out ${label}`} icon={X} onPress={onClear} />
        </span>
      ) : null}
    </div>
  )
}

type FolderSlotsProps = {
  choice: DataChoice
  onChange: (choice: DataChoice) => void
  /** Says it better than the declaration, where there is one folder. */
  onlyLabel?: string
}

/** A slot for each folder that the kind declares: drop them, or choose them one by one. */
export function FolderSlots({ choice, onChange, onlyLabel }: FolderSlotsProps) {
  const slots = foldersOf(choice.kind)
  return (
    <div className={`folder-slots folder-slots-${slots.length}`}>
      {slots.map(({ key, label, help }) => (
        <FolderSlot
          key={key}
          label={slots.length === 1 && onlyLabel ? onlyLabel : label}
          help={help}
          folder={choice.folders[key]}
          onFolders={(dropped) => onChange(placeFolders(choice, key, dropped))}
          onClear={() => onChange(takeOut(choice, key))}
        />
      ))}
    </div>
  )
}
