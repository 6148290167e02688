import { useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { FolderPair } from '../../components/FolderPair.tsx'
import type { Folders } from '../../components/FolderPair.tsx'
import { dataStore } from '../../stores/data.ts'
import { shellStore } from '../../stores/shell.ts'
import { setFolders } from '../../stores/start.ts'

/** Which folders the project's pairs come from. The pictures stay where they are. */
export function ChooseFolders({ reason, canCancel }: { reason: string; canCancel: boolean }) {
  const opening = useStore(shellStore, (state) => state.opening)
  const [folders, setChosen] = useState<Folders>({ a: null, b: null })
  const use = () => {
    if (folders.a) void setFolders(folders.a, folders.b)
  }
  return (
    <div className="choose-folders">
      <h2>Where the pairs come from</h2>
      <p>{reason}</p>
      <FolderPair folders={folders} onChange={setChosen} />
      <p className="option-help">
        Every picture in A has its partner of the same name in B. Leave B empty where one picture holds both
        sides.
      </p>
      <div className="button-row">
        <Button variant="primary" onPress={use} isDisabled={!folders.a || opening}>
          Use these folders
        </Button>
        {canCancel ? (
          <Button variant="quiet" onPress={() => dataStore.setState({ choosing: false })}>
            Cancel
          </Button>
        ) : null}
      </div>
    </div>
  )
}
