import { type ReactNode, useEffect, useId, useRef } from "react";
import style from "./Dialog.module.css";

interface DialogProps {
  title: string;
  /** Asked for by Escape; the dialog does not close by itself. */
  onClose(): void;
  children: ReactNode;
  /** What is done with it, at its foot. */
  actions: ReactNode;
}

/** A dialog over the page: the browser keeps the focus in it and gives it back. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    return () => {
      dialog.close();
      // The browser gives the focus back while the dialog is there; by now it may be gone.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={style.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 className={style.title} id={id}>
        {title}
      </h2>
      <div className={style.body}>{children}</div>
      <div className={style.actions}>{actions}</div>
    </dialog>
  );
}
