// Puts the chat on any site that the channel allows:
//   <script src="https://HUB/chat/CHANNEL/widget.js" async></script>
// A button and a frame in a shadow tree, so that the site's styles and ours don't meet. Nothing is read of the site but
// its address and where the visitor came from. The frame is made when it is first needed.
(() => {
  "use strict";

  const here = document.currentScript;
  const page = here.src.replace(/\/widget\.js([?#].*)?$/, "");
  const origin = new URL(page).origin;
  const slug = page.slice(page.lastIndexOf("/") + 1);
  const mark = `bandeja.chat.${slug}.talked`;
  const PATIENCE = 5000; // ms until a silent frame counts as refused

  const TEXTS = {
    en: {
      open: "Open the chat",
      close: "Close the chat",
      unread: "Open the chat, unread messages: ",
      refused: "The chat can't be shown inside this site.",
      newTab: "Open it in a new tab",
    },
    es: {
      open: "Abrir el chat",
      close: "Cerrar el chat",
      unread: "Abrir el chat, mensajes sin leer: ",
      refused: "El chat no se puede mostrar dentro de este sitio.",
      newTab: "Abrilo en otra pestaña",
    },
  };
  const NEAR_SPANISH = ["gn", "pt", "gl", "ca", "eu", "ast", "ay", "qu"];

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .button, .panel { position: fixed; z-index: 2147483000; right: max(20px, env(safe-area-inset-right)); }
    .button {
      bottom: max(20px, env(safe-area-inset-bottom)); width: 56px; height: 56px; padding: 0; border: 0;
      border-radius: 50%; background: #0b7a6e; color: #fff; cursor: pointer; display: grid; place-items: center;
      box-shadow: 0 4px 16px rgb(0 0 0 / 0.22); transition: background-color 0.15s;
    }
    .button:hover { background: #09665c; }
    .button:focus-visible, a:focus-visible { outline: 3px solid #0b7a6e; outline-offset: 3px; }
    svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round;
      stroke-linecap: round; }
    .badge {
      position: absolute; top: -2px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
      background: #c62828; color: #fff; font: 600 12px/22px system-ui, sans-serif; text-align: center;
      box-shadow: 0 0 0 2px #fff;
    }
    .panel {
      bottom: 88px; width: 384px; height: min(620px, calc(100vh - 112px)); height: min(620px, calc(100dvh - 112px));
      border: 1px solid #d6d2c8; border-radius: 16px; overflow: hidden; background: #fbfaf7; color-scheme: light dark;
      box-shadow: 0 12px 40px rgb(0 0 0 / 0.2);
    }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    .refused { margin: 0; padding: 32px 24px; font: 16px/1.5 system-ui, sans-serif; color: #2c3138; }
    .refused a { color: #0b7a6e; display: inline-block; margin-top: 12px; }
    @media (prefers-color-scheme: dark) {
      .panel { background: #14171c; border-color: #2b313a; }
      .button { background: #56c2b4; color: #0f1115; }
      .button:hover { background: #6fd0c3; }
      .button:focus-visible { outline-color: #56c2b4; }
      .badge { background: #ff6f6f; color: #0f1115; box-shadow: 0 0 0 2px #14171c; }
      .refused { color: #cfd5dd; }
      .refused a { color: #56c2b4; }
    }
    @media (max-width: 480px), (max-height: 420px) {
      .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
      .panel.ready:not([hidden]) ~ .button { display: none; } /* the page has a button of its own */
    }
    @media (prefers-reduced-motion: reduce) { .button { transition: none; } }
    @media (forced-colors: active) { .button { border: 2px solid ButtonText; } }
    @media print { .button, .panel { display: none; } }`;

  function languageOf(languages) {
    for (const tag of languages) {
      const base = tag.toLowerCase().split("-")[0];
      if (base in TEXTS) return base;
      if (NEAR_SPANISH.includes(base)) return "es";
    }
    return "en";
  }

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function drawing(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  /** The site may have blocked its storage: then only the early badge of a returning visitor is missing. */
  function storage() {
    try {
      return window.localStorage;
    } catch {
      return null;
    }
  }

  class Widget {
    constructor() {
      const language = languageOf(navigator.languages);
      this.texts = TEXTS[language];
      this.open = false;
      this.unread = 0;
      this.frame = null;
      this.loaded = false;
      this.ready = false;
      this.host = make("div", { "data-bandeja-chat": slug, lang: language });
      const root = this.host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet(); // a <style> element would need the site's leave in its CSP
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      this.badge = make("span", { class: "badge", "aria-hidden": "true", hidden: "" });
      this.speech = drawing("M4 5.5h16v10H10l-4 3.5v-3.5H4z");
      this.cross = drawing("M6 6l12 12M18 6L6 18");
      this.button = make("button", { type: "button", class: "button", "aria-controls": "panel" });
      this.button.append(this.speech, this.badge);
      this.panel = make("div", { id: "panel", class: "panel", role: "region", "aria-label": "Chat", hidden: "" });
      root.append(this.panel, this.button);
      this.button.addEventListener("click", () => this.toggle(!this.open));
      root.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.open) this.toggle(false);
      });
      addEventListener("message", (event) => this.heard(event));
      window.navigation?.addEventListener("navigatesuccess", () => this.tell()); // sites that change page in place
      this.label();
      document.body.append(this.host);
      if (storage()?.getItem(mark)) this.load();
    }

    load() {
      if (this.frame) return;
      this.frame = make("iframe", { title: "Chat", src: `${page}?embed=1`, referrerpolicy: "no-referrer" });
      this.frame.addEventListener("load", () => {
        this.loaded = true;
        this.tell();
        setTimeout(() => this.ready || this.refused(), PATIENCE);
      });
      this.panel.append(this.frame);
    }

    refused() {
      const link = make("a", { href: page, target: "_blank", rel: "noopener" }, this.texts.newTab);
      this.frame.replaceWith(make("p", { class: "refused", role: "alert" }, this.texts.refused, make("br", {}), link));
    }

    toggle(open) {
      this.open = open;
      this.panel.hidden = !open;
      if (open) {
        this.load();
        this.frame.focus();
      } else {
        this.button.focus();
      }
      this.button.replaceChildren(open ? this.cross : this.speech, this.badge);
      this.label();
      this.tell();
    }

    tell() {
      if (!this.loaded) return;
      const about = { page: location.href.split("#")[0], referrer: document.referrer, open: this.open };
      this.frame.contentWindow?.postMessage({ bandeja: "host", ...about }, origin);
    }

    heard(event) {
      if (event.origin !== origin || !this.frame || event.source !== this.frame.contentWindow) return;
      const { data } = event;
      if (data?.bandeja !== "chat") return;
      if (data.ready) {
        this.ready = true;
        this.panel.classList.add("ready");
      }
      if (data.close && this.open) this.toggle(false);
      if (typeof data.unread === "number") {
        this.unread = data.unread;
        this.label();
      }
      if (data.talked) storage()?.setItem(mark, "1");
    }

    label() {
      const { open, texts, unread } = this;
      this.button.setAttribute("aria-expanded", String(open));
      this.button.setAttribute("aria-label", open ? texts.close : unread ? texts.unread + unread : texts.open);
      this.badge.hidden = open || !unread;
      this.badge.textContent = unread > 9 ? "9+" : String(unread);
    }
  }

  if (document.querySelector(`[data-bandeja-chat="${CSS.escape(slug)}"]`)) return;
  if (document.body) new Widget();
  else addEventListener("DOMContentLoaded", () => new Widget());
})();
