import controls from "./Controls.module.css";

interface FormActionsProps {
  /** Id of the form that is sent. */
  form: string;
  /** The words of the two buttons. */
  no: string;
  yes: string;
  busy: boolean;
  /** Something that must be said first is missing. */
  disabled?: boolean;
  onClose(): void;
}

/** The foot of a dialog with a form: leaves it, or sends it. */
export function FormActions({ form, no, yes, busy, disabled, onClose }: FormActionsProps) {
  return (
    <>
      <button type="button" className={controls.button} onClick={onClose}>
        {no}
      </button>
      <button type="submit" form={form} className={controls.go} disabled={disabled} aria-disabled={busy}>
        {yes}
      </button>
    </>
  );
}
