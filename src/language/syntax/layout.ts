/** The lines of a text and their indentation, for reading its tokens in order. */
export class Layout {
  /** The line of the current offset, counted from 0. */
  line = 0;
  /** The number of blanks at the start of the line. */
  indent = 0;
  /** Whether only blanks are before the current offset on its line. */
  startsLine = false;
  private lineEnd = -1;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Moves to an offset at or after the current one. */
  moveTo(offset: number): void {
    this.startsLine = false;
    let start: number | undefined;
    while (this.lineEnd < offset) {
      start = this.lineEnd + 1;
      const next = this.text.indexOf("\n", start);
      if (start > 0) this.line += 1;
      this.lineEnd = next < 0 ? this.text.length + 1 : next;
    }
    if (start === undefined) return;
    this.startsLine = true;
    this.indent = offset - start;
  }
}
