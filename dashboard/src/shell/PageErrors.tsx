import { Component, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Panel } from "../parts/Panel.js";
import style from "../parts/Problem.module.css";
import { useWords } from "../words/words.js";

function Broken({ message }: { message: string }) {
  const { t } = useWords();
  return (
    <Panel title={t("broken.title")}>
      <p>{t("broken.text")}</p>
      <p className={style.said}>{message}</p>
      <button type="button" className={style.again} onClick={() => location.reload()}>
        {t("broken.reload")}
      </button>
    </Panel>
  );
}

class Kept extends Component<{ at: string; children: ReactNode }, { message: string | undefined }> {
  override state: { message: string | undefined } = { message: undefined };
  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  /** Another page is not broken until it breaks itself. */
  override componentDidUpdate({ at }: { at: string }) {
    if (at !== this.props.at && this.state.message !== undefined) this.setState({ message: undefined });
  }
  override render() {
    const { message } = this.state;
    return message === undefined ? this.props.children : <Broken message={message} />;
  }
}

/** Keeps a mistake in one page from taking navigation and connection state off the screen, and other pages with it. */
export function PageErrors({ children }: { children: ReactNode }) {
  const [at] = useLocation();
  return <Kept at={at}>{children}</Kept>;
}
