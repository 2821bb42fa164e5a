/** A block of code with its language, a button that copies it, and colours when the highlighter is loaded. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { loadedHighlighter, loadHighlighter } from '../highlight/load-highlighter.ts';
import { copyText } from './copy-text.ts';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** How long the button says that it has copied. */
const copiedMs = 2000;

/** Renders the code. Its text is that of the message, with colours or without. */
export function CodeBlock({ text, language }: { text: string; language: string }): JSX.Element {
  const { t } = useWords();
  const code = useRef<HTMLElement>(null);
  const [highlighter, setHighlighter] = useState(loadedHighlighter);
  const [result, setResult] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (highlighter || language === '') return;
    let isThere = true;
    void loadHighlighter().then((loaded) => isThere && setHighlighter(loaded));
    return () => {
      isThere = false;
    };
  }, [highlighter, language]);
  useEffect(() => {
    if (result === undefined) return;
    const timer = setTimeout(() => setResult(undefined), copiedMs);
    return () => clearTimeout(timer);
  }, [result]);
  const tokens = useMemo(() => highlighter?.highlight(text, language), [highlighter, text, language]);
  const label = t(result === 'copied' ? 'copied' : result === 'failed' ? 'copyFailed' : 'copyCode');
  return (
    <div class="code-block">
      <div class="code-head">
        <span class="code-language">{language}</span>
        <button
          type="button"
          class="code-copy"
          onClick={() =>
            void copyText(text, code.current!).then((isCopied) => setResult(isCopied ? 'copied' : 'failed'))
          }
        >
          <Icon name={result === 'copied' ? 'check' : 'copy'} />
          <span aria-live="polite">{label}</span>
        </button>
      </div>
      {/* Long lines scroll, so the keyboard must reach it. */}
      <pre class="code-text" tabIndex={0} role="group" aria-label={t('code')} dir="ltr">
        <code ref={code}>
          {tokens
            ? tokens.map((token, index) => (
                <span key={index} class={`code-${token.kind}`}>
                  {token.text}
                </span>
              ))
            : text}
        </code>
      </pre>
    </div>
  );
}
