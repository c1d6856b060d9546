import { Component, type ReactNode } from "react";
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

/** Keeps a mistake in one page from taking navigation and connection state off the screen. */
export class PageErrors extends Component<{ children: ReactNode }, { message?: string }> {
  override state: { message?: string } = {};
  static getDerivedStateFromError(error: unknown) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  override render() {
    const { message } = this.state;
    return message === undefined ? this.props.children : <Broken message={message} />;
  }
}
