/** Texts that mean something to some reader behind the product: terminal, browser, spreadsheet, database, broker, log. */
export const NASTY: Readonly<Record<string, string>> = {
  "clears the screen": "\u001b[2J\u001b[H",
  "sets the title": "\u001b]0;owned\u0007",
  "colours by 8-bit CSI": "\u009b31mred",
  "hides a link": "\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\",
  "turns the line round": "abc\u202egpj.exe",
  isolates: "\u2066left\u2069",
  "is invisible": "a\u200b\u200d\ufeffb",
  "ends a line": 'one\r\ntwo","level":60,"msg":"forged',
  "ends a line of JavaScript": "a\u2028b\u2029c",
  "goes back in its line": "good\rbad",
  "erases letters": "abc\b\b\bxyz\u007f",
  "ends a C string": "abc\0def",
  "is a tab": "a\tb",
  "is half of a letter": "a\ud800b",
  "is a script": "<script>document.title='owned'</script>",
  "is an image": '"><img src=x onerror="document.title=\'owned\'">',
  "leaves an attribute": '" autofocus onfocus="document.title=\'owned\'" x="',
  "is a script's address": "javascript:document.title='owned'",
  "is a formula": '=HYPERLINK("http://evil.example","x")',
  "is a formula with plus": "+1+cmd|' /C calc'!A0",
  "is a formula with minus": "-2+3",
  "is a formula with at": "@SUM(1+9)",
  "is a formula behind a tab": "\t=1+1",
  "is a line of Influx": 'x",y="1\nrig,rig=r1 powerW=1 1',
  "ends in a backslash": "ends\\",
  "has Influx's own characters": "a b,c=d\\ e\\",
  "ends a label": 'x"} 1\nhashwatt_up{a="',
  "is a topic filter": "a/+/#",
  "is a system topic": "$SYS/broker",
  "leaves the folder": "../../../etc/passwd",
  "is a device": "CON:\\\\.\\pipe",
  "is every object's": "__proto__",
  "is a constructor": "constructor",
  "is SQL": "'; DROP TABLE samples; --",
  "is a shell": "$(touch /tmp/owned)`id`",
  "is a template": "{{7*7}}<%= 7*7 %>",
  "calls everybody": "<!channel> @everyone",
  "is a picture": "💥👩‍👩‍👧",
  "is stacked": `Z${"\u0351".repeat(40)}`,
  "is not a number": "NaN",
  "is endless": "-Infinity",
  "is long": "x".repeat(4_000),
};

/** The same without their names. */
export const NASTY_TEXTS: readonly string[] = Object.values(NASTY);

/**
 * What a terminal, a log or a one-line text must never hold: control characters but line break and tab, the 8-bit ones,
 * separators of lines, what changes the direction of writing or is not seen at all.
 */
export const LIVE_CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** Whether a text is fit for one line of a terminal. */
export const isOneLine = (text: string): boolean => !LIVE_CHARACTERS.test(text) && !/[\t\n]/.test(text);
