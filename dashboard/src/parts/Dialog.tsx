import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";
import { useSession } from "../session/useSession.js";
import style from "./Dialog.module.css";

interface DialogProps {
  title: string;
  /** Asked for by Escape; the dialog does not close by itself. */
  onClose(): void;
  children: ReactNode;
  /** What is done with it, at its foot. */
  actions: ReactNode;
}

/**
 * A dialog over the page: the browser keeps the focus in it and gives it back. While nobody is logged in it makes way for the login,
 * and then stands there again with what was filled in.
 */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  const isOut = useSession().at === "out";
  /** What had the focus before the dialog, and in it when it made way. */
  const before = useRef<Element>(null);
  const within = useRef<Element>(null);
  // Before the login asks for the focus: what is outside of a modal dialog cannot have it.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const focused = document.activeElement;
    if (isOut) {
      within.current = dialog.contains(focused) ? focused : null;
      dialog.close();
      return;
    }
    if (dialog.open) return;
    before.current ??= focused;
    dialog.showModal();
    if (within.current instanceof HTMLElement) within.current.focus();
  }, [isOut]);
  useEffect(() => {
    const dialog = ref.current;
    return () => {
      dialog?.close();
      const opener = before.current;
      // The browser gives the focus back while the dialog is there; by now it may be gone, and so may what opened it.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      else document.getElementById("main")?.focus({ preventScroll: true });
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
