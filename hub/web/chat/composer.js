// Where the visitor writes: grows with the text, keeps the draft, says when somebody is typing.

const TYPING_EVERY = 3000; // ms between two "still typing"
const TYPING_ENDS = 5000; // ms without a key until "stopped"
const LIMIT = 8000; // characters, the hub's own
const WARN_AT = 500; // characters left

/** `onSend(text)` gets what was written, never blank; `onTyping(on)` is called now and then. */
export class Composer {
  constructor({ form, text, left }, { t, keep, onSend, onTyping }) {
    this.text = text;
    this.left = left;
    this.t = t;
    this.keep = keep;
    this.onSend = onSend;
    this.onTyping = onTyping;
    this.saidAt = 0;
    this.stop = 0;
    text.placeholder = t("placeholder");
    text.value = keep.get("draft") ?? "";
    text.addEventListener("input", () => this.written());
    text.addEventListener("keydown", (event) => {
      const composing = event.isComposing || event.keyCode === 229; // an input method's Enter picks a word
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      this.submit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // A tap on the button must not take the focus from the text: the keyboard would fold away.
    form.querySelector("button[type=submit]").addEventListener("pointerdown", (event) => event.preventDefault());
    this.resize();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  written() {
    this.keep.set("draft", this.text.value);
    this.resize();
    if (!this.text.value.trim()) {
      this.stopped();
      return;
    }
    const now = Date.now();
    if (now - this.saidAt > TYPING_EVERY) {
      this.saidAt = now;
      this.onTyping(true);
    }
    clearTimeout(this.stop);
    this.stop = setTimeout(() => this.stopped(), TYPING_ENDS);
  }

  stopped() {
    clearTimeout(this.stop);
    if (this.saidAt) this.onTyping(false);
    this.saidAt = 0;
  }

  submit() {
    const body = this.text.value.replace(/^\s*\n/, "").trimEnd();
    this.text.focus({ preventScroll: true });
    if (!body.trim()) return;
    this.text.value = "";
    this.keep.remove("draft");
    this.saidAt = 0; // the line itself says that the typing is over
    clearTimeout(this.stop);
    this.resize();
    this.onSend(body);
  }

  resize() {
    const { text } = this;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    const free = LIMIT - text.value.length;
    this.left.textContent = free <= WARN_AT ? this.t("left", { n: free }) : "";
  }
}
