// Every word that a visitor reads, in each language; tables must hold the same names (a test compares them).

export const STRINGS = {
  en: {
    subtitle: "We answer right here",
    close: "Close the chat",
    log: "Conversation",
    emptyTitle: "Hello!",
    emptyText: "Tell us what you need. Your conversation stays here if you come back later.",
    older: "Earlier messages are not shown",
    composer: "Your message",
    placeholder: "Write a message",
    send: "Send",
    hint: "Enter sends, Shift + Enter starts a new line",
    left: "{n} characters left",
    below: "New messages",
    you: "You",
    us: "Support",
    typing: "{name} is writing",
    sending: "Sending",
    sent: "Sent",
    read: "Read",
    failed: "Not sent",
    retry: "Try again",
    discard: "Discard",
    ended: "This conversation has ended. Write to begin again.",
    today: "Today",
    yesterday: "Yesterday",
    offline: "No connection. What you write is kept and goes out by itself.",
    offlineWait: "Next try in {n} s",
    tryNow: "Try now",
    slow: "You are writing very fast. Your messages go out in a moment.",
    later: "We can't take messages just now. What you write is kept and goes out by itself.",
    volatile: "This browser keeps nothing for us: if you leave this page, the conversation is lost.",
  },
  es: {
    subtitle: "Te respondemos acá mismo",
    close: "Cerrar el chat",
    log: "Conversación",
    emptyTitle: "¡Hola!",
    emptyText: "Contanos qué necesitás. Tu conversación queda acá si volvés más tarde.",
    older: "No se muestran los mensajes anteriores",
    composer: "Tu mensaje",
    placeholder: "Escribí un mensaje",
    send: "Enviar",
    hint: "Enter envía, Mayús + Enter empieza otra línea",
    left: "quedan {n} caracteres",
    below: "Mensajes nuevos",
    you: "Vos",
    us: "Atención",
    typing: "{name} está escribiendo",
    sending: "Enviando",
    sent: "Enviado",
    read: "Leído",
    failed: "No se envió",
    retry: "Reintentar",
    discard: "Descartar",
    ended: "Esta conversación terminó. Escribí para empezar de nuevo.",
    today: "Hoy",
    yesterday: "Ayer",
    offline: "Sin conexión. Lo que escribas queda guardado y sale solo.",
    offlineWait: "Próximo intento en {n} s",
    tryNow: "Reintentar ahora",
    slow: "Estás escribiendo muy rápido. Tus mensajes salen en un momento.",
    later: "Ahora no podemos recibir mensajes. Lo que escribas queda guardado y sale solo.",
    volatile: "Este navegador no nos deja guardar nada: si salís de esta página, la conversación se pierde.",
  },
};

// Whoever reads one of these reads Spanish more easily than English.
const NEAR_SPANISH = new Set(["gn", "pt", "gl", "ca", "eu", "ast", "ay", "qu"]);

/** The first of the browser's languages that there is a table for; English where there is none. */
export function pickLanguage(languages) {
  for (const tag of languages) {
    const base = tag.toLowerCase().split("-")[0];
    if (base in STRINGS) return base;
    if (NEAR_SPANISH.has(base)) return "es";
  }
  return "en";
}

/** A function from a name and its values to the text in `language`. */
export function translator(language) {
  const table = STRINGS[language];
  return (name, values = {}) => table[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}
