import { useState } from "react";
import style from "./Controls.module.css";

interface SureButtonProps {
  text: string;
  /** What it says before it does it. */
  sure: string;
  /** Why it cannot be done; it is shown and the button is off. */
  off?: string | undefined;
  onSure(): void;
}

/** A button for what cannot be undone: the first click asks, the second does it; to look elsewhere takes it back. */
export function SureButton({ text, sure, off, onSure }: SureButtonProps) {
  const [asked, setAsked] = useState(false);
  return (
    <button
      type="button"
      className={asked ? style.danger : style.button}
      disabled={off !== undefined}
      title={off}
      onBlur={() => setAsked(false)}
      onClick={() => {
        if (asked) onSure();
        setAsked(!asked);
      }}
    >
      {asked ? sure : text}
    </button>
  );
}
