// What people wrote, made fit to be shown: no control characters, and links only to the web.

// Controls but tab and newline, and the marks that reverse or hide what follows.
const UNSHOWABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const WEB_ADDRESS = /https?:\/\/[^\s<>"']+/gi;
const TRAILING = /[.,;:!?)\]}»…]+$/;

export function plain(text) {
  return text.replace(/\r\n?/g, "\n").replace(UNSHOWABLE, "");
}

/** `text` cut into {text} and {text, url}; what is shown of a link is the address that it leads to, as written. */
export function pieces(text) {
  const clean = plain(text);
  const found = [];
  let done = 0;
  for (const match of clean.matchAll(WEB_ADDRESS)) {
    const shown = match[0].replace(TRAILING, "");
    const url = parsed(shown);
    if (!url || url.username || url.password) continue; // https://bank.example@elsewhere misleads: it stays text
    if (match.index > done) found.push({ text: clean.slice(done, match.index) });
    found.push({ text: shown, url: url.href });
    done = match.index + shown.length;
  }
  if (done < clean.length) found.push({ text: clean.slice(done) });
  return found;
}

function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
