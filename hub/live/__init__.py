"""The live side: the journal's tail, connections, their windows, presence and timers."""
