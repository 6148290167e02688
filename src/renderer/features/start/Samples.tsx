import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Picture } from '../../components/Picture.tsx'
import { RefusalNote, Skeleton } from '../../components/States.tsx'
import { shellStore } from '../../stores/shell.ts'
import { openSample, startStore } from '../../stores/start.ts'

/** The one that the guide speaks of comes first. */
const FIRST = 'map-to-satellite'

/** Real pairs to begin with. */
export function Samples() {
  const samples = useStore(startStore, (state) => state.samples)
  const opening = useStore(shellStore, (state) => state.opening)
  return (
    <section className="start-section">
      <h2>Start from a sample</h2>
      <p>Real pictures, each with its licence beside it. They train in minutes.</p>
      {samples.status === 'failed' ? <RefusalNote refusal={samples.refusal} /> : null}
      <ul className="samples">
        {samples.status === 'ready'
          ? [...samples.value]
              .sort((one, other) => Number(other.id === FIRST) - Number(one.id === FIRST))
              .map((sample, index) => (
                <li key={sample.id} className="sample">
                  <span className="sample-cover">
                    <Picture file={sample.cover} alt="" sidePx={320} />
                  </span>
                  <div className="sample-words">
                    <h3>{sample.name}</h3>
                    <p title={sample.description}>{sample.description}</p>
                    <Button
                      onPress={() => void openSample(sample)}
                      isDisabled={opening}
                      variant={index === 0 ? 'primary' : 'secondary'}
                      label={index === 0 ? 'Open the sample' : `Open the sample ${sample.name}`}
                    >
                      Open the sample
                    </Button>
                  </div>
                </li>
              ))
          : [0, 1].map((index) => (
              <li key={index} className="sample">
                <Skeleton className="sample-cover" />
                <div className="sample-words">
                  <Skeleton className="skeleton-line" />
                </div>
              </li>
            ))}
      </ul>
    </section>
  )
}
