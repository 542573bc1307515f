// The chat page: what the visitor's token, the socket, the thread and the composer have to do with each other.

import { Composer } from "./composer.js";
import { Host } from "./host.js";
import { Keep, Outbox } from "./keep.js";
import { Link } from "./link.js";
import { pickLanguage, translator } from "./strings.js";
import { Thread } from "./thread.js";

const NEAR_BOTTOM = 48; // px
const TYPING_FADES = 8000; // ms after which "is writing" is no longer believed
const LATER = new Set(["rate_limited", "busy"]); // refusals that only mean: not now

const config = JSON.parse(document.querySelector("meta[name=bandeja-chat]").content);
const language = pickLanguage(navigator.languages.length ? navigator.languages : [navigator.language]);
const t = translator(language);
const $ = (id) => document.getElementById(id);
const [log, banner, typing, below, notice] = ["log", "banner", "typing", "below", "notice"].map($);
const title = config.name[language] ?? Object.values(config.name)[0];

const keep = new Keep(config.slug);
const outbox = new Outbox(keep);
const lines = new Map(); // id → line, as the hub tells them
const state = {
  read: 0, // an agent has read our lines up to here
  ended: false,
  older: false,
  welcome: false, // the hub has told what there is
  skew: 0, // the hub's clock minus ours, ms
  flying: "", // key of the line that waits for its answer
  pausedUntil: 0, // the hub asked us to wait
  told: { delivered: 0, read: 0 }, // on this connection
  below: false, // there are new lines further down
};

const host = new Host(config.origins, { onOpen: (open) => opened(open) });
const thread = new Thread($("lines"), {
  t,
  language,
  onRetry: (key) => {
    outbox.retry(key);
    composer.focus();
    draw({ follow: true });
    pump();
  },
  onDiscard: (key) => {
    outbox.remove(key);
    composer.focus(); // the button that had it is gone
    draw();
  },
});
const composer = new Composer(
  { form: $("composer"), text: $("text"), left: $("left") },
  {
    t,
    keep,
    onSend: (body) => {
      outbox.add(body, now(), host.visit(language));
      draw({ follow: true });
      pump();
    },
    onTyping: (on) => link.send({ t: "typing", on }),
  },
);
const link = new Link(socketUrl(), { hello, heard, changed });

function socketUrl() {
  const url = new URL(`${config.slug}/socket`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = url.hash = "";
  return url;
}

function now() {
  return Date.now() + state.skew;
}

function sorted() {
  return [...lines.values()].sort((a, b) => a.id - b.id);
}

function newest(direction) {
  let id = 0;
  for (const line of lines.values()) if (line.d === direction && line.id > id) id = line.id;
  return id;
}

// -- the hub -----------------------------------------------------------------------------------------------------------

function hello() {
  const held = Math.max(newest("in"), newest("out"));
  return { token: keep.get("token") ?? "", held, ...host.visit(language) };
}

function heard(frame) {
  const handle = { welcome, ok, refused, lines: news, read, typed, ended }[frame.t];
  handle?.(frame); // a newer hub may say more than this page understands
}

function welcome(frame) {
  if (frame.whole) {
    if (lines.size) keep.remove("seen"); // what we held is void: so may be what we have seen of it
    lines.clear();
    state.older = frame.more ?? false;
  }
  state.welcome = true;
  state.skew = frame.now - Date.now();
  state.ended = frame.ended ?? false;
  state.read = frame.read ?? 0;
  state.flying = "";
  state.told = { delivered: 0, read: 0 };
  keep.set("token", frame.token);
  log.setAttribute("aria-busy", "true"); // history is not news: a screen reader need not read it all out
  take(frame.lines ?? []);
  draw({ follow: true });
  log.setAttribute("aria-busy", "false");
}

function news(frame) {
  const known = newest("out");
  take(frame.lines);
  if (newest("out") > known) {
    showTyping(false);
    state.below = !atBottom();
  }
  draw();
}

function take(some) {
  for (const line of some) {
    lines.set(line.id, line);
    if (line.key) outbox.remove(line.key);
  }
}

function ok(frame) {
  const line = outbox.all().find((one) => one.key === frame.key);
  if (line) lines.set(frame.id, { id: frame.id, d: "in", at: frame.at, b: line.body, key: frame.key });
  outbox.remove(frame.key);
  state.flying = "";
  notice.hidden = !keep.volatile;
  draw();
  pump();
}

function refused(frame) {
  const key = frame.key || (frame.code === "bad_frame" ? state.flying : ""); // of what it couldn't read, it has no key
  if (!key) return;
  state.flying = "";
  if (LATER.has(frame.code)) {
    pause((frame.seconds ?? 1) * 1000);
    say(frame.code === "rate_limited" ? "slow" : "later");
  } else {
    outbox.fail(key, frame.code);
    draw();
    pump();
  }
}

function read(frame) {
  state.read = Math.max(state.read, frame.message);
  draw();
}

function ended(frame) {
  state.ended = frame.ended ?? true;
  showTyping(false);
  draw();
}

function typed(frame) {
  showTyping(frame.on, frame.by);
}

// -- sending: one line at a time, so that they arrive in order whatever is refused ----------------------------------------

function pump() {
  if (state.flying || link.phase !== "online" || Date.now() < state.pausedUntil) return;
  const line = outbox.next();
  if (line && link.send({ t: "say", key: line.key, body: line.body, visit: line.visit })) state.flying = line.key;
}

function pause(ms) {
  state.pausedUntil = Date.now() + ms;
  setTimeout(pump, ms + 1);
}

function tellSeen() {
  const last = newest("out");
  if (!last || link.phase !== "online") return;
  const reading = visible() && atBottom();
  if (reading && last > Number(keep.get("seen") ?? 0)) keep.set("seen", String(last));
  const kind = reading ? "read" : "delivered";
  if (last > state.told[kind] && last > state.told.read && link.send({ t: "seen", message: last, state: kind })) {
    state.told[kind] = last;
  }
}

// -- what is shown -----------------------------------------------------------------------------------------------------

function visible() {
  return document.visibilityState === "visible" && host.open;
}

function atBottom() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
}

function draw({ follow = false } = {}) {
  const stick = follow || atBottom();
  const waiting = outbox.all();
  const held = sorted();
  thread.draw({ lines: held, waiting, read: state.read, ended: state.ended, now: now() });
  $("empty").hidden = held.length + waiting.length > 0 || !state.welcome;
  $("older").hidden = !state.older;
  if (stick) toBottom();
  else settle();
}

function toBottom() {
  log.scrollTop = log.scrollHeight;
  settle();
}

/** After anything moved: what is unread, what the hub is to know of it, whether there is more below. */
function settle() {
  if (atBottom()) state.below = false;
  below.hidden = !state.below;
  tellSeen();
  const seen = Number(keep.get("seen") ?? 0);
  let unread = 0;
  for (const line of lines.values()) if (line.d === "out" && line.id > seen) unread += 1;
  document.title = unread && !visible() ? `(${unread}) ${title}` : title;
  host.tell({ unread, talked: lines.size > 0 });
}

let fading = 0;
function showTyping(on, by = "") {
  clearTimeout(fading);
  const stick = atBottom();
  $("typing-text").textContent = on ? t("typing", { name: by || t("us") }) : "";
  typing.classList.toggle("on", on);
  if (stick) toBottom();
  if (on) fading = setTimeout(() => showTyping(false), TYPING_FADES);
}

function say(name) {
  notice.textContent = t(name);
  notice.hidden = false;
}

let counting = 0;
function changed(phase, retryAt) {
  clearInterval(counting);
  document.body.dataset.phase = phase;
  if (phase === "online") {
    banner.hidden = true;
    $("banner-text").textContent = "";
    pump();
    tellSeen();
    return;
  }
  showTyping(false);
  if (phase !== "waiting") return; // a first try, or one under way: the banner stays as it is
  banner.hidden = false;
  if ($("banner-text").textContent !== t("offline")) $("banner-text").textContent = t("offline");
  const count = () => {
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    $("banner-wait").textContent = t("offlineWait", { n: seconds });
  };
  count();
  counting = setInterval(count, 1000);
}

function opened(open) {
  if (open) {
    composer.focus();
    toBottom();
  }
  settle();
}

// -- beginning ---------------------------------------------------------------------------------------------------------

function label() {
  document.documentElement.lang = language;
  document.title = title;
  $("title").textContent = title;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
}

function begin() {
  label();
  document.body.classList.toggle("framed", window.parent !== window);
  $("close").hidden = !host.embedded;
  $("close").addEventListener("click", () => host.say({ close: true }));
  $("again").addEventListener("click", () => link.connectNow());
  below.addEventListener("click", () => {
    toBottom();
    composer.focus();
  });
  log.addEventListener("scroll", settle, { passive: true });
  document.addEventListener("visibilitychange", settle);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) host.say({ close: true });
  });
  keep.watch(() => draw());
  // iOS lays the keyboard over the page instead of making it smaller.
  window.visualViewport?.addEventListener("resize", () => {
    document.documentElement.style.setProperty("--height", `${window.visualViewport.height}px`);
    toBottom();
  });
  if (keep.volatile) say("volatile");
  draw({ follow: true });
  if (!host.embedded && matchMedia("(pointer: fine)").matches) composer.focus(); // on a phone it would open the keyboard
  host.known.then(() => link.connectNow());
}

begin();
