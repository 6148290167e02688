import { ImagePlus } from 'lucide-react'
import { useState } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { useStore } from 'zustand'
import { Choice } from '../../components/Choice.tsx'
import { Picture } from '../../components/Picture.tsx'
import { RefusalNote, Skeleton } from '../../components/States.tsx'
import { useDrop } from '../../components/useDrop.ts'
import { valueOf } from '../../stores/loadable.ts'
import { chooseAndTry, startStore, tryModel } from '../../stores/start.ts'
import { translateStore } from '../../stores/translate.ts'

/** A starter model on one photograph: a result in the first minute. */
export function TryModel() {
  const photos = useStore(startStore, (state) => state.photos)
  const models = useStore(translateStore, (state) => state.models)
  const [chosen, setChosen] = useState<string | null>(null)
  const starters = (valueOf(models) ?? []).filter(({ origin }) => origin === 'starter')
  const model = starters.find(({ file }) => file.id === chosen) ?? starters[0]
  const { isOver, drop } = useDrop((files) => void tryModel(model?.file.id ?? null, files))
  return (
    <section className={`start-section${isOver ? ' is-over' : ''}`} {...drop}>
      <header className="start-section-head">
        <div>
          <h2>Try a model on a photo</h2>
          <p>
            {model
              ? model.header.card.summary
              : 'A model that comes with Diptych, on one of these photographs or on yours.'}
          </p>
        </div>
        {starters.length > 0 ? (
          <div className="try-choice">
            <Choice
              label="Starter model"
              items={starters.map(({ file, header }) => ({
                id: file.id,
                label: header.name,
                detail: header.card.goodFor,
              }))}
              value={model?.file.id ?? ''}
              onChange={setChosen}
            />
          </div>
        ) : null}
      </header>
      {photos.status === 'failed' ? <RefusalNote refusal={photos.refusal} /> : null}
      {models.status === 'failed' ? <RefusalNote refusal={models.refusal} /> : null}
      <ul className="photos">
        <li>
          <AriaButton
            className="photo photo-own"
            onPress={() => void chooseAndTry(model?.file.id ?? null)}
            isDisabled={starters.length === 0}
          >
            <ImagePlus size={20} aria-hidden />
            Choose a photo
          </AriaButton>
        </li>
        {photos.status === 'ready'
          ? photos.value.map(({ file, title, author, licence }) => (
              <li key={file.id}>
                <AriaButton
                  className="photo"
                  aria-label={`Try on ${title}, by ${author}, ${licence}`}
                  onPress={() => void tryModel(model?.file.id ?? null, [file])}
                  isDisabled={starters.length === 0}
                >
                  <Picture file={file} alt="" sidePx={320} />
                  <span className="photo-title">{title}</span>
                </AriaButton>
              </li>
            ))
          : [0, 1, 2, 3].map((index) => (
              <li key={index}>
                <Skeleton className="photo" />
              </li>
            ))}
      </ul>
    </section>
  )
}
