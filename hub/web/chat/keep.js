// What the page keeps over reloads: the visitor's token, the draft and the lines that have not gone out yet.

/** localStorage under one channel's prefix; where the browser forbids it, memory, and `volatile` says so. */
export class Keep {
  constructor(slug) {
    this.prefix = `bandeja.chat.${slug}.`;
    this.memory = new Map();
    this.storage = storageOrNull();
    this.volatile = this.storage === null;
  }

  get(name) {
    return this.memory.get(name) ?? this.storage?.getItem(this.prefix + name) ?? null;
  }

  set(name, value) {
    try {
      if (this.storage) {
        this.storage.setItem(this.prefix + name, value);
        this.memory.delete(name);
        return;
      }
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      this.volatile = true;
    }
    this.memory.set(name, value);
  }

  remove(name) {
    this.memory.delete(name);
    this.storage?.removeItem(this.prefix + name);
  }

  /** Names that begin with `start`. */
  names(start) {
    const found = new Set(this.memory.keys());
    for (let i = 0; i < (this.storage?.length ?? 0); i += 1) {
      const key = this.storage.key(i);
      if (key.startsWith(this.prefix)) found.add(key.slice(this.prefix.length));
    }
    return [...found].filter((name) => name.startsWith(start));
  }

  /** Call `then` when another tab of this browser changes what is kept. */
  watch(then) {
    addEventListener("storage", (event) => {
      if (event.key === null || event.key.startsWith(this.prefix)) then();
    });
  }
}

/**
 * The lines that wait to be sent, in the order of writing. Each is stored by itself under its key, so that two tabs can
 * add and remove at once; both may send the same line, and its key makes the hub take it once.
 */
export class Outbox {
  constructor(keep) {
    this.keep = keep;
  }

  /** Oldest first: {n, key, body, at, visit, failed}. */
  all() {
    const lines = [];
    for (const name of this.keep.names("line.")) {
      const text = this.keep.get(name);
      if (text !== null) lines.push(JSON.parse(text));
    }
    return lines.sort((a, b) => a.n - b.n || (a.key < b.key ? -1 : 1));
  }

  add(body, at, visit) {
    const waiting = this.all();
    const n = waiting.length ? waiting[waiting.length - 1].n + 1 : 1;
    const line = { n, key: newKey(), body, at, visit, failed: "" };
    this.put(line);
    return line;
  }

  put(line) {
    this.keep.set(`line.${line.key}`, JSON.stringify(line));
  }

  remove(key) {
    this.keep.remove(`line.${key}`);
  }

  /** The hub refused it for good: it stays, marked, until the visitor tries again or discards it. */
  fail(key, code) {
    const line = this.all().find((one) => one.key === key);
    if (line) this.put({ ...line, failed: code });
  }

  /** Send a refused line again, as a new one at the end. */
  retry(key) {
    const line = this.all().find((one) => one.key === key);
    if (!line) return;
    this.remove(key);
    this.add(line.body, line.at, line.visit);
  }

  next() {
    return this.all().find((line) => !line.failed) ?? null;
  }
}

function storageOrNull() {
  try {
    return window.localStorage; // reading the property throws where cookies and site data are blocked
  } catch {
    return null;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
