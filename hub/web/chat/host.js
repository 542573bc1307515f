// The page around the chat, where widget.js has put it into another site's frame.

/**
 * `known` resolves as soon as the host has said where it is, or at once where there is none. Messages are taken only
 * from the parent window, and only from the chat's own origin or one on the channel's list.
 */
export class Host {
  constructor(origins, { onOpen }) {
    this.origins = new Set([...origins, location.origin]);
    this.embedded = window.parent !== window && new URLSearchParams(location.search).has("embed"); // by widget.js
    this.open = !this.embedded; // whether the visitor can see the chat
    this.page = location.origin + location.pathname;
    this.referrer = document.referrer;
    this.origin = "";
    this.told = "";
    this.onOpen = onOpen;
    this.known = this.embedded ? this.introduction() : Promise.resolve();
  }

  introduction() {
    return new Promise((resolve) => {
      addEventListener("message", (event) => {
        if (event.source !== window.parent || !this.origins.has(event.origin)) return;
        if (event.data?.bandeja !== "host") return;
        this.hear(event);
        resolve();
      });
    });
  }

  hear({ origin, data }) {
    const first = !this.origin;
    this.origin = origin;
    if (typeof data.page === "string") this.page = data.page.slice(0, 500);
    if (typeof data.referrer === "string") this.referrer = data.referrer.slice(0, 500);
    const open = data.open === true;
    const turned = open !== this.open;
    this.open = open;
    if (first) this.say({ ready: true });
    if (first || turned) this.onOpen(open);
  }

  /** What changed of how the chat stands: {unread, talked}. */
  tell(standing) {
    const text = JSON.stringify(standing);
    if (text === this.told || !this.origin) return;
    this.told = text;
    this.say(standing);
  }

  say(fields) {
    if (this.origin) window.parent.postMessage({ bandeja: "chat", ...fields }, this.origin);
  }

  visit(language) {
    return { language, page: this.page.slice(0, 500), referrer: this.referrer.slice(0, 500) };
  }
}
