import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { answerClose, shellStore } from '../../stores/shell.ts'

/** The only question that stands before everything else: the window was asked to close while something runs. */
export function CloseQuestion() {
  const running = useStore(shellStore, (state) => state.closeAsked)
  return (
    <ModalOverlay
      className="modal-overlay"
      isOpen={running !== null}
      isDismissable
      onOpenChange={(isOpen) => {
        if (!isOpen) void answerClose('cancel')
      }}
    >
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">
            Close while {running === 1 ? 'something is' : `${running ?? 0} things are`} running?
          </Heading>
          <p>Whatever you choose, nothing that was saved is lost.</p>
          <div className="close-answers">
            <Button variant="primary" wide onPress={() => void answerClose('keep-running')}>
              Keep running without the window
            </Button>
            <Button wide onPress={() => void answerClose('pause')}>
              Pause and close
            </Button>
            <Button wide onPress={() => void answerClose('stop')}>
              Stop and close
            </Button>
            <Button variant="quiet" wide onPress={() => void answerClose('cancel')}>
              Cancel
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
