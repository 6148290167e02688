import { FolderOpen, ImagePlus, Images } from 'lucide-react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Comparison } from '../../components/comparison/Comparison.tsx'
import { EmptyState, RefusalNote } from '../../components/States.tsx'
import { useDrop } from '../../components/useDrop.ts'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { formatSize } from '../../format.ts'
import { shellStore } from '../../stores/shell.ts'
import {
  addInputs,
  chooseInputFolder,
  choosePictures,
  listModels,
  translateStore,
} from '../../stores/translate.ts'
import type { Item } from '../../stores/translation.ts'
import { ItemList } from './ItemList.tsx'
import { TranslateInspector } from './TranslateInspector.tsx'
import { VariantStrip } from './VariantStrip.tsx'

function stepTo(by: 1 | -1): void {
  translateStore.setState(({ items, selected }) => ({
    selected: Math.min(items.length - 1, Math.max(0, selected + by)),
  }))
}

function Chosen({ item }: { item: Item }) {
  return (
    <div className="chosen-item">
      {item.refusal ? (
        <div className="middle-note">
          <RefusalNote refusal={item.refusal} />
        </div>
      ) : null}
      <Comparison
        name={item.input.name}
        before={{ file: item.input, label: 'Before' }}
        after={
          item.output && (item.state === 'done' || item.variants.length > 0)
            ? { file: item.output, label: 'After' }
            : null
        }
        onStep={stepTo}
      />
      {item.variants.length > 1 ? <VariantStrip item={item} /> : null}
    </div>
  )
}

function Empty() {
  return (
    <EmptyState
      icon={Images}
      title="Drop pictures or a folder here"
      action={
        <div className="button-row">
          <Button variant="primary" icon={ImagePlus} onPress={() => void choosePictures()}>
            Choose pictures
          </Button>
          <Button icon={FolderOpen} onPress={() => void chooseInputFolder()}>
            Choose a folder
          </Button>
        </div>
      }
    >
      Any size. Colours, 16 bits, orientation and camera data stay as they are. Your originals are never
      written to.
    </EmptyState>
  )
}

/** Models at work: pictures in, results beside them, and the way out of here. */
export function TranslateView() {
  const project = useStore(shellStore, (state) => state.project)
  const items = useStore(translateStore, (state) => state.items)
  const selected = useStore(translateStore, (state) => state.selected)
  const { isOver, drop } = useDrop((files) => void addInputs(files))
  useEffect(() => void listModels(project?.folder ?? null), [project])
  const item = items[selected]
  return (
    <Workspace
      title="Translate"
      leftLabel="Pictures"
      left={<ItemList />}
      rightLabel="Inspector"
      right={<TranslateInspector />}
    >
      <MiddleBar>
        {item ? (
          <>
            <span className="bar-title" title={item.input.name}>
              {item.input.name}
            </span>
            <span className="bar-note">
              {item.sizePx ? `Result ${formatSize(item.sizePx.widthPx, item.sizePx.heightPx)}` : ''}
            </span>
          </>
        ) : null}
      </MiddleBar>
      <div className={`middle-content drop-area${isOver ? ' is-over' : ''}`} {...drop}>
        {item ? <Chosen item={item} /> : <Empty />}
      </div>
    </Workspace>
  )
}
