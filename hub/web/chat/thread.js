// Draws the conversation. Whatever people wrote is set as text and never as markup.

import { pieces, plain } from "./text.js";

const RUN = 5 * 60_000; // ms; a longer pause starts a new run of messages

/** `onRetry(key)` and `onDiscard(key)` are called for a line that the hub refused. */
export class Thread {
  constructor(container, { t, language, onRetry, onDiscard }) {
    this.container = container;
    this.t = t;
    this.onRetry = onRetry;
    this.onDiscard = onDiscard;
    this.hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
    this.nodes = new Map();
  }

  /** Show `lines` (acknowledged, oldest first), then what still `waits`; only what differs is touched. */
  draw({ lines, waiting, read, ended, now }) {
    const items = this.items(lines, waiting, read, ended, now);
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    let next = this.container.firstChild;
    for (const item of items) {
      let node = this.nodes.get(item.key);
      if (!node) {
        node = item.make();
        this.nodes.set(item.key, node);
      }
      item.update?.(node);
      if (node === next) next = next.nextSibling;
      else this.container.insertBefore(node, next);
    }
  }

  items(lines, waiting, read, ended, now) {
    const all = lines.map((line) => ({ ...line, state: line.d === "in" ? (line.id <= read ? "read" : "sent") : "" }));
    const first = all.length;
    for (const line of waiting) {
      all.push({ d: "in", at: line.at, b: line.body, key: line.key, state: line.failed ? "failed" : "sending" });
    }
    const items = [];
    let before = null;
    all.forEach((line, index) => {
      if (index === first && ended) items.push(this.endedItem());
      const key = line.d === "in" && line.key ? `k:${line.key}` : `m:${line.id}`;
      if (!before || !sameDay(before.at, line.at)) items.push(this.dayItem(line.at, now));
      const starts = !continues(before, line);
      if (starts && line.d === "out") items.push(this.whoItem(key, line.by || this.t("us")));
      const after = all[index + 1];
      const closes = !after || !continues(line, after) || after.state !== line.state;
      items.push({
        key,
        make: () => this.makeLine(line),
        update: (node) => this.updateLine(node, line, starts, closes),
      });
      before = line;
    });
    if (ended && all.length === first) items.push(this.endedItem());
    return items;
  }

  endedItem() {
    return { key: "ended", make: () => element("p", "ended", this.t("ended")) };
  }

  dayItem(at, now) {
    let text = this.day.format(at);
    if (sameDay(at, now)) text = this.t("today");
    else if (sameDay(at, now - 86_400_000)) text = this.t("yesterday");
    const date = new Date(at);
    return {
      key: `day:${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`,
      make: () => element("h2", "day", ""),
      update: (node) => setText(node, text),
    };
  }

  whoItem(key, name) {
    return {
      key: `who:${key}`,
      make: () => {
        const node = element("p", "who", plain(name));
        node.setAttribute("aria-hidden", "true"); // every line says it to a screen reader
        return node;
      },
    };
  }

  makeLine(line) {
    const mine = line.d === "in";
    const node = element("div", mine ? "line mine" : "line theirs", "");
    const bubble = element("p", "bubble", "");
    bubble.append(element("span", "unseen", `${mine ? this.t("you") : plain(line.by || this.t("us"))}: `));
    const text = element("span", "text", "");
    text.dir = "auto";
    for (const piece of mine ? [{ text: plain(line.b) }] : pieces(line.b)) {
      text.append(piece.url ? link(piece) : document.createTextNode(piece.text));
    }
    bubble.append(text);
    const meta = element("p", "meta", "");
    meta.append(element("time", "", ""), element("span", "state", ""));
    node.append(bubble, meta);
    return node;
  }

  updateLine(node, line, starts, closes) {
    node.classList.toggle("starts", starts);
    node.classList.toggle("closes", closes);
    if (node.dataset.state === line.state && node.dataset.at === String(line.at)) return;
    node.dataset.state = line.state;
    node.dataset.at = line.at;
    const [time, state] = node.querySelectorAll("time, .state");
    time.dateTime = new Date(line.at).toISOString();
    setText(time, this.hour.format(line.at));
    if (line.state) {
      state.setAttribute("role", "img");
      state.setAttribute("aria-label", this.t(line.state));
      state.title = this.t(line.state);
    }
    node.querySelector(".mend")?.remove();
    if (line.state === "failed") node.append(this.mend(line.key));
  }

  mend(key) {
    const box = element("p", "mend", `${this.t("failed")} · `);
    const retry = element("button", "", this.t("retry"));
    const discard = element("button", "", this.t("discard"));
    retry.type = discard.type = "button";
    retry.addEventListener("click", () => this.onRetry(key));
    discard.addEventListener("click", () => this.onDiscard(key));
    box.append(retry, " · ", discard);
    return box;
  }
}

function continues(before, line) {
  return (
    before !== null && before.d === line.d && (before.by ?? "") === (line.by ?? "") && line.at - before.at < RUN &&
    sameDay(before.at, line.at)
  );
}

function sameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function link({ url, text }) {
  const node = element("a", "", text);
  node.href = url;
  node.target = "_blank";
  node.rel = "noopener noreferrer nofollow";
  return node;
}
