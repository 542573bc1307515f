"""What a customer may write to make a terminal, Textual or a reader do something."""

CLIPBOARD = "\x1b]52;c;aGFja2Vk\x07"
ATTACKS = (
    CLIPBOARD,
    "\x1b]52;c;aGFja2Vk\x1b\\",
    "\x9d52;c;aGFja2Vk\x9c",  # the same in C1
    "\x1b[2J\x1b[31mroto",
    "\x9b31m",
    "\x1bP+q544e\x1b\\",
    "\x1b]8;;http://mal.example\x1b\\clic\x1b]8;;\x1b\\",
    "\x1b]0;titulo\x07",
    "\x1b]777;notify;a;b\x07",
    "\x1b[?1049l\x1bc",
    "\x1b[6n\x05",
    "\u202eral\u2066roda\u200b\u2028",
    "[red]rojo[/red] [/] [@click=app.exit]clic[/]",
    "[link=http://mal.example]clic[/link] {{conversation.id}} %s {0}",
    "a\x08\x7f\x00b\rc",
    "\ud800 \U000e0041",
)
